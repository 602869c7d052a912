"""What portals read of bodies: of their own tree everything, of others nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.making.rosters import agency, plant_tree
from tests.running import RunningService

BODY_CHANGED = "vn.bac.agency.changed.v1"


class TreePortal:
    """Keeps the newest versions of each body that its feed speaks of."""

    def __init__(self, service: RunningService, role: str = "agency", **who: Any) -> None:
        self.service = service
        self.client = service.client(role, **who)
        self.cursor = ""
        self.copy: dict[str, list[dict[str, Any]]] = {}
        self.heard: list[str] = []

    async def read(self) -> set[str]:
        """The bodies heard of since the last time; those that ship with the product are left out."""
        await self.service.settle()
        heard = []
        while True:
            answer = await self.client.get("/v1/events", params={"after": self.cursor})
            assert answer.status_code == 200, answer.text
            page = answer.json()
            for event in page["events"]:
                if event["type"] == BODY_CHANGED and event["subject"][0] in "XY":
                    heard.append(event["subject"])
                    self.copy[event["subject"]] = event["data"]["versions"]
            self.cursor = page["cursor"]
            if self.cursor == page["head"]:
                assert len(heard) == len(set(heard))
                return set(heard)


@pytest.fixture
async def service(enrolment: RunningService) -> RunningService:
    await plant_tree(enrolment.client())
    return enrolment


async def change(service: RunningService, code: str, parent: str, **changes: Any) -> None:
    version = agency(code, parent, **changes)
    del version["code"]
    answer = await service.client().put(
        f"/v1/agencies/{code}", json=version, headers={"If-Match": "*"}
    )
    assert answer.status_code == 200, answer.text


X = {"X", "X.A", "X.A.1", "X.B", "X.P"}
EVERY = X | {"Y", "Y.A"}


@pytest.mark.parametrize(
    ("role", "who", "expected"),
    [
        ("agency", {"agency": "X.A"}, {"X.A", "X.A.1"}),
        ("agency", {"agency": "X"}, X),
        ("agency", {"agency": "X", "bloc": "party"}, X),
        ("authority", {"agency": "Y"}, {"Y", "Y.A"}),
        ("auditor", {"agency": "X.B"}, {"X.B"}),
        ("authority", {"bloc": "state"}, EVERY),
        ("authority", {}, EVERY),
        ("auditor", {}, EVERY),
        ("admin", {}, EVERY),
        ("agency", {"agency": "nowhere"}, set()),
        ("institution", {"institution": "VINH"}, set()),
    ],
)
async def test_bodies_elsewhere_are_absent_from_the_feed(
    service: RunningService, role: str, who: dict[str, Any], expected: set[str]
) -> None:
    portal = TreePortal(service, role, **who)
    assert await portal.read() == expected
    listed = await portal.client.get("/v1/agencies")
    if role != "institution":
        assert {each["code"] for each in listed.json()["items"]} & EVERY == expected


async def test_a_subtree_that_moves_is_told_whole_to_those_it_comes_to(
    service: RunningService,
) -> None:
    old, new = TreePortal(service, agency="X"), TreePortal(service, agency="Y")
    inside, nation = TreePortal(service, agency="X.A"), TreePortal(service, "auditor")
    for portal in (old, new, inside, nation):
        await portal.read()
    await change(service, "X.A", "Y", valid_from="2026-11-01")
    assert await old.read() == {"X.A"}
    assert old.copy["X.A"][-1]["parent_code"] == "Y"
    assert await new.read() == {"X.A", "X.A.1"}
    assert new.copy["X.A.1"][-1]["parent_code"] == "X.A"
    assert await inside.read() == await nation.read() == {"X.A"}
    await change(service, "X.A.1", "X.A", name="Tên mới")
    assert (await old.read(), await new.read()) == (set(), {"X.A.1"})


async def test_a_subtree_comes_into_scope_on_its_day(service: RunningService) -> None:
    old, new = TreePortal(service, agency="X"), TreePortal(service, agency="Y")
    for portal in (old, new):
        await portal.read()
    await change(service, "X.A", "Y", valid_from="2027-01-01")
    assert (await old.read(), await new.read()) == ({"X.A"}, set())
    service.clock.day = dt.date(2026, 12, 31)
    assert (await old.read(), await new.read()) == (set(), set())
    service.clock.day = dt.date(2027, 1, 3)
    assert (await old.read(), await new.read()) == (set(), {"X.A", "X.A.1"})
    assert [each["valid_from"] for each in new.copy["X.A"]] == ["2010-01-01", "2027-01-01"]
