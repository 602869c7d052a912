"""Wakes long-polling readers when the sequencer has added to the feed."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import structlog

from shared.feed.repository import CHANNEL_PREFIX
from shared.persistence.database import DATABASE_FAILURES, Database


class FeedBell:
    """One LISTEN connection for all waiting readers of a process.

    While the connection is lost, readers look again every second: a missed notification delays, it
    never loses.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rung = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._log = structlog.get_logger("feed")

    async def start(self) -> None:
        self._task = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._ring()

    def _ring(self, *_: Any) -> None:
        self._rung.set()
        self._rung = asyncio.Event()

    def next_ring(self) -> asyncio.Event:
        """Take it before looking into the feed, wait on it after finding nothing."""
        return self._rung

    async def _listen(self) -> None:
        channel = CHANNEL_PREFIX + self._database.schema.name
        while True:
            connection: asyncpg.Connection | None = None
            try:
                connection = await self._database.connect()
                lost = asyncio.Event()
                connection.add_termination_listener(lambda _, lost=lost: lost.set())
                await connection.add_listener(channel, self._ring)
                self._ring()
                await lost.wait()
            except DATABASE_FAILURES as error:
                self._log.warning("feed listener lost", error=type(error).__name__)
            finally:
                if connection is not None:
                    connection.terminate()
            await asyncio.sleep(0.5)


async def wait_for_ring(ring: asyncio.Event, seconds: float) -> None:
    """Returns at the ring, or after ``seconds`` but at most one: see :class:`FeedBell`."""
    try:
        await asyncio.wait_for(ring.wait(), timeout=min(seconds, 1.0))
    except TimeoutError:
        return
