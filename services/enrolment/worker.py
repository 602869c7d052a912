"""What runs beside the enrolment service: sequencer of its feed, follower of certification's."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import asyncpg
import httpx

from services.enrolment.persistence import SCHEMA
from shared.clock import Clock, SystemClock
from shared.feed.follower import Follower
from shared.feed.repository import PendingEvent
from shared.feed.sequencer import Sequencer
from shared.persistence.database import Database
from shared.persistence.migrations import service_dsn
from shared.web.logs import configure_logs
from shared.web.worker import run_worker


def make_sequencer(database: Database, clock: Clock) -> Sequencer:
    async def audiences(
        connection: asyncpg.Connection, events: Sequence[PendingEvent]
    ) -> list[list[str]]:
        return [["*"] for _ in events]

    return Sequencer(database, audiences)


def make_followers(
    database: Database, environment: Mapping[str, str], clock: Clock, http: httpx.AsyncClient
) -> dict[str, Follower]:
    return {}


async def run(environment: Mapping[str, str] | None = None) -> None:
    """Until SIGTERM; ``environment`` defaults to that of the process."""
    environment = os.environ if environment is None else environment
    configure_logs(environment.get("BAC_LOG_LEVEL", "INFO"))
    clock = SystemClock()
    database = Database(
        service_dsn(environment, SCHEMA),
        SCHEMA,
        max_size=4,
        application_name="bac enrolment worker",
    )
    async with httpx.AsyncClient() as http:
        followers = make_followers(database, environment, clock, http)
        tasks = [make_sequencer(database, clock).run, *(each.run for each in followers.values())]
        await run_worker(database, tasks, clock)
