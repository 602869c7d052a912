"""The idempotency key of an upload: a row with a lease. No connection is taken while the body arrives."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

import asyncpg
import structlog

from shared.clock import Clock
from shared.contracts.problem import IdempotencyInProgress
from shared.idempotency import repository
from shared.idempotency.answers import StoredAnswer
from shared.persistence.database import DATABASE_FAILURES, Database
from shared.persistence.keys import uuid7

LEASE: Final = dt.timedelta(seconds=30)
"""How long the key of a killed upload stays taken."""
_RENEW_SECONDS: Final = LEASE.total_seconds() / 3
_LOOK_SECONDS: Final = 0.1


class Lease:
    """A key that is this upload's until the answer is stored or the lease is given back."""

    def __init__(self, database: Database, clock: Clock, scope: bytes) -> None:
        self._database = database
        self._clock = clock
        self._scope = scope
        self._holder: UUID = uuid7()

    async def claim(self) -> StoredAnswer | None:
        """Null when the key is ours now; see :func:`repository.claim_lease`."""
        now = self._clock.now()
        async with self._database.pool.acquire() as connection:
            return await repository.claim_lease(
                connection, self._scope, self._holder, now, now + LEASE
            )

    async def confirm(self, connection: asyncpg.Connection) -> None:
        """In the transaction of each chunk. Raises 409 when somebody else has taken the key over: an upload
        that stood still for longer than its lease must not write beside the one that took its place."""
        until = self._clock.now() + LEASE
        if not await repository.extend_lease(connection, self._scope, self._holder, until):
            raise IdempotencyInProgress(headers={"Retry-After": "5"})

    async def finish(
        self, connection: asyncpg.Connection, fingerprint: bytes, media_type: str, body: str
    ) -> None:
        """Stores the answer, always a 200. Raises 409 as :meth:`confirm` does."""
        if not await repository.finish_lease(
            connection, self._scope, self._holder, fingerprint, 200, media_type, body
        ):
            raise IdempotencyInProgress(headers={"Retry-After": "5"})

    async def renew_while_reading(self) -> None:
        """Keeps the lease of an upload whose next chunk takes long to arrive. Ends with its task."""
        log = structlog.get_logger("idempotency")
        while True:
            await asyncio.sleep(_RENEW_SECONDS)
            try:
                async with self._database.pool.acquire(timeout=5) as connection:
                    await repository.extend_lease(
                        connection, self._scope, self._holder, self._clock.now() + LEASE
                    )
            except DATABASE_FAILURES as error:
                log.warning("lease not renewed", error=type(error).__name__)

    async def give_back(self) -> None:
        """After an upload that came to nothing; where the database does not answer the lease runs out."""
        with contextlib.suppress(*DATABASE_FAILURES):
            async with self._database.pool.acquire(timeout=5) as connection:
                await repository.drop_lease(connection, self._scope, self._holder)


@asynccontextmanager
async def leased(
    database: Database, clock: Clock, scope: bytes, wait: float
) -> AsyncIterator[Lease | StoredAnswer]:
    """The key as a lease, or the answer that stands under it. A second upload under a key waits at most
    ``wait`` seconds for the first and is then refused with 409."""
    lease = Lease(database, clock, scope)
    until = asyncio.get_running_loop().time() + wait
    while (stored := await lease.claim()) is not None and stored.status is None:
        if asyncio.get_running_loop().time() >= until:
            raise IdempotencyInProgress(headers={"Retry-After": "5"})
        await asyncio.sleep(_LOOK_SECONDS)
    if stored is not None:
        yield stored
        return
    renewing = asyncio.create_task(lease.renew_while_reading())
    try:
        yield lease
    except BaseException:
        renewing.cancel()
        await lease.give_back()
        raise
    finally:
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)
