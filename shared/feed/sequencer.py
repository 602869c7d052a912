"""Gives committed events their places in the feed."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence

import asyncpg
import structlog

from shared.contracts.audiences import Audience
from shared.feed import repository
from shared.feed.repository import PendingEvent
from shared.persistence.database import DATABASE_FAILURES, Database
from shared.process.pause import pause

Audiences = Callable[
    [asyncpg.Connection, Sequence[PendingEvent]], Awaitable[Mapping[int, Audience]]
]
"""Decides who may read the events that came without an audience, by sequence number; nobody, where the
answer names none."""

_BATCH = 2_000
_IDLE_SECONDS = 0.05
_LONGEST_IDLE_SECONDS = 0.25


class Sequencer:
    """The only writer of ``feed``. One per service, by advisory lock.

    Sequence numbers of the outbox are taken in order but commit in any order. Numbers below the highest
    one seen that are not there yet are *holes*: a transaction still running, or one that rolled back. A
    hole is given up only when every transaction that was running when the hole was noticed has ended;
    until then it is looked for in each step. So nothing is skipped, and nothing waits for a slow
    neighbour. The floor, below which no hole is left, is kept in the database; a restart, or a restored
    dump, looks again at everything above it.
    """

    def __init__(self, database: Database, audiences: Audiences) -> None:
        self._database = database
        self._audiences = audiences
        self._log = structlog.get_logger("sequencer").bind(service=database.schema.name)
        self._connection: asyncpg.Connection | None = None
        self._highest = 0
        self._floor = 0
        self._holes: dict[int, dt.datetime] = {}

    async def run(self, stopping: asyncio.Event) -> None:
        """Sequences until ``stopping``; survives a lost database by starting over."""
        while not stopping.is_set():
            try:
                if await self._start():
                    await self._follow(stopping)
                else:
                    await pause(stopping, 1.0)
            except DATABASE_FAILURES as error:
                self._log.warning("sequencer interrupted", error=type(error).__name__)
                await pause(stopping, 0.5)
            except Exception:  # noqa: BLE001 - what follows other feeds in this process goes on
                self._log.exception("events not placed")
                await pause(stopping, 2.0)
            finally:
                await self.close()

    async def _start(self) -> bool:
        connection = await self._database.connect()
        self._connection = connection
        if not await repository.become_only_sequencer(connection, self._database.schema.name):
            return False
        await self.resume(connection)
        return True

    async def resume(self, connection: asyncpg.Connection) -> None:
        """Rebuilds what is known from the database alone."""
        noticed = await repository.database_time(connection)
        _, self._floor = await repository.feed_identity(connection)
        done = await repository.sequenced_above(connection, self._floor)
        self._highest = done[-1] if done else self._floor
        present = set(done)
        self._holes = {
            seq: noticed for seq in range(self._floor + 1, self._highest) if seq not in present
        }

    async def close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.terminate()

    async def _follow(self, stopping: asyncio.Event) -> None:
        assert self._connection is not None
        idle = _IDLE_SECONDS
        while not stopping.is_set():
            given = await self.step(self._connection)
            idle = _IDLE_SECONDS if given else min(idle * 1.5, _LONGEST_IDLE_SECONDS)
            if given < _BATCH:
                await pause(stopping, idle)

    async def step(self, connection: asyncpg.Connection) -> int:
        """One pass; returns how many events got a position.

        The oldest running transaction is read before the events: a transaction that is no longer
        running then has its rows visible to the later statement, so a hole it left is truly empty.
        """
        oldest = await repository.oldest_running_transaction(connection)
        async with connection.transaction():
            pending = await repository.pending_events(
                connection, self._highest, list(self._holes), _BATCH
            )
            if pending:
                decided = await self._audiences(connection, pending)
                await repository.append_to_feed(
                    connection,
                    [event.seq for event in pending],
                    [_stored_audience(event, decided) for event in pending],
                )
                await repository.notify_feed(connection, self._database.schema.name)
        if pending or self._holes:
            await self._account_for_holes(connection, pending, oldest)
        return len(pending)

    async def _account_for_holes(
        self,
        connection: asyncpg.Connection,
        pending: Sequence[PendingEvent],
        oldest: dt.datetime | None,
    ) -> None:
        found = {event.seq for event in pending}
        ended = [
            seq
            for seq, noticed in self._holes.items()
            if seq in found or oldest is None or oldest > noticed
        ]
        for seq in ended:
            del self._holes[seq]
        if pending and pending[-1].seq > self._highest:
            noticed = await repository.database_time(connection)
            for seq in range(self._highest + 1, pending[-1].seq):
                if seq not in found:
                    self._holes[seq] = noticed
            self._highest = pending[-1].seq
        floor = min(self._holes) - 1 if self._holes else self._highest
        if floor > self._floor:
            self._floor = floor
            await repository.save_floor(connection, floor)


def _stored_audience(event: PendingEvent, decided: Mapping[int, Audience]) -> list[str]:
    if event.audience is not None:
        return event.audience
    audience = decided.get(event.seq)
    return [] if audience is None else audience.stored()
