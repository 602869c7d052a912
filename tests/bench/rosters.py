"""Roster import, streamed; how soon targets has caught up with it; progress at that size."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import time
from collections.abc import Iterator
from typing import Any

import httpx
import psutil

from tests.bench.copy_baseline import copy_seconds, row_counts
from tests.bench.figures import Figure
from tests.bench.wire import get, run_load
from tests.making.people import agencies, ndjson, officials
from tests.system import System

WRITTEN_BY_WORKERS = {
    "feed",
    "feed_cursor",
    "feed_identity",
    "alembic_version",
    "idempotency",
    "agency",
    "agency_version",
    "official_reach",
}
PLANS = ("daklak-2020", "hcm-2022", "hoanghoa-2021", "cantho-2020", "quangtri-2022")
READINGS = (
    "",
    "&reading.R1_focus_clause=focus_only",
    "&reading.R3_leader_bracket_scope=distribute_all",
    "&reading.R4_leader_subset=disjoint",
    "&reading.R6_exclusion_effect=count_as_achieved",
    "&reading.R7_age_reference_date=milestone_end",
    "&reading.R8_language_scope=english_only",
    "&reading.R9_achieved_at=unexpired",
    "&reading.R11_cadre_scope=all_cadres",
    "&reading.L1_abolished_district=level_on_2025_06_30",
    "&reading.L2_merged_province=surviving_plan",
)


def load_agencies(system: System, count: int) -> list[dict[str, Any]]:
    bodies = agencies(count)
    with system.client("enrolment") as client:
        answer = client.post(
            "/v1/agencies/import",
            content=b"".join(ndjson(iter(bodies))),
            headers={"Content-Type": "application/x-ndjson"},
            timeout=600,
        )
    _expect(answer, len(bodies))
    return bodies


def import_officials(
    system: System, bodies: list[dict[str, Any]], first: int, count: int
) -> tuple[float, float]:
    """Returns seconds and how many MiB the service's memory grew from a third of the way to the end."""
    process = psutil.Process(system.pid_of_service("enrolment"))
    marks: list[int] = []

    def watched() -> Iterator[bytes]:
        chunks = list(ndjson(officials(count, bodies, first)))
        for number, chunk in enumerate(chunks):
            if number in (len(chunks) // 3, len(chunks) - 1):
                marks.append(process.memory_info().rss)
            yield chunk

    body = watched()
    head = next(body)  # rows are made before the clock starts
    with system.client("enrolment") as client:
        began = time.perf_counter()
        answer = client.post(
            "/v1/officials/import",
            content=itertools.chain([head], body),
            headers={"Content-Type": "application/x-ndjson"},
            timeout=1800,
        )
        seconds = time.perf_counter() - began
    _expect(answer, count)
    return seconds, (marks[-1] - marks[0]) / 2**20


def _expect(answer: httpx.Response, created: int) -> None:
    if answer.status_code != 200 or answer.json()["created"] != created:
        raise RuntimeError(f"import: {answer.status_code} {answer.text[:2000]}")


async def measure_import(
    system: System, admin_dsn: str, bodies: list[dict[str, Any]], count: int
) -> list[Figure]:
    seconds, growth = import_officials(system, bodies, 0, count)
    caught_up = system.targets_caught_up(1800)
    counts = await row_counts(admin_dsn, "enrolment")
    written = [
        table
        for table, rows in counts.items()
        if table not in WRITTEN_BY_WORKERS and rows >= count / 2
    ]
    baseline = await copy_seconds(admin_dsn, "enrolment", written)
    path = "roster import, streamed"
    said = f"COPY into {', '.join(written)}: {count / baseline:,.0f} officials/s"
    return [
        Figure(path, f"{count} officials", count / seconds, "officials/s", 8000, "higher"),
        Figure(path, "of COPY", 100 * baseline / seconds, "%", 50, "higher", said),
        Figure(path, "memory growth while streaming", growth, "MiB"),
        Figure(path, "targets caught up after the import", caught_up, "s"),
    ]


def questions(
    system: System, bodies: list[dict[str, Any]], count: int, seed: int
) -> Iterator[bytes]:
    """Requests for any plan, any subtree, any day past or future, any readings."""
    chance = random.Random(seed)
    token = system.token()
    codes = [body["code"] for body in bodies]
    roots = ["H15", "H29", "H13", "H50"]
    for _ in range(count):
        agency = chance.choice(roots) if chance.random() < 0.3 else chance.choice(codes)
        day = dt.date(2019, 1, 1) + dt.timedelta(days=chance.randrange(4380))
        yield get(
            f"/v1/plans/{chance.choice(PLANS)}/progress?agency={agency}&as_of={day}"
            f"{chance.choice(READINGS)}",
            token,
        )


async def measure_progress(
    system: System, bodies: list[dict[str, Any]], people: int, *, during: str = ""
) -> list[Figure]:
    url = system.urls["targets"]
    await run_load(url, questions(system, bodies, 300, 1), clients=1, seconds=30)
    load = await run_load(url, questions(system, bodies, 2000, 2), clients=1, seconds=60)
    if set(load.statuses) != {200}:
        raise RuntimeError(f"progress: {load.statuses} {load.first_failure[:1000]!r}")
    path = f"progress of {people:,} officials{during}".replace(",", " ")
    return [
        Figure(path, "p50", load.percentile(50) * 1000, "ms"),
        Figure(path, "p99", load.percentile(99) * 1000, "ms", 20),
    ]
