"""Parts of statements, made from a declared table: a column is written once, in the table's class.

RESULTS = columns_of(ExamResult, ResultRow)   # the columns that ResultRow names, in its order

f"{RESULTS.insert_given()} ON CONFLICT DO NOTHING", *RESULTS.arrays(rows)
f"SELECT {RESULTS.listed} FROM exam_result WHERE …"  →  [ResultRow(*row) for row in rows]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

WORTH_A_COPY: Final = 50
"""Rows. COPY costs one round trip more than a statement with arrays, and less than half of it for each row."""


_DIALECT: Final[Any] = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no types


@dataclass(frozen=True, slots=True)
class Columns:
    """Some columns of one table. Rows are given as tuples in the order of ``names``."""

    table: str
    names: tuple[str, ...]
    casts: tuple[str, ...]
    """The SQL type of each column, as a parameter of a statement is cast to it."""

    @property
    def listed(self) -> str:
        """``code, name``."""
        return ", ".join(self.names)

    def of(self, alias: str) -> str:
        """``o.code, o.name`` for the alias ``o``."""
        return ", ".join(f"{alias}.{name}" for name in self.names)

    def only(self, *names: str) -> Columns:
        """These columns, in this order. Raises ``ValueError`` for a name that is not among them."""
        places = [self.names.index(name) for name in names]
        return Columns(self.table, names, tuple(self.casts[place] for place in places))

    def without(self, *names: str) -> Columns:
        return self.only(*(name for name in self.names if name not in names))

    def parameters(self, first: int = 1) -> str:
        """``$1::text, $2::date``: one row."""
        return ", ".join(f"${number}::{cast}" for number, cast in enumerate(self.casts, first))

    def given(self, alias: str = "given", first: int = 1) -> str:
        """``unnest($1::text[], $2::date[]) AS given (code, day)``: many rows, see :meth:`arrays`. Columns
        that are arrays themselves cannot be given so."""
        return f"{self.unnested(first)} AS {alias} ({self.listed})"

    def unnested(self, first: int = 1) -> str:
        """``unnest($1::text[], $2::date[])``."""
        arrays = ", ".join(f"${number}::{cast}[]" for number, cast in enumerate(self.casts, first))
        return f"unnest({arrays})"

    def insert_given(self, first: int = 1) -> str:
        """INSERT of many rows, which are the arrays ``$first`` and on."""
        given = self.given(first=first)
        return f"INSERT INTO {self.table} ({self.listed}) SELECT {self.of('given')} FROM {given}"

    def upsert_given(self, *key: str, first: int = 1) -> str:
        """INSERT of many rows, of which those whose ``key`` is there already replace what stood there."""
        others = self.without(*key).set_from()
        return f"{self.insert_given(first)} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {others}"

    def delete_given(self) -> str:
        """DELETE of the rows that are equal to one of those given, in all of these columns."""
        equal = " AND ".join(f"kept.{name} = given.{name}" for name in self.names)
        return f"DELETE FROM {self.table} kept USING {self.given()} WHERE {equal}"

    def insert_one(self) -> str:
        """INSERT of one row, whose values are ``$1`` and on."""
        return f"INSERT INTO {self.table} ({self.listed}) VALUES ({self.parameters()})"

    def set_from(self, source: str = "excluded") -> str:
        """``name = excluded.name, …``: the SET list of an upsert or of an UPDATE … FROM."""
        return ", ".join(f"{name} = {source}.{name}" for name in self.names)

    def arrays(self, rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
        """The rows as one list for each column."""
        return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in self.names]

    async def copy(self, connection: asyncpg.Connection, rows: Iterable[Sequence[Any]]) -> None:
        await connection.copy_records_to_table(self.table, records=rows, columns=self.names)

    async def copied(self, connection: asyncpg.Connection, rows: Iterable[Sequence[Any]]) -> bool:
        """COPY of all rows. False, and nothing done, where one was there already: COPY cannot pass over it,
        so it stands in a savepoint."""
        try:
            async with connection.transaction():
                await self.copy(connection, rows)
        except asyncpg.UniqueViolationError:
            return False
        return True


def columns_of(table: type[SQLModel], row: type[tuple[Any, ...]] | None = None) -> Columns:
    """Columns of a declared table: those that ``row`` has as fields, in its order, or all of them. Raises
    ``KeyError`` for a field that is no column."""
    declared: Table = table.__table__  # type: ignore[attr-defined]  # SQLModel adds it
    names = tuple(declared.columns.keys()) if row is None else row._fields  # type: ignore[attr-defined]  # a NamedTuple
    return Columns(
        declared.name, tuple(names), tuple(_cast(declared.columns[name].type) for name in names)
    )


def _cast(kind: Any) -> str:
    """The type without its collation, which a parameter does not have."""
    text: str = kind.compile(dialect=_DIALECT)
    return text.partition(" COLLATE")[0].lower()
