"""The worker process of a service: everything that must not run where requests are answered."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import asyncpg
import structlog

from shared.clock import Clock
from shared.idempotency.repository import forget_old_idempotency_keys
from shared.persistence.database import DATABASE_FAILURES, Database
from shared.persistence.migrations import service_dsn
from shared.persistence.questions import forget_old_questions
from shared.persistence.schema import ServiceSchema
from shared.process.logs import configure_logs
from shared.process.pause import pause

Task = Callable[[asyncio.Event], Coroutine[Any, Any, None]]

TIDIED_EVERY: Final = 3600.0
TRIED_AGAIN_AFTER: Final = 60.0
"""Seconds from one housekeeping to the next, and after one that failed."""
_NICENESS: Final = 5
_SESSION_GROUP: Final = Path("/proc/self/autogroup")


def give_way() -> None:
    """Lets processes that answer requests run first. A worker process calls it once.

    Some kernels share the processor between sessions (sched_autogroup). There a process's own niceness counts
    only inside its session, so the niceness of the session is set too, if this process has it alone.
    """
    with contextlib.suppress(OSError):
        os.nice(max(0, _NICENESS - os.nice(0)))
        if os.getsid(0) == os.getpid():
            _SESSION_GROUP.write_text(str(_NICENESS))


def worker_database(
    environment: Mapping[str, str], schema: ServiceSchema, *, connections: int
) -> Database:
    """The worker's own pool, not open yet; :func:`run_worker` opens it. Logs are written from here on."""
    configure_logs(environment.get("BAC_LOG_LEVEL", "INFO"))
    return Database(
        service_dsn(environment, schema),
        schema,
        max_size=connections,
        application_name=f"bac {schema.name} worker",
    )


async def run_worker(database: Database, tasks: Sequence[Task], clock: Clock) -> None:
    """Runs all tasks until SIGTERM or SIGINT; a task that ends with an error ends the worker, so that
    its supervisor starts it afresh."""
    give_way()
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    await _open_when_there(database, stopping)
    if stopping.is_set():
        return
    try:
        async with asyncio.TaskGroup() as group:
            for task in tasks:
                group.create_task(task(stopping))
            group.create_task(housekeeping(database, clock, stopping))
    finally:
        await database.close()


async def _open_when_there(database: Database, stopping: asyncio.Event) -> None:
    log = structlog.get_logger("worker").bind(service=database.schema.name)
    while not stopping.is_set():
        try:
            await database.open()
            return
        except (OSError, asyncpg.PostgresError, TimeoutError) as error:
            log.warning("database not reachable", error=type(error).__name__)
            await asyncio.sleep(0.5)


async def housekeeping(database: Database, clock: Clock, stopping: asyncio.Event) -> None:
    """Forgets what was kept for a time only, until ``stopping``."""
    while not stopping.is_set():
        seconds = TIDIED_EVERY
        try:
            async with database.pool.acquire() as connection:
                await forget_old_idempotency_keys(connection, clock.now())
                await forget_old_questions(connection, clock.today())
        except DATABASE_FAILURES:
            seconds = TRIED_AGAIN_AFTER
        await pause(stopping, seconds)


async def repeat(
    name: str, work: Callable[[], Awaitable[float]], stopping: asyncio.Event, *, otherwise: float
) -> None:
    """Does a piece of work again and again until ``stopping``. It returns the seconds to the next time;
    after one that failed these are ``otherwise``. A failure is logged and never ends the process."""
    log = structlog.get_logger(name)
    while not stopping.is_set():
        seconds = otherwise
        try:
            seconds = await work()
        except DATABASE_FAILURES as error:
            log.warning("interrupted", error=type(error).__name__)
        except Exception:
            log.exception("failed")
        await pause(stopping, seconds)
