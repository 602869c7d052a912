"""Exam sheets in bulk against COPY, and how soon a result moves a figure."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import psutil

from tests.bench.copy_baseline import copy_seconds, row_counts
from tests.bench.figures import Figure
from tests.bench.wire import Wire, get, post, run_load
from tests.making.people import ROOTS, ndjson, result
from tests.system import System

WRITTEN_BY_WORKERS = {"feed", "feed_cursor", "feed_identity", "alembic_version", "idempotency"}


async def _stream(chunks: list[bytes], marks: list[int], pid: int) -> AsyncIterator[bytes]:
    process = psutil.Process(pid)
    for number, chunk in enumerate(chunks):
        if number in (len(chunks) // 3, len(chunks) - 1):
            marks.append(process.memory_info().rss)
        yield chunk


async def post_batch(
    system: System, session: str, first: int, count: int
) -> tuple[float, float, dict[str, Any]]:
    """Returns seconds, MiB of memory growth of the service, and the report."""
    chunks = list(ndjson(result(number, session) for number in range(first, first + count)))
    marks: list[int] = []
    pid = system.pid_of_service("certification")
    async with system.async_client("certification", "institution", institution="VINH") as client:
        began = time.perf_counter()
        answer = await client.post(
            "/v1/results/batch",
            content=_stream(chunks, marks, pid),
            headers={"Content-Type": "application/x-ndjson"},
            timeout=1800,
        )
        seconds = time.perf_counter() - began
    report: dict[str, Any] = answer.json()
    if answer.status_code != 200 or report["recorded"] != count:
        raise RuntimeError(f"batch: {answer.status_code} {answer.text[:2000]}")
    return seconds, (marks[-1] - marks[0]) / 2**20, report


async def _copy_rate(admin_dsn: str, before: dict[str, int], count: int) -> tuple[float, str]:
    """Results/s of COPY into every table a batch wrote about a row per result into."""
    after = await row_counts(admin_dsn, "certification")
    written = [
        table
        for table, rows in after.items()
        if table not in WRITTEN_BY_WORKERS and rows - before.get(table, 0) >= count / 2
    ]
    seconds = await copy_seconds(admin_dsn, "certification", written)
    rows = sum(after[table] for table in written)
    share = sum(after[table] - before.get(table, 0) for table in written) / rows
    rate = count / (seconds * share)
    return rate, f"COPY into {', '.join(written)}: {rate:,.0f} results/s"


async def measure_bulk(system: System, admin_dsn: str, count: int, session: str) -> list[Figure]:
    before = await row_counts(admin_dsn, "certification")
    seconds, growth, _ = await post_batch(system, session, 0, count)
    system.targets_caught_up(600)
    baseline, said = await _copy_rate(admin_dsn, before, count)
    path = f"bulk of {count:,} results".replace(",", " ")
    return [
        Figure(path, "rate", count / seconds, "results/s"),
        Figure(path, "of COPY", 100 * (count / seconds) / baseline, "%", 40, "higher", said),
        Figure(path, "memory growth while streaming", growth, "MiB"),
    ]


async def measure_singles_beside_bulk(system: System, count: int) -> list[Figure]:
    """Single posts of four clients while a batch runs, and the fold of that batch into targets."""
    token = system.token("institution", institution="VINH")
    singles = (
        post(
            "/v1/results",
            json.dumps(result(number, "BESIDE-SINGLE")).encode(),
            token,
            Idempotency_Key=f"beside-{number}",
        )
        for number in itertools.count(500_000)
    )
    batch = asyncio.create_task(post_batch(system, "BESIDE-BULK", 0, count))

    async def while_running() -> Iterator[bytes]:
        return itertools.takewhile(lambda _: not batch.done(), singles)

    load = await run_load(
        system.urls["certification"], await while_running(), clients=4, seconds=600
    )
    await batch
    caught_up = await asyncio.to_thread(system.targets_caught_up, 600)
    if set(load.statuses) != {201}:
        raise RuntimeError(f"singles: {load.statuses} {load.first_failure[:1000]!r}")
    path = f"bulk of {count:,} results".replace(",", " ")
    return [
        Figure(path, "single posts meanwhile, p99", load.percentile(99) * 1000, "ms", 100),
        Figure("result posted → progress changed", f"{count} caught up", caught_up, "s", 60),
    ]


async def measure_freshness(system: System, samples: int) -> list[Figure]:
    """From the answer to a post until the figures of the four provinces show it."""
    token, institution = system.token(), system.token("institution", institution="VINH")
    poster = await Wire.open(system.urls["certification"])
    asker = await Wire.open(system.urls["targets"])

    async def counted() -> str:
        answer = await asker.ask(get(f"/v1/plans/daklak-2020/progress?agency={ROOTS[0]}", token))
        position: str = json.loads(answer.body)["counted_at"]["certification"]
        return position

    async def head() -> str:
        wire_answer = await http.get("/v1/events", params={"limit": 1})
        found: str = wire_answer.json()["head"]
        return found

    delays: list[float] = []
    async with httpx.AsyncClient(
        base_url=system.urls["certification"],
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    ) as http:
        for number in range(samples):
            before = await counted()
            body = json.dumps(result(900_000 + number, "FRESH")).encode()
            answer = await poster.ask(post("/v1/results", body, institution))
            if answer.status != 201:
                raise RuntimeError(f"fresh: {answer.status} {answer.body[:1000]!r}")
            began = time.perf_counter()
            while await counted() == before:
                await asyncio.sleep(0.005)
                if time.perf_counter() - began > 30:
                    raise RuntimeError("a posted result never reached targets")
            delays.append(time.perf_counter() - began)
        if await counted() != await head():
            raise RuntimeError("targets stopped before the head of the feed")
    poster.close()
    asker.close()
    ordered = sorted(delays)
    path = "result posted → progress changed"
    return [
        Figure(path, "p50", ordered[len(ordered) // 2] * 1000, "ms"),
        Figure(path, "p99", ordered[int(len(ordered) * 0.99)] * 1000, "ms", 1000),
    ]
