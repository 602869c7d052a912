"""Savepoints: a part of the edge's transaction that may fail without the rest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg


@asynccontextmanager
async def savepoint(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """What is done inside is taken back where it raises. Commits nothing: a transaction must be open."""
    assert connection.is_in_transaction()
    async with connection.transaction():
        yield
