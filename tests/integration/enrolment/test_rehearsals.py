"""`dry_run=true`: the same report, nothing written."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.making.rosters import agency, citizen, plant_tree, post, row
from tests.rehearsals import held, places_in_the_feed, without_mark
from tests.running import RunningService

OFFICIALS = "/v1/officials/import"
AGENCIES = "/v1/agencies/import"


@pytest.fixture
async def service(enrolment: RunningService) -> RunningService:
    await plant_tree(enrolment.client())
    return enrolment


def roster() -> list[Any]:
    """Rows of three chunks, of which the last meet rows of the first."""
    rows: list[Any] = [row(n, post("X.A")) for n in range(1, 2201)]
    rows[5] = row(6, post("nowhere"))
    rows[2100] = row(2101, citizen_id=citizen(1))
    rows[2101] = row(2, post("X.B", valid_from="2018-09-01", position_title="Khác"))
    rows.append(row(3, post("X.A")))
    rows.append(row(4, full_name="Trần Thị Khác"))
    return rows


async def test_a_roster_is_reported_as_it_would_be_and_nothing_is_written(
    service: RunningService,
) -> None:
    admin = service.client()
    before, place = await held(service), await places_in_the_feed(service)
    tried = await admin.post(OFFICIALS, json=roster(), params={"dry_run": "true"})
    assert tried.status_code == 200, tried.text
    assert await held(service) == before
    assert await places_in_the_feed(service) == place
    done = await admin.post(OFFICIALS, json=roster())
    assert without_mark(tried.json()) == done.json()
    assert done.json()["rejected"] >= 2
    assert await held(service) != before


async def test_a_tree_whose_parents_stand_in_the_same_file_is_tried_whole(
    service: RunningService,
) -> None:
    admin = service.client()
    before = await held(service)
    rows = [agency("Z.1", "Z"), agency("Z"), agency("Z.1.1", "Z.1"), agency("Q.1", "Q")]
    tried = await admin.post(AGENCIES, json=rows, params={"dry_run": "1"})
    assert await held(service) == before
    done = await admin.post(AGENCIES, json=rows)
    assert without_mark(tried.json()) == done.json()
    assert (done.json()["created"], done.json()["rejected"]) == (3, 1)


async def test_what_is_not_in_the_file_is_told_by_a_rehearsal_too(service: RunningService) -> None:
    admin = service.client()
    await admin.post(OFFICIALS, json=[row(1), row(2)])
    before = await held(service)
    asked = {"complete_for": "X.A", "dry_run": "true"}
    tried = (await admin.post(OFFICIALS, json=[row(1), row(3)], params=asked)).json()
    assert tried["not_listed"] == ["O-000002"]
    assert await held(service) == before


async def test_a_rehearsal_spends_no_key(service: RunningService) -> None:
    admin = service.client()
    key = {"Idempotency-Key": "k-1"}
    for _ in range(2):
        tried = await admin.post(OFFICIALS, json=[row(1)], params={"dry_run": "true"}, headers=key)
        assert tried.json()["created"] == 1
    assert (await admin.post(OFFICIALS, json=[row(1), row(2)], headers=key)).json()["created"] == 2


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ("dry%5Frun=true", False),
        ("dry_run=TRUE", False),
        ("dry_run=yes", False),
        ("dry_run=false", True),
    ],
)
async def test_however_it_is_spelt_a_rehearsal_writes_nothing(
    service: RunningService, query: str, written: bool
) -> None:
    admin = service.client()
    before = await held(service)
    answer = await admin.post(f"{OFFICIALS}?{query}", json=[row(1)])
    assert answer.status_code == 200, answer.text
    assert (await held(service) != before) is written


@pytest.mark.parametrize("query", ["dry_run=maybe", "dry_run=", "dry_run=false&dry_run=true"])
async def test_what_is_neither_yes_nor_no_is_refused(service: RunningService, query: str) -> None:
    before = await held(service)
    answer = await service.client().post(f"{OFFICIALS}?{query}", json=[row(1)])
    assert answer.status_code == 422
    assert await held(service) == before


async def test_a_rehearsal_is_in_the_trail_and_no_change_is(service: RunningService) -> None:
    await service.client("admin", subject="clerk").post(
        OFFICIALS, json=[row(1)], params={"dry_run": "true"}
    )
    async with service.database.pool.acquire() as connection:
        lines = await connection.fetch("SELECT action, subject FROM audit WHERE caller = 'clerk'")
    assert [tuple(line) for line in lines] == [("dry_run", OFFICIALS)]


async def test_a_body_that_arrives_slowly_holds_no_connection(service: RunningService) -> None:
    """More of them than the pool has connections; others are answered meanwhile."""
    released = asyncio.Event()

    async def slow() -> Any:
        yield b"["
        yield json.dumps(row(1)).encode()
        await released.wait()
        yield b"]"

    clients = [service.client("admin", subject=f"clerk-{n}") for n in range(14)]
    waiting = [
        asyncio.create_task(
            one.post(
                OFFICIALS,
                content=slow(),
                params={"dry_run": "true"},
                headers={"Content-Type": "application/json"},
            )
        )
        for one in clients
    ]
    await asyncio.sleep(0.3)
    pool = service.database.pool
    assert pool.get_size() - pool.get_idle_size() <= 1
    released.set()
    answers = await asyncio.gather(*waiting)
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert sum(answer.status_code == 200 for answer in answers) >= 1
