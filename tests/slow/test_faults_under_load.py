"""Processes die under load: nothing acknowledged is lost, nothing is registered twice."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterable
from typing import Any

import httpx
import pytest

from services.targets.recount.check import run_check
from tests.bench.people import officials, result
from tests.system import System

BODY = "H56.09.TTYTHH"
PEOPLE = 1500
CLIENTS = 16
SESSION = "FAULTS-1"

FAULTS = (
    "certification service",
    "postgres",
    "certification worker",
    "targets worker",
    "enrolment service",
    "postgres",
    "targets service",
    "enrolment worker",
    "certification service",
)


def pid_of(system: System, what: str) -> int:
    if what == "postgres":
        return system.pid_of_postgres()
    service, kind = what.split()
    return system.pid_of_service(service) if kind == "service" else system.pid_of_worker(service)


def load_roster(system: System, numbers: int) -> None:
    bodies = [
        {"code": BODY, "system": "public_service"},
        {"code": BODY, "system": "state"},
    ]
    rows: Iterable[dict[str, Any]] = officials(numbers, bodies)
    with system.client("enrolment") as client:
        answer = client.post("/v1/officials/import", json=list(rows))
    assert answer.status_code == 200, answer.text
    assert answer.json()["created"] == numbers, answer.text


async def post_until_acknowledged(
    client: httpx.AsyncClient, number: int, acknowledged: dict[int, dict[str, Any]]
) -> None:
    """As an exam system does it: the same sheet under the same key until there is an answer."""
    async with asyncio.timeout(120):
        while True:
            try:
                answer = await client.post(
                    "/v1/results",
                    json=result(number, SESSION),
                    headers={"Idempotency-Key": f"sheet-{number}"},
                )
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                continue
            if answer.status_code in (200, 201):
                acknowledged[number] = answer.json()
                return
            assert answer.status_code in (409, 500, 503), answer.text
            if answer.status_code == 409:
                assert answer.json()["code"] == "idempotency_in_progress", answer.text
            await asyncio.sleep(0.1)


async def break_things(system: System, finished: asyncio.Event) -> list[str]:
    broken = []
    for what in FAULTS:
        if finished.is_set():
            break
        await asyncio.sleep(1.5)
        try:
            os.kill(pid_of(system, what), signal.SIGKILL)
        except (LookupError, ProcessLookupError, StopIteration, FileNotFoundError):
            continue  # still starting after the last fault
        broken.append(what)
    return broken


async def load_while_breaking(system: System) -> tuple[dict[int, dict[str, Any]], list[str]]:
    acknowledged: dict[int, dict[str, Any]] = {}
    finished = asyncio.Event()
    numbers = iter(range(PEOPLE))
    async with system.async_client("certification", "institution", institution="VINH") as client:

        async def poster() -> None:
            for number in numbers:
                await post_until_acknowledged(client, number, acknowledged)
                await asyncio.sleep(0.12)  # spread the sheets over all the faults

        breaking = asyncio.create_task(break_things(system, finished))
        await asyncio.gather(*(poster() for _ in range(CLIENTS)))
        finished.set()
        broken = await breaking
    return acknowledged, broken


def all_events(system: System, service: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    after = ""
    with system.client(service) as client:
        while True:
            page = client.get("/v1/events", params={"after": after, "limit": 5000}).json()
            events += page["events"]
            after = page["cursor"]
            if after == page["head"]:
                return events


@pytest.mark.timeout(400)
def test_kill_9_of_every_process_under_load_loses_and_doubles_nothing(bare_system: System) -> None:
    load_roster(bare_system, PEOPLE)
    acknowledged, broken = asyncio.run(load_while_breaking(bare_system))
    assert set(acknowledged) == set(range(PEOPLE))
    assert {"postgres", "certification service", "targets worker"} <= set(broken)

    bare_system.targets_caught_up(90)
    events = all_events(bare_system, "certification")
    issued = [e["data"] for e in events if e["type"] == "vn.bac.certificate.issued.v1"]
    recorded = [e["data"] for e in events if e["type"] == "vn.bac.result.recorded.v1"]
    told = {answer["result_id"] for answer in acknowledged.values()}
    assert len(issued) + len(recorded) == PEOPLE
    assert {str(e["result_id"]) for e in (*issued, *recorded)} == told
    serials = {
        answer["certificate"]["serial"] for answer in acknowledged.values() if answer["certificate"]
    }
    assert {e["serial"] for e in issued} == serials
    numbers = sorted(int(e["register_number"]) for e in issued)
    assert numbers == list(range(1, len(issued) + 1))

    with bare_system.client("certification", "institution", institution="VINH") as client:
        for number in range(0, PEOPLE, 37):
            again = client.post("/v1/results", json=result(number, SESSION))
            assert again.status_code == 200, again.text
            assert again.json()["result_id"] == acknowledged[number]["result_id"]

    report = run_check(
        bare_system.urls["enrolment"],
        bare_system.urls["certification"],
        bare_system.urls["targets"],
        bare_system.token(),
    )
    assert report.differences == []


@pytest.mark.timeout(200)
def test_a_killed_run_starts_again_with_everything(bare_system: System) -> None:
    load_roster(bare_system, 50)
    with bare_system.client("certification", "institution", institution="VINH") as client:
        posted = client.post("/v1/results", json=result(7, "KILLED"))
    assert posted.status_code == 201, posted.text
    assert bare_system.process is not None
    os.killpg(bare_system.process.pid, signal.SIGKILL)
    bare_system.process.wait()
    bare_system.process = None
    bare_system.start()
    with bare_system.client("certification", "institution", institution="VINH") as client:
        again = client.post("/v1/results", json=result(7, "KILLED"))
    assert (again.status_code, again.json()["result_id"]) == (200, posted.json()["result_id"])
