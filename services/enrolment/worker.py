"""What runs beside the enrolment service: its feed's sequencer, the follower of certification's feed, and
the telling of who came into whose scope when a day or a tree change is the cause."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence

import asyncpg
import httpx

from services.enrolment.callers import WORKER
from services.enrolment.certification_feed import apply
from services.enrolment.feed_readers.event_handlers import audiences
from services.enrolment.feed_readers.use_cases import settle_due
from services.enrolment.persistence import SCHEMA
from shared.clock import Clock, SystemClock
from shared.contracts.audiences import Audience
from shared.contracts.events import Envelope
from shared.feed.follower import FeedClient, Follower
from shared.feed.repository import PendingEvent
from shared.feed.sequencer import Sequencer
from shared.persistence.database import Database
from shared.persistence.unit_of_work import background_work
from shared.process.worker import repeat, run_worker, worker_database
from shared.security.tokens import ServiceToken

_IDLE_SECONDS = 1.0


def make_sequencer(database: Database, clock: Clock) -> Sequencer:
    async def decide(
        connection: asyncpg.Connection, events: Sequence[PendingEvent]
    ) -> dict[int, Audience]:
        return await audiences(connection, events, clock)

    return Sequencer(database, decide)


def make_followers(
    database: Database, environment: Mapping[str, str], clock: Clock, http: httpx.AsyncClient
) -> dict[str, Follower]:
    async def take(connection: asyncpg.Connection, envelopes: Sequence[Envelope]) -> None:
        await apply(connection, envelopes, clock)

    url = environment.get("BAC_CERTIFICATION_URL", "http://127.0.0.1:8002")
    client = FeedClient(http, url, ServiceToken(environment, SCHEMA.name))
    return {"certification": Follower(database, "certification", client, take)}


async def settle(database: Database, clock: Clock) -> int:
    """Tells all that a tree change or a day has made due; returns how many officials were looked at."""
    looked_at = 0
    while True:
        async with background_work(database, WORKER, clock) as work:
            found = await settle_due(work)
        looked_at += found
        if not found:
            return looked_at


async def run(environment: Mapping[str, str] | None = None) -> None:
    """Until SIGTERM; ``environment`` defaults to that of the process."""
    environment = os.environ if environment is None else environment
    clock = SystemClock()
    database = worker_database(environment, SCHEMA, connections=6)

    async def settled() -> float:
        await settle(database, clock)
        return _IDLE_SECONDS

    async def keep_settled(stopping: asyncio.Event) -> None:
        await repeat("reach", settled, stopping, otherwise=_IDLE_SECONDS)

    async with httpx.AsyncClient() as http:
        followers = make_followers(database, environment, clock, http)
        tasks = [
            make_sequencer(database, clock).run,
            *(follower.run for follower in followers.values()),
            keep_settled,
        ]
        await run_worker(database, tasks, clock)
