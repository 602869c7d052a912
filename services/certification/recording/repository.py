"""SQL of exam sessions and results."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

import asyncpg

from services.certification.recording.announcements import (
    ISSUED,
    RECORDED,
)
from services.certification.recording.drafting import Draft
from services.certification.recording.models import ExamResult
from services.certification.recording.rows import (
    AnswerRow,
    DraftRow,
    NamesakeKey,
    RequestRow,
    ResultRow,
    SessionKey,
    SessionRow,
    StoredResult,
)
from services.certification.registry.models import RegisterEntry
from services.certification.registry.rows import EntryRow
from services.certification.registry.written_keys import folded
from shared.idempotency.answers import KEPT_FOR
from shared.persistence.audit import AUDIT, AuditRow
from shared.persistence.outbox import OutboxRow, event_arrays, insert_events
from shared.persistence.rows import Columns, columns_of

_RESULT: Final = columns_of(ExamResult, ResultRow)
_ENTRY: Final = columns_of(RegisterEntry, EntryRow)
_ANSWER: Final = Columns(
    "idempotency", AnswerRow._fields, ("bytea", "bytea", "smallint", "text", "text")
)
_NAMESAKE: Final = Columns(
    "given", NamesakeKey._fields, ("text", "text", "date", "text", "text", "text", "bytea")
)


async def find_sessions(
    connection: asyncpg.Connection, keys: Sequence[SessionKey]
) -> dict[SessionKey, SessionRow]:
    """By the codes as given. Of old sessions whose codes are alike, the one that is written just so, else
    the oldest."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT ON (key.institution_code, key.code)
               key.institution_code, key.code, s.session_id, s.code, s.held_on, s.framework, s.issuance,
               s.status
        FROM unnest($1::text[], $2::text[], $3::text[]) AS key (institution_code, code, code_key)
        JOIN exam_session s ON s.institution_code = key.institution_code AND s.code_key = key.code_key
        ORDER BY key.institution_code, key.code, s.code = key.code DESC, s.code_rank
        """,
        [key.institution_code for key in keys],
        [key.code for key in keys],
        [folded(key.code) for key in keys],
    )
    return {SessionKey(row[0], row[1]): SessionRow(*tuple(row)[2:]) for row in rows}


async def add_posted_sessions(
    connection: asyncpg.Connection, sessions: Sequence[tuple[SessionKey, dt.date, str]]
) -> None:
    """Sessions that nobody announced, by (key, day, framework). Those that are there stay as they are."""
    ordered = sorted(sessions)
    await connection.execute(
        """
        INSERT INTO exam_session
            (institution_code, code, code_key, held_on, framework, issuance, status, version)
        SELECT institution_code, code, code_key, held_on, framework, 'on_posting', 'open', 1
        FROM unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::text[])
             AS given (institution_code, code, code_key, held_on, framework)
        ON CONFLICT DO NOTHING
        """,
        [key.institution_code for key, _, _ in ordered],
        [key.code for key, _, _ in ordered],
        [folded(key.code) for key, _, _ in ordered],
        [held_on for _, held_on, _ in ordered],
        [framework for _, _, framework in ordered],
    )


async def add_results(connection: asyncpg.Connection, rows: Sequence[ResultRow]) -> set[UUID]:
    """Adds those whose number and person are free in their session; returns their ids. ``rows`` come
    sorted by session and number, so that concurrent batches wait for each other in one order."""
    added = await connection.fetch(
        f"{_RESULT.insert_given()} ON CONFLICT DO NOTHING RETURNING result_id",
        *_RESULT.arrays(rows),
    )
    return {row[0] for row in added}


async def copy_results(connection: asyncpg.Connection, rows: Sequence[ResultRow]) -> bool:
    """Adds all of them by COPY, or none: false where one is known already. ``rows`` sorted as above."""
    return await _RESULT.copied(connection, rows)


_READ_OF_RESULT: Final = columns_of(ExamResult).only(
    *(name for name in StoredResult._fields if name in ExamResult.model_fields)
)
STORED_RESULT: Final = f"""
    SELECT {_READ_OF_RESULT.of("r")}, s.institution_code, s.code AS session_code, s.held_on, s.framework,
           s.issuance, s.status AS session_status
    FROM exam_result r JOIN exam_session s USING (session_id)
"""
"""The columns of :class:`StoredResult`."""


async def find_results_by_keys(
    connection: asyncpg.Connection,
    sessions: Sequence[int],
    numbers: Sequence[str],
    person_keys: Sequence[bytes],
) -> list[StoredResult]:
    """Results that hold one of the candidate numbers, as they are compared, or one of the persons, each in
    its session; of old lines whose numbers are alike the oldest first."""
    rows = await connection.fetch(
        f"""
        WITH given AS (
            SELECT * FROM unnest($1::int[], $2::text[], $3::bytea[])
                AS key (session_id, number_key, person_key)),
        hit AS (
            SELECT r.result_id FROM given g JOIN exam_result r
                ON r.session_id = g.session_id AND r.number_key = g.number_key
            UNION
            SELECT r.result_id FROM given g JOIN exam_result r
                ON r.session_id = g.session_id AND r.person_key = g.person_key)
        {STORED_RESULT} JOIN hit USING (result_id) ORDER BY r.session_id, r.number_rank
        """,
        sessions,
        numbers,
        person_keys,
    )
    return [StoredResult(*row) for row in rows]


# r is found by the index's own expression. By the two columns, a plan made while the table is empty would
# take another index that begins with the session, and read every line of the session for every sheet.
# A new sheet has no result of its own: IS NOT FALSE admits it, and keeps the key of results from being read.
NAMESAKES: Final = f"""
    SELECT g.place::int - 1
    FROM {_NAMESAKE.unnested()} WITH ORDINALITY AS g ({_NAMESAKE.listed}, place)
    JOIN exam_session s ON s.institution_code = g.institution_code AND s.code_key = g.code_key
    WHERE EXISTS (
        SELECT FROM exam_result r
        WHERE r.session_id::bigint * 4000000 + (r.birth_date - DATE '0001-01-01')
            = s.session_id::bigint * 4000000 + (g.birth_date - DATE '0001-01-01')
          AND r.person_key <> g.person_key
          AND r.full_name IN (g.name, g.capitals, g.titled)
          AND (r.result_id < (
            SELECT own.result_id FROM exam_result own
            WHERE own.session_id = s.session_id AND own.person_key = g.person_key)) IS NOT FALSE)
"""


async def namesakes_of(connection: asyncpg.Connection, keys: Sequence[NamesakeKey]) -> set[int]:
    """Places of those whose name and birth date an earlier result of the session has under another
    identity."""
    records = await connection.fetch(NAMESAKES, *_NAMESAKE.arrays(keys))
    return {record[0] for record in records}


async def bound_waiting(connection: asyncpg.Connection) -> None:
    """No statement of this connection waits longer than five seconds for a lock."""
    await connection.execute("SET lock_timeout = '5s'")


async def close_batch(
    connection: asyncpg.Connection,
    answers: Sequence[AnswerRow],
    audit: Sequence[AuditRow],
    events: Sequence[OutboxRow],
    now: dt.datetime,
) -> int:
    """The last statement of a batch: stores answers, audit lines and events in one round trip. Returns how
    many of the keys were free; a key that another transaction holds is waited for. Positions in ``outbox``
    follow the order of events."""
    kept: int = await connection.fetchval(
        f"""
        WITH lines AS ({AUDIT.insert_given(first=8)}),
        events AS ({insert_events(first=15)}),
        keys AS (
            INSERT INTO idempotency AS kept ({_ANSWER.listed}, created_at)
            SELECT {_ANSWER.listed}, $6 FROM {_ANSWER.given()}
            ON CONFLICT (scope) DO UPDATE
                SET {_ANSWER.without("scope").set_from()}, created_at = excluded.created_at
                WHERE kept.created_at < $6::timestamptz - $7::interval
            RETURNING 1)
        SELECT count(*) FROM keys
        """,
        *_ANSWER.arrays(sorted(answers)),
        now,
        KEPT_FOR,
        *AUDIT.arrays(audit),
        *event_arrays(events),
    )
    return kept


# What is drafted of each sheet: its result, its line in a register book if it has one, its event, its request.
_OF_RESULT: Final = _RESULT.without("recorded_at")
_OF_LINE: Final = _ENTRY.only(
    *("book_id", "line", "register_number", "number_key", "serial", "serial_key", "search_form"),
    *("book_label", "own_number", "late_entry", "framework", "issued_on"),
    *("decision_number", "decided_on"),
)
_OF_REQUEST: Final = Columns(
    "given", RequestRow._fields, ("text", "text", "text", "bytea", "bytea", "text")
)
_GIVEN: Final = Columns(
    "given",
    (
        *(f"result_{name}" for name in _OF_RESULT.names),
        *(f"line_{name}" for name in _OF_LINE.names),
        *("event_id", "event", "reader"),
        *_OF_REQUEST.names,
    ),
    (*_OF_RESULT.casts, *_OF_LINE.casts, "uuid", "text", "text", *_OF_REQUEST.casts),
)
_RESULT_OF: Final = attrgetter(*_OF_RESULT.names)
_LINE_OF: Final = attrgetter(*_OF_LINE.names)
_NO_LINE: Final = (None,) * len(_OF_LINE.names)

# The CASE makes the order. Results, keys, events and trail go in before the books are locked, so that a book is
# held for little more than the commit. Lines go in once they are known to be free. A division by zero undoes the
# statement.
_ADD_DRAFT: Final = f"""
    WITH given AS MATERIALIZED (SELECT {_GIVEN.listed} FROM {_GIVEN.given(first=10)}),
    results AS (
        INSERT INTO exam_result ({_OF_RESULT.listed}, recorded_at)
        SELECT {", ".join(f"result_{name}" for name in _OF_RESULT.names)}, $1::timestamptz
        FROM given
        ON CONFLICT DO NOTHING RETURNING 1),
    keys AS (
        INSERT INTO idempotency (scope, fingerprint, status, media_type, body, created_at)
        SELECT scope, fingerprint, 201, $2::text, answer, $1::timestamptz
        FROM given WHERE scope IS NOT NULL ORDER BY scope
        ON CONFLICT DO NOTHING RETURNING 1),
    lines AS (
        INSERT INTO register_entry
            ({_OF_LINE.listed}, certificate_id, result_id, result_version, level, language, recorded_at)
        SELECT {", ".join(f"line_{name}" for name in _OF_LINE.names)}, result_result_id, result_result_id, 1,
               result_level, result_language, $1::timestamptz
        FROM given WHERE line_line IS NOT NULL
        RETURNING 1),
    events AS (
        INSERT INTO outbox (event_id, type, subject, occurred_at, data, audience)
        SELECT event_id, CASE WHEN line_line IS NULL THEN $3::text ELSE $4::text END,
               coalesce(line_serial, result_result_id::text), $1::timestamptz, event,
               ARRAY[reader]
        FROM given
        RETURNING 1),
    trail AS (
        INSERT INTO audit (at, caller, role, action, subject, correlation_id)
        SELECT $1::timestamptz, caller, role, $5::text, result_result_id::text, correlation_id FROM given
        RETURNING 1),
    expected AS (
        SELECT * FROM unnest($6::int[], $7::int[], $8::int[], $9::date[])
            AS book (book_id, above, lines, last_day)),
    books AS (
        UPDATE register_book b
        SET last_line = b.last_line + e.lines, previous_issued_on = b.last_issued_on,
            last_issued_on = e.last_day
        FROM expected e WHERE b.book_id = e.book_id
        RETURNING b.last_line = e.above + e.lines AS as_drafted)
    SELECT 1 / CASE
        WHEN (SELECT count(*) FROM results) <> (SELECT count(*) FROM given) THEN 0
        WHEN (SELECT count(*) FROM keys) <> (SELECT count(scope) FROM given) THEN 0
        WHEN (SELECT count(*) FROM events) <> (SELECT count(*) FROM trail) THEN 0
        WHEN (SELECT count(*) FILTER (WHERE as_drafted) FROM books)
          <> (SELECT count(*) FROM expected) THEN 0
        WHEN (SELECT count(*) FROM lines) <> (SELECT count(line_line) FROM given) THEN 0
        ELSE 1 END
"""


def _given(row: DraftRow, request: RequestRow) -> tuple[Any, ...]:
    """The columns of ``_GIVEN``."""
    return (
        *_RESULT_OF(row.result),
        *(_NO_LINE if row.entry is None else _LINE_OF(row.entry)),
        row.event_id,
        row.event,
        row.reader,
        *request,
    )


async def add_draft(
    connection: asyncpg.Connection,
    draft: Draft,
    requests: Sequence[RequestRow],
    now: dt.datetime,
) -> None:
    """One statement and, outside a transaction, its commit. Where anything was not as drafted, nothing is
    written, and ``asyncpg.DivisionByZeroError`` or the broken constraint is raised."""
    drafted = sorted(zip(draft.rows, requests, strict=True), key=_session_and_number)
    books = sorted(draft.before)
    await connection.fetchval(
        _ADD_DRAFT,
        now,
        "application/json",
        RECORDED,
        ISSUED,
        "result.record",
        books,
        [draft.before[book].line for book in books],
        [draft.after[book].line - draft.before[book].line for book in books],
        [draft.after[book].issued_on for book in books],
        *_GIVEN.arrays(_given(row, request) for row, request in drafted),
    )


def _session_and_number(drafted: tuple[DraftRow, RequestRow]) -> tuple[int, str]:
    result = drafted[0].result
    return result.session_id, result.number_key
