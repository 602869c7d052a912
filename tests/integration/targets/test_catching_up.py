"""The worker's parts together: a published result shows in the next figure."""

from __future__ import annotations

import asyncio
import time

import httpx

from services.targets import worker
from tests.making.daklak import figure
from tests.making.written_feed import WrittenFeed
from tests.running import InProcessTransport, RunningService
from tests.worlds import events as made


async def test_a_result_shows_within_a_second_while_followers_and_folding_run(
    counted: RunningService, registers: WrittenFeed, transport: InProcessTransport
) -> None:
    stopping = asyncio.Event()
    client = counted.client()
    async with httpx.AsyncClient(transport=transport) as http:
        followers = worker.make_followers(
            counted.database, counted.environment, counted.clock, http
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(followers["certification"].run(stopping))
            group.create_task(worker.keep_folding(counted.database, stopping))
            waits = []
            for number, code in enumerate(("CB2", "CB3", "CB4"), start=2):
                await asyncio.sleep(0.05)
                registers.publish(made.certificate(f"S{number}", f"key-{code}", 4, "2024-01-01"))
                began = time.monotonic()
                while (await figure(client, as_of="2024-12-31"))["achieved"] < number:
                    assert time.monotonic() - began < 5, "the result never showed"
                    await asyncio.sleep(0.01)
                waits.append(time.monotonic() - began)
            stopping.set()
    assert max(waits) < 1.0
