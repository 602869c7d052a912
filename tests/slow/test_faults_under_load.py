"""Processes die under load: nothing acknowledged is lost, nothing is registered twice."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx
import psutil
import pytest

from services.targets.recount.use_cases import run_check
from tests.making.people import officials, result
from tests.system import System

BODY = "H56.09.TTYTHH"
PEOPLE = 1500
CLIENTS = 12
SHEETS = 100
"""Of one upload."""
SESSION, UPLOADS = "FAULTS-1", "FAULTS-2"

FAULTS = (
    "certification service",
    "postgres",
    "certification worker",
    "postgres backend",
    "targets worker",
    "enrolment service",
    "postgres",
    "targets service",
    "enrolment worker",
    "certification service",
)


def pid_of(system: System, what: str) -> int:
    """Raises one of ``NOT_THERE`` while it is still starting after the last fault."""
    if what == "postgres":
        return system.pid_of_postgres()
    if what == "postgres backend":
        return next(
            child.pid
            for child in psutil.Process(system.pid_of_postgres()).children()
            if "bac_certification" in " ".join(child.cmdline())
        )
    service, kind = what.split()
    return system.pid_of_service(service) if kind == "service" else system.pid_of_worker(service)


NOT_THERE = (LookupError, StopIteration, OSError, ValueError, psutil.Error)


@dataclass
class Told:
    """What was acknowledged to somebody, by what they sent."""

    results: dict[int, dict[str, Any]] = field(default_factory=dict)
    uploads: dict[int, dict[str, Any]] = field(default_factory=dict)
    officials: list[int] = field(default_factory=list)


def load_roster(system: System, numbers: int) -> None:
    with system.client("enrolment") as client:
        answer = client.post("/v1/officials/import", json=list(people(0, numbers)))
    assert answer.status_code == 200, answer.text
    assert answer.json()["created"] == numbers, answer.text


def people(first: int, count: int) -> Iterable[dict[str, Any]]:
    bodies = [{"code": BODY, "system": "public_service"}, {"code": BODY, "system": "state"}]
    return officials(count, bodies, first)


async def until_answered(
    client: httpx.AsyncClient, path: str, body: object, key: str
) -> httpx.Response:
    """As another system does it: the same body under the same key until there is an answer."""
    async with asyncio.timeout(120):
        while True:
            try:
                answer = await client.post(path, json=body, headers={"Idempotency-Key": key})
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                continue
            if answer.status_code in (200, 201):
                return answer
            code = answer.json()["code"]
            assert (answer.status_code, code) in (
                (503, "dependency_unavailable"),
                (409, "idempotency_in_progress"),
            ), answer.text
            await asyncio.sleep(0.1)


async def recovered(told: Told) -> None:
    """Until everybody who sends something is being answered again."""
    results, uploads, enrolled = len(told.results), len(told.uploads), len(told.officials)
    async with asyncio.timeout(90):
        while (
            len(told.results) < results + 50
            or len(told.uploads) < uploads + 1
            or len(told.officials) < enrolled + 1
        ):
            await asyncio.sleep(0.05)


async def break_things(system: System, told: Told) -> None:
    for what in FAULTS:
        await recovered(told)
        async with asyncio.timeout(40):
            while True:
                try:
                    os.kill(pid_of(system, what), signal.SIGKILL)
                    break
                except NOT_THERE:
                    await asyncio.sleep(0.1)
    await recovered(told)


async def load_while_breaking(system: System) -> Told:
    told = Told()
    broken = asyncio.Event()
    numbers = itertools.count()

    async def post(client: httpx.AsyncClient) -> None:
        while not broken.is_set():
            number = next(numbers)
            answer = await until_answered(
                client, "/v1/results", result(number, SESSION), f"sheet-{number}"
            )
            told.results[number] = answer.json()
            await asyncio.sleep(0.1)

    async def upload(client: httpx.AsyncClient) -> None:
        for batch in itertools.count():
            if broken.is_set():
                return
            sheets = [result(batch * SHEETS + each, UPLOADS) for each in range(SHEETS)]
            answer = await until_answered(client, "/v1/results/batch", sheets, f"upload-{batch}")
            told.uploads[batch] = answer.json()

    async def enrol(client: httpx.AsyncClient) -> None:
        for number in itertools.count(PEOPLE):
            if broken.is_set():
                return
            body = list(people(number, 1))
            answer = await until_answered(client, "/v1/officials/import", body, f"roster-{number}")
            assert answer.json()["rejected"] == 0, answer.text
            told.officials.append(number)
            await asyncio.sleep(0.1)

    async with (
        system.async_client("certification", "institution", institution="VINH") as university,
        system.async_client("enrolment", "agency", agency=BODY) as clerk,
        asyncio.TaskGroup() as group,
    ):
        for _ in range(CLIENTS):
            group.create_task(post(university))
        group.create_task(upload(university))
        group.create_task(enrol(clerk))
        await break_things(system, told)
        broken.set()
    return told


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


@pytest.mark.timeout(600)
def test_kill_9_of_every_process_under_load_loses_and_doubles_nothing(bare_system: System) -> None:
    load_roster(bare_system, PEOPLE)
    told = asyncio.run(load_while_breaking(bare_system))
    assert len(told.results) > 50 * len(FAULTS)
    assert len(told.uploads) > len(FAULTS)
    assert len(told.officials) > len(FAULTS)

    bare_system.targets_caught_up(90)
    events = all_events(bare_system, "certification")
    issued = [e["data"] for e in events if e["type"] == "vn.bac.certificate.issued.v1"]
    recorded = [e["data"] for e in events if e["type"] == "vn.bac.result.recorded.v1"]
    by_hand = {answer["result_id"] for answer in told.results.values()}
    heard = [str(each["result_id"]) for each in (*issued, *recorded)]
    assert len(heard) == len(set(heard)) == len(by_hand) + SHEETS * len(told.uploads)
    assert by_hand < set(heard)
    for answer in told.uploads.values():
        assert (answer["rejected"], answer["recorded"] + answer["duplicates"]) == (0, SHEETS)
    serials = {
        answer["certificate"]["serial"] for answer in told.results.values() if answer["certificate"]
    }
    assert serials < {e["serial"] for e in issued}
    numbers = sorted(int(e["register_number"]) for e in issued)
    assert numbers == list(range(1, len(issued) + 1))

    with bare_system.client("certification", "institution", institution="VINH") as client:
        for number in range(0, len(told.results), 37):
            again = client.post("/v1/results", json=result(number, SESSION))
            assert again.status_code == 200, again.text
            assert again.json()["result_id"] == told.results[number]["result_id"]
        for batch in told.uploads:
            sheets = [result(batch * SHEETS + each, UPLOADS) for each in range(SHEETS)]
            assert client.post("/v1/results/batch", json=sheets).json()["duplicates"] == SHEETS
    with bare_system.client("enrolment", "agency", agency=BODY) as client:
        for number in told.officials:
            again = client.post("/v1/officials/import", json=list(people(number, 1)))
            assert again.json()["unchanged"] == 1, again.text

    bare_system.targets_caught_up(30)
    report = run_check(
        bare_system.urls["enrolment"],
        bare_system.urls["certification"],
        bare_system.urls["targets"],
        bare_system.token(),
    )
    assert report.differences == []
    assert report.officials >= PEOPLE + len(told.officials)


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
