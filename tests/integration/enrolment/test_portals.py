"""What agency portals read: each keeps a copy built from its own feed alone."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.making.portals import CHANGED, LEFT, Portal
from tests.making.rosters import agency, official, plant_tree, post, row, send
from tests.running import RunningService


@pytest.fixture
async def service(enrolment: RunningService) -> RunningService:
    await plant_tree(enrolment.client())
    return enrolment


async def test_a_move_leaves_every_portal_with_the_right_copy(service: RunningService) -> None:
    old, new = Portal(service, agency="X.A"), Portal(service, agency="Y.A")
    above, party = Portal(service, agency="X"), Portal(service, agency="X", bloc="party")
    nation = Portal(service, "auditor")
    clerk = service.client("agency", agency="X.A")
    await clerk.put("/v1/officials/O-1", json=official(1))
    await clerk.put("/v1/officials/O-2", json=official(2))
    assert await old.read() == {"O-1", "O-2"}
    assert await above.read() == {"O-1", "O-2"}
    assert await new.read() == await party.read() == set()
    receiver = service.client("agency", agency="Y.A")
    answer = await receiver.put(
        "/v1/officials/O-1", json=official(1, post("Y.A", valid_from="2026-10-01"))
    )
    assert answer.status_code == 200
    assert await old.read() == await above.read() == {"O-2"}
    assert await new.read() == {"O-1"}
    assert new.copy["O-1"]["effective_on"] == "2026-10-01"
    assert new.copy["O-1"]["agency_code"] == "Y.A"
    assert await nation.read() == {"O-1", "O-2"}
    assert LEFT not in nation.types
    # A reader from the beginning comes to the same copy.
    late = Portal(service, agency="X.A")
    assert await late.read() == {"O-2"}
    names = str([portal.copy for portal in (old, new, above, nation)])
    assert "Nguyễn" not in names


async def test_inside_one_province_only_the_bodies_below_hear_of_it(
    service: RunningService,
) -> None:
    one, other = Portal(service, agency="X.A"), Portal(service, agency="X.B")
    above = Portal(service, agency="X")
    admin = service.client()
    await admin.put("/v1/officials/O-1", json=official(1))
    for portal in (one, other, above):
        await portal.read()
    await admin.put(
        "/v1/officials/O-1",
        json=official(1, post("X.A", valid_to="2025-12-31"), post("X.B", valid_from="2026-01-01")),
        headers={"If-Match": "*"},
    )
    assert (await one.read(), await other.read(), await above.read()) == (set(), {"O-1"}, {"O-1"})
    assert above.types == [CHANGED, CHANGED]


async def test_a_day_that_arrives_moves_people(service: RunningService) -> None:
    old, new = Portal(service, agency="X.A"), Portal(service, agency="Y.A")
    admin = service.client()
    await admin.put(
        "/v1/officials/O-1",
        json=official(1, post("X.A", valid_to="2026-12-31"), post("Y.A", valid_from="2027-01-01")),
    )
    assert (await old.read(), await new.read()) == ({"O-1"}, set())
    service.clock.day = dt.date(2027, 1, 1)
    assert (await old.read(), await new.read()) == (set(), {"O-1"})
    assert new.copy["O-1"]["effective_on"] == "2027-01-01"
    service.clock.day = dt.date(2027, 1, 2)
    await old.read()
    assert old.types == [CHANGED, LEFT]


async def test_a_tree_change_moves_people(service: RunningService) -> None:
    old, new = Portal(service, agency="X"), Portal(service, agency="Y")
    admin = service.client()
    await send(admin, "/v1/officials/import", [row(n, post("X.A.1")) for n in range(1, 4)])
    assert len(await old.read()) == 3
    version = agency("X.A", "Y", valid_from="2026-11-01")
    del version["code"]
    moved = await admin.put("/v1/agencies/X.A", json=version, headers={"If-Match": "*"})
    assert moved.status_code == 200, moved.text
    assert (await old.read(), len(await new.read())) == (set(), 3)


async def test_a_secondment_is_seen_by_both_bodies_until_it_ends(service: RunningService) -> None:
    home, host = Portal(service, agency="X.A"), Portal(service, agency="Y.A")
    away = post(
        "Y.A",
        posting="secondment",
        primary=False,
        valid_from="2026-11-01",
        valid_to="2026-11-30",
    )
    await service.client().put("/v1/officials/O-1", json=official(1, post("X.A"), away))
    assert await home.read() == await host.read() == {"O-1"}
    service.clock.day = dt.date(2026, 12, 1)
    assert (await home.read(), await host.read()) == ({"O-1"}, set())


async def test_a_retired_official_stays_with_the_last_body(service: RunningService) -> None:
    home = Portal(service, agency="X.A")
    await service.client().put(
        "/v1/officials/O-1", json=official(1, post("X.A", valid_to="2026-11-30"))
    )
    await home.read()
    service.clock.day = dt.date(2027, 5, 1)
    assert await home.read() == {"O-1"}
    assert home.types == [CHANGED]
