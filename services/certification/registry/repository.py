"""SQL of the register books."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import asyncpg

from services.certification.registry.models import RegisterAnnex, RegisterBook, RegisterEntry
from services.certification.registry.rows import (
    AnnexRow,
    Book,
    BookKey,
    BookRow,
    Certificate,
    CollidingRow,
    EntryRow,
    HolderRow,
    Numbering,
    TakenLines,
)
from services.certification.registry.written_keys import folded
from shared.persistence.rows import WORTH_A_COPY, columns_of

_BOOK: Final = columns_of(RegisterBook, Book)
_ENTRY: Final = columns_of(RegisterEntry, EntryRow)
_ANNEX: Final = columns_of(RegisterAnnex, AnnexRow)


async def find_books(
    connection: asyncpg.Connection, keys: Sequence[BookKey]
) -> dict[BookKey, BookRow]:
    rows = await connection.fetch(
        """
        SELECT b.institution_code, b.kind, b.year, b.book_id, b.numbering
        FROM unnest($1::text[], $2::text[], $3::smallint[]) AS key (institution_code, kind, year)
        JOIN register_book b USING (institution_code, kind, year)
        """,
        *(list(column) for column in zip(*keys, strict=True)),
    )
    return {BookKey(row[0], row[1], row[2]): BookRow(row[3], row[4]) for row in rows}


async def open_books(
    connection: asyncpg.Connection, books: Sequence[tuple[BookKey, Numbering]]
) -> None:
    """Opens books that are not there, by (key, numbering)."""
    ordered = sorted(books)
    await connection.execute(
        """
        INSERT INTO register_book (institution_code, kind, year, numbering, last_line)
        SELECT institution_code, kind, year, numbering, 0
        FROM unnest($1::text[], $2::text[], $3::smallint[], $4::text[])
             AS given (institution_code, kind, year, numbering)
        ON CONFLICT DO NOTHING
        """,
        [key.institution_code for key, _ in ordered],
        [key.kind for key, _ in ordered],
        [key.year for key, _ in ordered],
        [numbering for _, numbering in ordered],
    )


async def take_lines(
    connection: asyncpg.Connection, wanted: Sequence[tuple[int, int, dt.date]]
) -> dict[int, TakenLines]:
    """Takes lines of books, given as (book, how many, day of the last of them). Books are locked in the
    order of their ids. Lines are gapless because the counter moves back when the transaction does."""
    ordered = sorted(wanted)
    rows = await connection.fetch(
        """
        WITH given AS (
            SELECT * FROM unnest($1::int[], $2::int[], $3::date[]) AS w (book_id, lines, last_day)),
        locked AS MATERIALIZED (
            SELECT b.book_id, given.lines, given.last_day
            FROM given JOIN register_book b USING (book_id) ORDER BY b.book_id FOR UPDATE OF b)
        UPDATE register_book b
        SET last_line = b.last_line + locked.lines,
            previous_issued_on = b.last_issued_on,
            last_issued_on = locked.last_day
        FROM locked WHERE b.book_id = locked.book_id
        RETURNING b.book_id, b.last_line, b.previous_issued_on
        """,
        [book for book, _, _ in ordered],
        [lines for _, lines, _ in ordered],
        [day for _, _, day in ordered],
    )
    return {row[0]: TakenLines(row[1], row[2]) for row in rows}


async def highest_line(connection: asyncpg.Connection, book: int) -> int:
    """Of the entries that the transaction sees; zero of a book without any."""
    found = await connection.fetchval(
        "SELECT max(line) FROM register_entry WHERE book_id = $1", book
    )
    return found or 0


async def add_entries(connection: asyncpg.Connection, rows: Sequence[EntryRow]) -> None:
    """Raises ``asyncpg.UniqueViolationError`` for a serial or a number that is taken."""
    if len(rows) >= WORTH_A_COPY:
        await _ENTRY.copy(connection, rows)
    else:
        await connection.execute(_ENTRY.insert_given(), *_ENTRY.arrays(rows))


async def add_annex(connection: asyncpg.Connection, row: AnnexRow) -> None:
    """Raises ``asyncpg.UniqueViolationError`` when the seq is taken."""
    await connection.execute(_ANNEX.insert_one(), *row)


_OWN_OF_CERTIFICATE: Final = columns_of(RegisterEntry).only(
    *(name for name in Certificate._fields if name in RegisterEntry.model_fields)
)
_CERTIFICATE: Final = f"""
    SELECT {_OWN_OF_CERTIFICATE.of("e")}, b.institution_code, b.kind AS book_kind, b.year AS book_year,
           coalesce((SELECT array_agg(a.kind ORDER BY a.seq) FROM register_annex a
                     WHERE a.certificate_id = e.certificate_id), '{{}}') AS annex_kinds
    FROM register_entry e JOIN register_book b USING (book_id)
"""


async def find_certificates(
    connection: asyncpg.Connection, certificate_ids: Sequence[UUID]
) -> dict[UUID, Certificate]:
    rows = await connection.fetch(
        f"{_CERTIFICATE} WHERE e.certificate_id = ANY($1::uuid[])", list(certificate_ids)
    )
    return {row["certificate_id"]: Certificate(*row) for row in rows}


async def lock_serial(connection: asyncpg.Connection, serial: str) -> None:
    """Keeps other decisions about certificates of this serial out until the transaction ends."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", folded(serial)
    )


async def find_by_serial(connection: asyncpg.Connection, serial: str) -> list[Certificate]:
    """One, unless lines collide that were entered before serials were compared as they are today."""
    rows = await connection.fetch(
        f"{_CERTIFICATE} WHERE e.serial_key = $1 ORDER BY e.serial_rank", folded(serial)
    )
    return [Certificate(*row) for row in rows]


async def serials_of(
    connection: asyncpg.Connection, certificate_ids: Sequence[UUID]
) -> dict[UUID, str]:
    rows = await connection.fetch(
        "SELECT certificate_id, serial FROM register_entry WHERE certificate_id = ANY($1::uuid[])",
        list(certificate_ids),
    )
    return {row[0]: row[1] for row in rows}


async def list_certificates(
    connection: asyncpg.Connection,
    *,
    institution: str | None,
    year: int | None,
    after: tuple[int, int] | None,
    limit: int,
) -> list[Certificate]:
    """In the order of the books and of their lines."""
    rows = await connection.fetch(
        f"""
        {_CERTIFICATE}
        WHERE ($1::text IS NULL OR b.institution_code = $1)
          AND ($2::int IS NULL OR b.year = $2)
          AND ($3::int IS NULL OR (e.book_id, e.line) > ($3, $4::int))
        ORDER BY e.book_id, e.line LIMIT $5
        """,
        institution,
        year,
        after[0] if after else None,
        after[1] if after else None,
        limit,
    )
    return [Certificate(*row) for row in rows]


async def find_book(
    connection: asyncpg.Connection, key: BookKey, *, lock: bool = False
) -> Book | None:
    suffix = " FOR UPDATE" if lock else ""
    row = await connection.fetchrow(
        f"SELECT {_BOOK.listed} FROM register_book"
        f" WHERE institution_code = $1 AND kind = $2 AND year = $3{suffix}",
        *key,
    )
    return None if row is None else Book(*row)


async def set_numbering(connection: asyncpg.Connection, book_id: int, numbering: Numbering) -> None:
    await connection.execute(
        "UPDATE register_book SET numbering = $2 WHERE book_id = $1", book_id, numbering
    )


async def list_books(
    connection: asyncpg.Connection, institution: str | None, after: int | None, limit: int
) -> list[Book]:
    rows = await connection.fetch(
        f"""
        SELECT {_BOOK.listed} FROM register_book
        WHERE ($1::text IS NULL OR institution_code = $1) AND ($2::int IS NULL OR book_id > $2)
        ORDER BY book_id LIMIT $3
        """,
        institution,
        after,
        limit,
    )
    return [Book(*row) for row in rows]


async def own_numbers(connection: asyncpg.Connection, book_id: int) -> list[str]:
    rows = await connection.fetch(
        "SELECT register_number FROM register_entry WHERE book_id = $1 AND own_number", book_id
    )
    return [row[0] for row in rows]


async def annexes_of(
    connection: asyncpg.Connection, certificate_ids: Sequence[UUID]
) -> dict[UUID, list[AnnexRow]]:
    """The annex of each certificate, oldest first; one without an annex is missing."""
    found: dict[UUID, list[AnnexRow]] = {}
    for record in await connection.fetch(
        f"SELECT {_ANNEX.listed} FROM register_annex WHERE certificate_id = ANY($1::uuid[])"
        " ORDER BY certificate_id, seq",
        list(certificate_ids),
    ):
        row = AnnexRow(*record)
        found.setdefault(row.certificate_id, []).append(row)
    return found


async def holders_of(
    connection: asyncpg.Connection, result_ids: Sequence[UUID]
) -> dict[UUID, HolderRow]:
    """By the results that earned certificates."""
    rows = await connection.fetch(
        """
        SELECT r.result_id, r.person_key, r.full_name, r.birth_date, r.identity_type,
               r.identity_number, s.code AS session_code, s.held_on
        FROM exam_result r JOIN exam_session s USING (session_id)
        WHERE r.result_id = ANY($1::uuid[])
        """,
        list(result_ids),
    )
    return {row["result_id"]: HolderRow(*row) for row in rows}


_COLLISIONS: Final = """
    SELECT 'serial' AS kind, e.serial_key AS key, b.institution_code, e.serial AS written,
           e.certificate_id, NULL::uuid AS result_id, e.serial, e.register_number, e.book_label,
           b.kind AS book_kind, b.year AS book_year, NULL::text AS session_code, e.serial_rank AS rank
    FROM register_entry e JOIN register_book b USING (book_id)
    WHERE e.serial_key IN (SELECT serial_key FROM register_entry WHERE serial_rank > 0)
    UNION ALL
    SELECT 'register_number', concat(b.institution_code, ' ', b.kind, ' ', b.year, ' ', e.number_key),
           b.institution_code, e.register_number, e.certificate_id, NULL, e.serial, e.register_number,
           e.book_label, b.kind, b.year, NULL, e.number_rank
    FROM register_entry e JOIN register_book b USING (book_id)
    WHERE e.own_number AND (e.book_id, e.number_key) IN (
        SELECT book_id, number_key FROM register_entry WHERE own_number AND number_rank > 0)
    UNION ALL
    SELECT 'exam_session', concat(s.institution_code, ' ', s.code_key), s.institution_code, s.code, NULL, NULL,
           NULL, NULL, NULL, NULL, NULL, s.code, s.code_rank
    FROM exam_session s
    WHERE (s.institution_code, s.code_key) IN (
        SELECT institution_code, code_key FROM exam_session WHERE code_rank > 0)
    UNION ALL
    SELECT 'candidate_number', concat(s.institution_code, ' ', s.code_key, ' ', r.number_key),
           s.institution_code, r.candidate_number, NULL, r.result_id, NULL, NULL, NULL, NULL, NULL, s.code,
           r.number_rank
    FROM exam_result r JOIN exam_session s USING (session_id)
    WHERE (r.session_id, r.number_key) IN (
        SELECT session_id, number_key FROM exam_result WHERE number_rank > 0)
"""


async def collisions(
    connection: asyncpg.Connection, institution: str | None, limit: int
) -> list[CollidingRow]:
    """Lines whose keys are alike, those of one key together, the oldest first."""
    rows = await connection.fetch(
        f"""
        SELECT {", ".join(CollidingRow._fields)} FROM ({_COLLISIONS}) AS found
        WHERE $1::text IS NULL OR institution_code = $1
        ORDER BY array_position(
            '{{serial,register_number,exam_session,candidate_number}}'::text[], kind), key, rank
        LIMIT $2
        """,
        institution,
        limit,
    )
    return [CollidingRow(*row) for row in rows]
