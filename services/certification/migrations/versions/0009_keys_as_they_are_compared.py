"""Serials, register numbers, session codes and candidate numbers stand beside the form they are compared in.

Lines that collide in it stay: the oldest has rank 0, which every new line has too, so that nothing new can
collide with any of them; the others have ranks of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from services.certification.registry.did_you_mean import search_form
from services.certification.registry.written_keys import folded, number_key

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

PAGE = 20_000


def upgrade() -> None:
    op.execute(
        "ALTER TABLE register_entry"
        " ADD COLUMN serial_key text, ADD COLUMN serial_rank integer NOT NULL DEFAULT 0,"
        " ADD COLUMN number_key text, ADD COLUMN number_rank integer NOT NULL DEFAULT 0,"
        " ADD COLUMN search_form text"
    )
    op.execute(
        "ALTER TABLE exam_session"
        " ADD COLUMN code_key text, ADD COLUMN code_rank integer NOT NULL DEFAULT 0"
    )
    op.execute(
        "ALTER TABLE exam_result"
        " ADD COLUMN number_key text, ADD COLUMN number_rank integer NOT NULL DEFAULT 0"
    )
    _fill("register_entry", "certificate_id", "uuid", "serial", "serial_key", folded)
    _fill("exam_session", "session_id", "integer", "code", "code_key", folded)
    _fill("exam_result", "result_id", "uuid", "candidate_number", "number_key", folded)
    _fill_own_numbers()
    _fill(
        *("register_entry", "certificate_id", "uuid", "serial", "search_form", search_form),
        also="own_number",
    )
    _rank("register_entry", "certificate_id", "serial_rank", "serial_key", "recorded_at")
    _rank(
        *("register_entry", "certificate_id", "number_rank"),
        *("book_id, number_key", "recorded_at"),
        where="own_number",
    )
    _rank("exam_session", "session_id", "code_rank", "institution_code, code_key", "session_id")
    _rank("exam_result", "result_id", "number_rank", "session_id, number_key", "recorded_at")
    for table, column in (
        ("register_entry", "serial_key"),
        ("exam_session", "code_key"),
        ("exam_result", "number_key"),
    ):
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL")
    op.execute(
        "ALTER TABLE register_entry DROP CONSTRAINT register_entry_serial,"
        " ADD CONSTRAINT register_entry_serial UNIQUE (serial_key, serial_rank)"
    )
    op.execute("DROP INDEX register_entry_own_number")
    op.execute(
        "CREATE UNIQUE INDEX register_entry_own_number"
        " ON register_entry (book_id, number_key, number_rank) WHERE own_number"
    )
    op.execute(
        "CREATE INDEX register_entry_search ON register_entry (search_form)"
        " WHERE search_form IS NOT NULL"
    )
    op.execute(
        "ALTER TABLE exam_session DROP CONSTRAINT exam_session_code,"
        " ADD CONSTRAINT exam_session_code UNIQUE (institution_code, code_key, code_rank)"
    )
    op.execute(
        "ALTER TABLE exam_result DROP CONSTRAINT exam_result_number,"
        " ADD CONSTRAINT exam_result_number UNIQUE (session_id, number_key, number_rank)"
    )
    for table, column, what in (
        ("register_entry", "serial_key", "The serial as it is compared"),
        ("register_entry", "number_key", "An own register number as it is compared in its book"),
        ("exam_session", "code_key", "The code as it is compared"),
        ("exam_result", "number_key", "The candidate number as it is compared"),
    ):
        op.execute(f"COMMENT ON COLUMN {table}.{column} IS '{what}'")


def downgrade() -> None:
    op.execute(
        "ALTER TABLE register_entry DROP CONSTRAINT register_entry_serial,"
        " ADD CONSTRAINT register_entry_serial UNIQUE (serial)"
    )
    op.execute("DROP INDEX register_entry_own_number")
    op.execute(
        "CREATE UNIQUE INDEX register_entry_own_number ON register_entry (book_id, register_number)"
        " WHERE own_number"
    )
    op.execute(
        "ALTER TABLE exam_session DROP CONSTRAINT exam_session_code,"
        " ADD CONSTRAINT exam_session_code UNIQUE (institution_code, code)"
    )
    op.execute(
        "ALTER TABLE exam_result DROP CONSTRAINT exam_result_number,"
        " ADD CONSTRAINT exam_result_number UNIQUE (session_id, candidate_number)"
    )
    op.execute(
        "ALTER TABLE register_entry DROP COLUMN serial_key, DROP COLUMN serial_rank,"
        " DROP COLUMN number_key, DROP COLUMN number_rank, DROP COLUMN search_form"
    )
    op.execute("ALTER TABLE exam_session DROP COLUMN code_key, DROP COLUMN code_rank")
    op.execute("ALTER TABLE exam_result DROP COLUMN number_key, DROP COLUMN number_rank")


def _fill(
    table: str,
    row_id: str,
    kind: str,
    column: str,
    key: str,
    fold: Callable[[str], str],
    also: str = "true",
) -> None:
    def keys(rows: list[Any]) -> list[str]:
        return [fold(row[1]) for row in rows]

    _fill_by_page(f"SELECT {row_id}, {column} FROM {table}", table, row_id, kind, key, keys, also)


def _fill_own_numbers() -> None:
    def keys(rows: list[Any]) -> list[str]:
        return [number_key(row[1], row[2]) for row in rows]

    _fill_by_page(
        "SELECT certificate_id, register_number, year FROM register_entry JOIN register_book"
        " USING (book_id)",
        *("register_entry", "certificate_id", "uuid", "number_key", keys),
        also="own_number",
    )


def _fill_by_page(
    select: str,
    table: str,
    row_id: str,
    kind: str,
    key: str,
    keys: Callable[[list[Any]], list[str]],
    also: str = "true",
) -> None:
    connection = op.get_bind()
    last = None
    while True:
        beyond = "true" if last is None else f"{row_id} > CAST(:last AS {kind})"
        page = list(
            connection.execute(
                sa.text(f"{select} WHERE {also} AND {beyond} ORDER BY {row_id} LIMIT {PAGE}"),
                {} if last is None else {"last": last},
            )
        )
        if not page:
            return
        connection.execute(
            sa.text(
                f"UPDATE {table} AS kept SET {key} = given.key"
                f" FROM unnest(CAST(:ids AS {kind}[]), CAST(:keys AS text[])) AS given (id, key)"
                f" WHERE kept.{row_id} = given.id"
            ),
            {"ids": [row[0] for row in page], "keys": keys(page)},
        )
        last = page[-1][0]


def _rank(
    table: str, row_id: str, rank: str, alike: str, oldest: str, *, where: str = "true"
) -> None:
    op.execute(
        f"""
        UPDATE {table} AS kept SET {rank} = found.rank
        FROM (SELECT {row_id}, row_number() OVER (PARTITION BY {alike} ORDER BY {oldest}, {row_id}) - 1 AS rank
              FROM {table} WHERE {where}) AS found
        WHERE found.rank > 0 AND kept.{row_id} = found.{row_id}
        """
    )
