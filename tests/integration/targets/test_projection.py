"""The projection stands by itself: replay, rollback, moved subtrees, changed plans, folding."""

from __future__ import annotations

from typing import Any

import pytest

from services.targets import worker
from services.targets.population import repository
from tests.making.daklak import BODY, COMMUNE, OFFICE, figure
from tests.making.written_feed import WrittenFeed
from tests.running import RunningService
from tests.worlds import events as made


async def rows(targets: RunningService, query: str) -> list[tuple[Any, ...]]:
    async with targets.database.pool.acquire() as connection:
        return [tuple(row) for row in await connection.fetch(query)]


STANDINGS = "SELECT official_code, first, until, body, origin FROM standing ORDER BY 1, 2"


async def test_replay_from_zero_rebuilds_the_same_projection(
    counted: RunningService, directory: WrittenFeed, registers: WrittenFeed
) -> None:
    before = await rows(counted, STANDINGS)
    answered = await figure(counted.client(), as_of="2024-12-31")
    async with counted.database.pool.acquire() as connection:
        await repository.empty_projection(connection, worker.make_projector().fingerprint)
    assert await rows(counted, STANDINGS) == []
    await counted.follow(registers)
    await counted.follow(directory)
    assert await rows(counted, STANDINGS) == before
    assert await figure(counted.client(), as_of="2024-12-31") == answered


async def test_reading_a_feed_again_changes_nothing(
    counted: RunningService, directory: WrittenFeed
) -> None:
    before = await rows(counted, STANDINGS)
    answered = await figure(counted.client(), as_of="2024-12-31")
    async with counted.database.pool.acquire() as connection:
        await connection.execute("UPDATE feed_cursor SET cursor = ''")
    await counted.follow(directory)
    assert await rows(counted, STANDINGS) == before
    assert await figure(counted.client(), as_of="2024-12-31") == answered


async def test_a_batch_that_was_rolled_back_leaves_no_trace_in_later_ones(
    counted: RunningService, directory: WrittenFeed
) -> None:
    projector = worker.make_projector()
    new_office = made.agency("H15.09", made.agency_version(parent=BODY, system="socio_political"))
    directory.publish(
        new_office,
        made.official(
            "CB7", made.assignment("H15.09", requires_language=True, leadership="division")
        ),
    )
    envelopes = worker_envelopes(directory.events[-2:])
    async with counted.database.pool.acquire() as connection:
        with pytest.raises(_Broken):
            async with connection.transaction():
                await projector.apply(connection, envelopes)
                raise _Broken
        async with connection.transaction():
            await projector.apply(connection, envelopes[1:])
        assert (await figure(counted.client(), as_of="2024-12-31"))["eligible"] == 4
        async with connection.transaction():
            await projector.apply(connection, envelopes)
    assert (await figure(counted.client(), as_of="2024-12-31"))["eligible"] == 5


async def test_a_moved_body_takes_its_people_along_without_judging_them_anew(
    counted: RunningService, directory: WrittenFeed
) -> None:
    before = await rows(counted, "SELECT ctid::text, xmin::text FROM standing ORDER BY 1")
    moved = made.agency(
        OFFICE,
        made.agency_version(valid_to="2025-12-31", parent=BODY),
        made.agency_version("2026-01-01", parent=COMMUNE),
        version=2,
    )
    directory.publish(moved)
    await counted.follow(directory)
    assert await rows(counted, "SELECT ctid::text, xmin::text FROM standing ORDER BY 1") == before
    client = counted.client()
    assert (await figure(client, agency=COMMUNE, as_of="2025-12-31"))["eligible"] == 0
    assert (await figure(client, agency=COMMUNE, as_of="2026-01-01"))["eligible"] == 2
    assert (await figure(client, agency=BODY, as_of="2026-01-01"))["eligible"] == 3


async def test_folding_changes_no_figure(counted: RunningService) -> None:
    days = ("2019-12-31", "2023-02-28", "2024-12-31", "2025-07-01", "2040-01-01")
    before = [await figure(counted.client(), as_of=day) for day in days]
    assert await worker.fold(counted.database, cells=1, rows=1) > 0
    assert await rows(counted, "SELECT count(*) FROM series_tail") == [(0,)]
    assert await rows(counted, "SELECT sum(tail_cells), sum(tail_rows) FROM series") == [(0, 0)]
    assert [await figure(counted.client(), as_of=day) for day in days] == before


async def test_figures_made_by_other_plans_are_not_served_and_begin_anew(
    counted: RunningService, directory: WrittenFeed, registers: WrittenFeed
) -> None:
    client = counted.client()
    async with counted.database.pool.acquire() as connection:
        await connection.execute("UPDATE projection SET fingerprint = 'of another plan'")
    refused = await client.get("/v1/plans/daklak-2020/progress")
    assert (refused.status_code, refused.json()["code"]) == (503, "projection_rebuilding")
    assert (await client.get("/health/ready")).status_code == 503
    assert await worker.empty_if_outdated(counted.database, worker.make_projector())
    await counted.follow(directory)
    await counted.follow(registers)
    assert (await figure(client, as_of="2024-12-31"))["achieved"] == 1
    assert not await worker.empty_if_outdated(counted.database, worker.make_projector())


class _Broken(Exception):
    pass


def worker_envelopes(events: list[dict[str, Any]]) -> list[Any]:
    import msgspec

    from shared.contracts.events import Envelope

    return [msgspec.convert(event, Envelope) for event in events]
