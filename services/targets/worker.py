"""What runs beside the targets service: its feed's sequencer, the projector, the folding of series."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence

import asyncpg
import httpx
import structlog

from services.targets.persistence import SCHEMA
from services.targets.plans.loading import load_languages, load_plans, load_provinces
from services.targets.population import repository
from services.targets.population.event_handlers import Projector
from services.targets.population.series import Cells, Page, folded
from shared.clock import Clock, SystemClock
from shared.contracts.audiences import EVERYBODY, Audience, whole
from shared.feed.follower import FeedClient, Follower
from shared.feed.repository import PendingEvent
from shared.feed.sequencer import Sequencer
from shared.persistence.database import DATABASE_FAILURES, Database
from shared.process.worker import repeat, run_worker, worker_database
from shared.security.tokens import ServiceToken

SOURCES = ("enrolment", "certification")
_BATCH = 5000
_TAIL_CELLS = 4096
"""Appended cells below which a series is left alone: a reader hardly notices them."""
_TAIL_ROWS = 64
_MORE_SECONDS = 0.2
"""Pause after series were folded: there may be more."""
_IDLE_SECONDS = 1.0


def make_sequencer(database: Database, _clock: Clock) -> Sequencer:
    async def audiences(
        _connection: asyncpg.Connection, events: Sequence[PendingEvent]
    ) -> dict[int, Audience]:
        return {event.seq: whole([EVERYBODY]) for event in events}

    return Sequencer(database, audiences)


def make_projector() -> Projector:
    return Projector(load_plans(), load_languages(), load_provinces())


def make_followers(
    database: Database,
    environment: Mapping[str, str],
    _clock: Clock,
    http: httpx.AsyncClient,
    projector: Projector | None = None,
) -> dict[str, Follower]:
    """Followers of the two feeds, by the name of the service that is followed."""
    applied_by = projector or make_projector()
    token = ServiceToken(environment, "targets")
    return {
        source: Follower(
            database,
            source,
            FeedClient(http, environment[f"BAC_{source.upper()}_URL"], token),
            applied_by.apply,
            batch=_BATCH,
        )
        for source in SOURCES
    }


async def empty_if_outdated(database: Database, projector: Projector) -> bool:
    """Empties a projection that other plans or rules have made, so that both feeds are read again."""
    async with database.pool.acquire() as connection:
        kept = await repository.projection_fingerprint(connection)
        if kept in ("", projector.fingerprint):
            return False
        await repository.empty_projection(connection, projector.fingerprint)
        return True


async def fold(
    database: Database, *, cells: int = _TAIL_CELLS, rows: int = _TAIL_ROWS, limit: int = 200
) -> int:
    """Folds the longest tails into their pages; returns how many series were folded."""
    async with database.pool.acquire() as connection:
        chosen = await repository.longest_tails(connection, cells=cells, rows=rows, limit=limit)
    for series in chosen:
        async with database.pool.acquire() as connection:
            numbers, tail = await repository.read_tail(connection, series)
            parts = [Cells.from_bytes(each) for each in tail]
            day = min(int(each.days[0]) for each in parts)
            pages = await repository.read_pages_from(connection, series, day)
            # Large series take long enough to keep a result from being counted meanwhile.
            made = await asyncio.to_thread(_folded, pages, parts)
            kept = {from_day for from_day, _, _ in made}
            gone = [page.from_day for page in pages if page.from_day not in kept]
            size = sum(len(each) for each in parts)
            await repository.replace_pages(connection, series, made, gone, numbers, size)
    return len(chosen)


def _folded(pages: Sequence[Page], tail: Sequence[Cells]) -> list[tuple[int, bytes, bytes]]:
    return [
        (page.from_day, page.opening.to_bytes(), page.changes.to_bytes())
        for page in folded(pages, tail)
    ]


async def run(environment: Mapping[str, str] | None = None) -> None:
    """Until SIGTERM; ``environment`` defaults to that of the process."""
    environment = os.environ if environment is None else environment
    clock = SystemClock()
    database = worker_database(environment, SCHEMA, connections=6)
    projector = make_projector()
    async with httpx.AsyncClient() as http:
        followers = make_followers(database, environment, clock, http, projector)

        async def follow(stopping: asyncio.Event) -> None:
            if await _checked(database, projector, stopping):
                async with asyncio.TaskGroup() as group:
                    for follower in followers.values():
                        group.create_task(follower.run(stopping))

        async def keep_series_folded(stopping: asyncio.Event) -> None:
            await keep_folding(database, stopping)

        await run_worker(
            database, [make_sequencer(database, clock).run, follow, keep_series_folded], clock
        )


async def _checked(database: Database, projector: Projector, stopping: asyncio.Event) -> bool:
    log = structlog.get_logger("projector")
    while not stopping.is_set():
        try:
            if await empty_if_outdated(database, projector):
                log.warning("plans or rules changed: the projection begins anew")
            return True
        except DATABASE_FAILURES as error:
            log.warning("projection not checked", error=type(error).__name__)
            await asyncio.sleep(0.5)
    return False


async def keep_folding(database: Database, stopping: asyncio.Event) -> None:
    """Folds series until ``stopping``."""

    async def fold_some() -> float:
        return _MORE_SECONDS if await fold(database) else _IDLE_SECONDS

    await repeat("folding", fold_some, stopping, otherwise=_IDLE_SECONDS)
