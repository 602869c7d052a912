"""What a worker forgets from time to time, and how often it looks."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from shared.clock import SystemClock
from shared.process import worker


async def test_housekeeping_calms_down_after_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "TRIED_AGAIN_AFTER", 0.001)
    monkeypatch.setattr(worker, "TIDIED_EVERY", 60.0)
    looks = 0

    async def execute(*_: Any) -> str:
        return "DELETE 0"

    @asynccontextmanager
    async def acquire() -> Any:
        nonlocal looks
        looks += 1
        if looks < 3:
            raise OSError("nobody listens")
        yield SimpleNamespace(execute=execute)

    database: Any = SimpleNamespace(pool=SimpleNamespace(acquire=acquire))
    stopping = asyncio.Event()
    running = asyncio.create_task(worker.housekeeping(database, SystemClock(), stopping))
    while looks < 3:
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.05)  # a loop that did not calm down would look again and again
    stopping.set()
    await running
    assert looks == 3
