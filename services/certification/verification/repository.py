"""SQL of public verification."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import asyncpg

from services.certification.registry.did_you_mean import Guess, is_meant
from services.certification.registry.written_keys import folded
from services.certification.verification.rows import PublicCertificate


async def find_public(
    connection: asyncpg.Connection, serials: Sequence[str]
) -> list[PublicCertificate]:
    """What a certificate's own page shows, with the decision that ended it and its successor. Several only
    where lines collide that were entered before serials were compared as they are today."""
    rows = await connection.fetch(
        """
        SELECT e.certificate_id, e.serial, e.register_number, e.book_label, e.framework, e.level, e.language,
               e.issued_on, e.valid_until, b.institution_code, i.name AS institution_name, b.kind AS book_kind,
               b.year AS book_year, e.holder AS stored_holder, r.full_name, r.birth_date, s.held_on,
               before.serial AS supersedes,
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
        WHERE e.serial_key = ANY($1::text[]) ORDER BY e.serial_key, e.serial_rank
        """,
        [folded(serial) for serial in serials],
    )
    return [PublicCertificate(*row) for row in rows]


async def serials_like(
    connection: asyncpg.Connection, form: str, guesses: Sequence[Guess]
) -> list[str]:
    """At most two serials of institutions' own that have this form, and those of the system's form that are
    one of ``guesses``."""
    rows = await connection.fetch(
        "SELECT serial FROM register_entry WHERE search_form = $1 ORDER BY serial LIMIT 2", form
    )
    found = [row[0] for row in rows]
    if guesses:
        for row in await connection.fetch(
            """
            SELECT n, b.institution_code, e.serial
            FROM unnest($1::smallint[], $2::int[]) WITH ORDINALITY AS guess (year, line, n)
            JOIN register_book b USING (year)
            JOIN register_entry e ON e.book_id = b.book_id AND e.line = guess.line AND NOT e.own_number
            """,
            [guess.year for guess in guesses],
            [guess.line for guess in guesses],
        ):
            if is_meant(guesses[row[0] - 1], row[1], row[2]):
                found.append(row[2])
    return found


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
