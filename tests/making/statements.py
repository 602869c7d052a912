"""What services ask their databases, and the large tables that PostgreSQL would read whole for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from unittest.mock import patch

import asyncpg

LARGE: Final = 1000
"""Rows from which on a table is not to be read whole."""
_METHODS: Final = ("fetch", "fetchrow", "fetchval", "execute")
_READ_OR_WRITTEN: Final = ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")
_ASK: Final = asyncpg.Connection.fetchval


@dataclass
class Watched:
    """How many statements were asked, and those for which a large table was read from end to end."""

    statements: int = 0
    read_whole: dict[str, list[str]] = field(default_factory=dict)


@contextmanager
def watching() -> Iterator[Watched]:
    """Each statement of every connection of this process is explained before it is asked."""
    watched = Watched()

    def explained(method: str) -> Any:
        original = getattr(asyncpg.Connection, method)

        async def ask(self: Any, query: str, *arguments: Any, **options: Any) -> Any:
            one = bool(arguments) or ";" not in query
            if one and query.lstrip().startswith(_READ_OR_WRITTEN):
                watched.statements += 1
                if tables := await tables_read_whole(self, query, *arguments):
                    watched.read_whole[" ".join(query.split())] = tables
            return await original(self, query, *arguments, **options)

        return ask

    patches = [patch.object(asyncpg.Connection, name, explained(name)) for name in _METHODS]
    for each in patches:
        each.start()
    try:
        yield watched
    finally:
        for each in patches:
            each.stop()


async def tables_read_whole(connection: Any, statement: str, *arguments: Any) -> list[str]:
    """Large tables that the statement would read from end to end, as statistics say."""
    plan = await _ASK(connection, f"EXPLAIN (FORMAT JSON) {statement}", *arguments)
    names = {
        node["Relation Name"]
        for node in _nodes(json.loads(plan)[0]["Plan"])
        if node["Node Type"] == "Seq Scan"
    }
    rows = "SELECT coalesce(max(reltuples), 0) FROM pg_class WHERE relname = $1 AND relkind = 'r'"
    return [name for name in sorted(names) if await _ASK(connection, rows, name) >= LARGE]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)
