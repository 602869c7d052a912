"""Requests of this process that share an idempotency key run one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.contracts.problem import IdempotencyInProgress


class KeysUnderWay:
    """The second request of a key waits here, where it holds no database connection. Between processes the
    key's row decides."""

    def __init__(self) -> None:
        self._running: dict[bytes, asyncio.Event] = {}

    @asynccontextmanager
    async def alone(self, scope: bytes, wait: float) -> AsyncIterator[None]:
        """Raises 409 when the key is still in use after ``wait`` seconds."""
        loop = asyncio.get_running_loop()
        until = loop.time() + wait
        while (before := self._running.get(scope)) is not None:
            try:
                async with asyncio.timeout_at(until):
                    await before.wait()
            except TimeoutError:
                raise IdempotencyInProgress(headers={"Retry-After": "1"}) from None
        ended = self._running[scope] = asyncio.Event()
        try:
            yield
        finally:
            del self._running[scope]
            ended.set()
