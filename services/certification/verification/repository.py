"""SQL of public verification."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import asyncpg


async def find_public(
    connection: asyncpg.Connection, serials: Sequence[str]
) -> asyncpg.Record | None:
    """What a certificate's own page shows, with the decision that ended it and its successor: of the first
    of ``serials`` that is in the register."""
    row: asyncpg.Record | None = await connection.fetchrow(
        """
        SELECT e.certificate_id, e.serial, e.register_number, e.book_label, e.framework, e.level, e.language, e.issued_on,
               e.valid_until, b.institution_code, i.name AS institution_name, b.kind AS book_kind, b.year AS book_year,
               e.holder,
               r.full_name, r.birth_date, s.held_on, before.serial AS supersedes,
               coalesce((SELECT array_agg(a.kind ORDER BY a.seq) FROM register_annex a
                         WHERE a.certificate_id = e.certificate_id), '{}') AS annex_kinds,
               latest.decided_on, next.serial AS superseded_by
        FROM register_entry e
        JOIN register_book b USING (book_id)
        LEFT JOIN institution i USING (institution_code)
        LEFT JOIN exam_result r ON r.result_id = e.result_id
        LEFT JOIN exam_session s USING (session_id)
        LEFT JOIN register_entry before ON before.certificate_id = e.supersedes
        LEFT JOIN LATERAL (
            SELECT a.decided_on FROM register_annex a WHERE a.certificate_id = e.certificate_id
            ORDER BY a.seq DESC LIMIT 1) latest ON true
        LEFT JOIN LATERAL (
            SELECT n.serial FROM register_annex a JOIN register_entry n ON n.certificate_id = a.successor
            WHERE a.certificate_id = e.certificate_id ORDER BY a.seq DESC LIMIT 1) next ON true
        WHERE e.serial = ANY($1::text[])
        ORDER BY array_position($1::text[], e.serial) LIMIT 1
        """,
        list(serials),
    )
    return row


async def take_guess(connection: asyncpg.Connection, counter: str, day: dt.date, most: int) -> bool:
    """Counts one guess of a day; false, and nothing is counted, where ``most`` were taken."""
    taken = await connection.fetchval(
        """
        INSERT INTO question_count AS kept (caller, day, asked) SELECT $1, $2, 1 WHERE $3::int > 0
        ON CONFLICT (caller, day) DO UPDATE SET asked = kept.asked + 1 WHERE kept.asked < $3::int
        RETURNING 1
        """,
        counter,
        day,
        most,
    )
    return taken is not None


async def give_back_guesses(
    connection: asyncpg.Connection, counters: Sequence[str], day: dt.date
) -> None:
    await connection.execute(
        "UPDATE question_count SET asked = asked - 1"
        " WHERE caller = ANY($1::text[]) AND day = $2 AND asked > 0",
        list(counters),
        day,
    )
