"""Connections of one service to its schema."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg

from shared.persistence.connection import isolation_faults
from shared.persistence.schema import ServiceSchema

DATABASE_FAILURES: tuple[type[Exception], ...] = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    # What asyncpg says between the server's last word on a connection and its end.
    asyncpg.InternalClientError,
)
"""All that a database which goes away, or refuses, can raise."""


class IsolationBroken(RuntimeError):
    """The runtime role can reach more than its own schema."""


class Database:
    """A pool of asyncpg connections whose ``search_path`` is the service's schema."""

    def __init__(
        self,
        dsn: str,
        schema: ServiceSchema,
        *,
        min_size: int = 1,
        max_size: int = 10,
        application_name: str | None = None,
    ) -> None:
        self.dsn = dsn
        self.schema = schema
        self._min_size = min_size
        self._max_size = max_size
        self._application_name = application_name or f"bac {schema.name}"
        self._pool: asyncpg.Pool | None = None

    def _options(self) -> dict[str, Any]:
        return {
            "dsn": self.dsn,
            "timeout": 5,
            "command_timeout": 60,
            "server_settings": {
                "search_path": self.schema.name,
                "application_name": self._application_name,
                "timezone": "UTC",
            },
        }

    async def open(self, *, verify: bool = True) -> None:
        """Connects; with ``verify`` refuses a role that reaches beyond its own schema."""
        self._pool = await asyncpg.create_pool(
            min_size=self._min_size, max_size=self._max_size, **self._options()
        )
        if verify:
            async with self._pool.acquire() as connection:
                faults = await isolation_faults(connection, self.schema)
            if faults:
                await self.close()
                raise IsolationBroken("; ".join(faults))

    async def close(self) -> None:
        if self._pool is not None:
            pool, self._pool = self._pool, None
            try:
                await asyncio.wait_for(pool.close(), timeout=5)
            except TimeoutError:
                pool.terminate()

    @property
    def pool(self) -> asyncpg.Pool:
        if self._pool is None:
            raise RuntimeError("Database.open() has not been awaited")
        return self._pool

    async def connect(self) -> asyncpg.Connection:
        """A connection of its own outside the pool, for locks and LISTEN that last."""
        return await asyncpg.connect(**self._options())
