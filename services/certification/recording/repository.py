"""SQL of exam sessions and results."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

import asyncpg

from services.certification.recording.announcements import (
    ISSUED,
    RECORDED,
)
from services.certification.recording.drafting import Draft
from services.certification.recording.rows import (
    DraftRow,
    RequestRow,
    ResultRow,
    SessionKey,
    SessionRow,
)
from services.certification.registry.rows import EntryRow
from services.certification.registry.written_keys import folded
from shared.idempotency.answers import KEPT_FOR
from shared.persistence.audit import AUDIT, AuditRow
from shared.persistence.outbox import OutboxRow, event_arrays, insert_events


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
    columns = list(zip(*rows, strict=True))
    added = await connection.fetch(
        f"""
        INSERT INTO exam_result ({", ".join(ResultRow._fields)})
        SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::bytea[], $6::bytea[],
            $7::text[], $8::text[], $9::text[], $10::text[], $11::date[], $12::text[], $13::text[],
            $14::text[], $15::smallint[], $16::smallint[], $17::smallint[], $18::smallint[],
            $19::smallint[], $20::smallint[], $21::text[], $22::timestamptz[])
        ON CONFLICT DO NOTHING
        RETURNING result_id
        """,
        *columns,
    )
    return {row[0] for row in added}


async def copy_results(connection: asyncpg.Connection, rows: Sequence[ResultRow]) -> bool:
    """Adds all of them by COPY, or none: false where one is known already. ``rows`` sorted as above."""
    try:
        async with connection.transaction():
            await connection.copy_records_to_table(
                "exam_result", records=rows, columns=ResultRow._fields
            )
    except asyncpg.UniqueViolationError:
        return False
    return True


RESULTS_READ = """
    SELECT r.result_id, r.session_id, r.candidate_number, r.person_key, r.birth_check, r.identity_type,
           r.identity_country, r.identity_number, r.full_name, r.birth_date, r.attendance, r.format,
           r.language, r.listening, r.reading, r.writing, r.speaking, r.overall, r.level, r.rule,
           r.recorded_at, s.institution_code, s.code AS session_code, s.held_on, s.framework,
           s.issuance, s.status AS session_status, r.number_key, r.number_rank
    FROM exam_result r JOIN exam_session s USING (session_id)
"""


async def find_results_by_keys(
    connection: asyncpg.Connection,
    sessions: Sequence[int],
    numbers: Sequence[str],
    person_keys: Sequence[bytes],
) -> list[asyncpg.Record]:
    """Results that hold one of the candidate numbers, as they are compared, or one of the persons, each in
    its session; of old lines whose numbers are alike the oldest first."""
    rows: list[asyncpg.Record] = await connection.fetch(
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
        {RESULTS_READ} JOIN hit USING (result_id) ORDER BY r.session_id, r.number_rank
        """,
        sessions,
        numbers,
        person_keys,
    )
    return rows


# r is found by the index's own expression. By the two columns, a plan made while the table is empty would
# take another index that begins with the session, and read every line of the session for every sheet.
# A new sheet has no result of its own: IS NOT FALSE admits it, and keeps the key of results from being read.
SAT_TWICE = """
    SELECT g.place::int - 1
    FROM unnest($1::text[], $2::text[], $3::date[], $4::text[], $5::text[], $6::text[], $7::bytea[])
        WITH ORDINALITY
        AS g (institution, code_key, birth_date, name, capitals, titled, person_key, place)
    JOIN exam_session s ON s.institution_code = g.institution AND s.code_key = g.code_key
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


async def sat_twice(
    connection: asyncpg.Connection,
    keys: Sequence[tuple[str, str, dt.date, tuple[str, str, str], bytes]],
) -> set[int]:
    """Places of those (institution, session, birth date, spellings of the name, person) whose name and birth
    date an earlier result of the session has under another identity."""
    records = await connection.fetch(
        SAT_TWICE,
        [each[0] for each in keys],
        [folded(each[1]) for each in keys],
        [each[2] for each in keys],
        [each[3][0] for each in keys],
        [each[3][1] for each in keys],
        [each[3][2] for each in keys],
        [each[4] for each in keys],
    )
    return {record[0] for record in records}


async def bound_waiting(connection: asyncpg.Connection) -> None:
    """No statement of this connection waits longer than five seconds for a lock."""
    await connection.execute("SET lock_timeout = '5s'")


async def close_batch(
    connection: asyncpg.Connection,
    answers: Sequence[tuple[bytes, bytes, int, str, str]],
    audit: Sequence[AuditRow],
    events: Sequence[OutboxRow],
    now: dt.datetime,
) -> int:
    """The last statement of a batch: stores (scope, fingerprint, status, media type, body) of finished
    requests, audit lines and events, in one round trip. Returns how many of the keys were free; a key
    that another transaction holds is waited for. Positions in ``outbox`` follow the order of events."""
    ordered = sorted(answers)
    kept: int = await connection.fetchval(
        f"""
        WITH lines AS ({AUDIT.insert_given(first=8)}),
        events AS ({insert_events(first=15)}),
        keys AS (
            INSERT INTO idempotency AS kept
                (scope, fingerprint, status, media_type, body, created_at)
            SELECT scope, fingerprint, status, media_type, body, $6
            FROM unnest($1::bytea[], $2::bytea[], $3::smallint[], $4::text[], $5::text[])
                 AS given (scope, fingerprint, status, media_type, body)
            ON CONFLICT (scope) DO UPDATE
                SET fingerprint = excluded.fingerprint, status = excluded.status,
                    media_type = excluded.media_type, body = excluded.body,
                    created_at = excluded.created_at
                WHERE kept.created_at < $6::timestamptz - $7::interval
            RETURNING 1)
        SELECT count(*) FROM keys
        """,
        [each[0] for each in ordered],
        [each[1] for each in ordered],
        [each[2] for each in ordered],
        [each[3] for each in ordered],
        [each[4] for each in ordered],
        now,
        KEPT_FOR,
        *AUDIT.arrays(audit),
        *event_arrays(events),
    )
    return kept


_GIVEN_COLUMNS: Final = {
    "result_id": "uuid",
    "session_id": "int",
    "candidate_key": "text",
    "candidate_number": "text",
    "person_key": "bytea",
    "birth_check": "bytea",
    "identity_type": "text",
    "identity_country": "text",
    "identity_number": "text",
    "full_name": "text",
    "birth_date": "date",
    "attendance": "text",
    "format": "text",
    "language": "text",
    "listening": "smallint",
    "reading": "smallint",
    "writing": "smallint",
    "speaking": "smallint",
    "overall": "smallint",
    "level": "smallint",
    "rule": "text",
    "book_id": "int",
    "line": "int",
    "register_number": "text",
    "number_key": "text",
    "serial": "text",
    "serial_key": "text",
    "search_form": "text",
    "book_label": "text",
    "own_number": "bool",
    "late_entry": "bool",
    "framework": "text",
    "issued_on": "date",
    "decision_number": "text",
    "decided_on": "date",
    "event_id": "uuid",
    "event": "text",
    "institution_code": "text",
    "caller": "text",
    "role": "text",
    "correlation_id": "text",
    "scope": "bytea",
    "fingerprint": "bytea",
    "answer": "text",
}
"""Of a result, of its line in a register book, of its event, and of the request."""

_GIVEN: Final = (
    "unnest("
    + ", ".join(f"${n}::{kind}[]" for n, kind in enumerate(_GIVEN_COLUMNS.values(), 10))
    + f") AS given ({', '.join(_GIVEN_COLUMNS)})"
)

# The CASE makes the order: sheets, keys, events and trail go in before the books are locked, so that a book
# is held for little more than the commit; its lines only once they are known to be free. A division by zero
# undoes the statement.
_ADD_DRAFT: Final = f"""
    WITH given AS MATERIALIZED (SELECT * FROM {_GIVEN}),
    results AS (
        INSERT INTO exam_result ({", ".join(ResultRow._fields)})
        SELECT result_id, session_id, candidate_key, candidate_number, person_key, birth_check, identity_type,
               identity_country, identity_number, full_name, birth_date, attendance, format, language,
               listening, reading, writing, speaking, overall, level, rule, $1::timestamptz
        FROM given
        ON CONFLICT DO NOTHING RETURNING 1),
    keys AS (
        INSERT INTO idempotency (scope, fingerprint, status, media_type, body, created_at)
        SELECT scope, fingerprint, 201, $2::text, answer, $1::timestamptz
        FROM given WHERE scope IS NOT NULL ORDER BY scope
        ON CONFLICT DO NOTHING RETURNING 1),
    lines AS (
        INSERT INTO register_entry ({", ".join(EntryRow._fields)})
        SELECT result_id, book_id, line, register_number, number_key, serial, serial_key, search_form,
               book_label, own_number, late_entry, result_id, 1, framework, level, language, issued_on, NULL,
               NULL, NULL, decision_number, decided_on, NULL, $1::timestamptz
        FROM given WHERE line IS NOT NULL
        RETURNING 1),
    events AS (
        INSERT INTO outbox (event_id, type, subject, occurred_at, data, audience)
        SELECT event_id, CASE WHEN line IS NULL THEN $3::text ELSE $4::text END,
               coalesce(serial, result_id::text), $1::timestamptz, event,
               ARRAY['institution:' || institution_code]
        FROM given
        RETURNING 1),
    trail AS (
        INSERT INTO audit (at, caller, role, action, subject, correlation_id)
        SELECT $1::timestamptz, caller, role, $5::text, result_id::text, correlation_id FROM given
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
        WHEN (SELECT count(*) FROM lines) <> (SELECT count(line) FROM given) THEN 0
        ELSE 1 END
"""


_NO_LINE: Final = (None,) * 14


def _given(row: DraftRow, request: RequestRow) -> tuple[Any, ...]:
    """The columns above. When a row was recorded is the same for all and given once."""
    entry = row.entry
    line: tuple[Any, ...] = _NO_LINE
    if entry is not None:
        line = (
            *entry[1:11],  # book_id to late_entry
            *(entry.framework, entry.issued_on, entry.decision_number, entry.decided_on),
        )
    return (*row.result[:-1], *line, row.event_id, row.event, row.institution_code, *request)


async def add_draft(
    connection: asyncpg.Connection,
    draft: Draft,
    requests: Sequence[RequestRow],
    now: dt.datetime,
) -> None:
    """One statement and, outside a transaction, its commit. Raises ``asyncpg.DivisionByZeroError``, or the
    broken constraint, and has then written nothing, where anything was not as drafted."""
    rows = [_given(row, request) for row, request in zip(draft.rows, requests, strict=True)]
    rows.sort(key=itemgetter(1, 2))  # session and number
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
        *zip(*rows, strict=True),
    )
