"""An official with posts in bodies of both blocs: each bloc's readers see the person, and of the posts their
own bloc's alone; whoever is confined to neither sees all."""

from __future__ import annotations

import datetime as dt
from typing import Any

import httpx
import pytest

from tests.making.portals import CHANGED, JOINED, LEFT, Portal
from tests.making.rosters import agency, citizen, official, plant_tree, post
from tests.running import RunningService

STATE, PARTY = {"agency": "X", "bloc": "state"}, {"agency": "X", "bloc": "party"}
OFFICE = post("X.A", position_title="Chuyên viên Ủy ban", status="civil_servant")
COMMITTEE = post(
    "X.P",
    position_title="Ủy viên Ban",
    status="cadre",
    leadership="division",
    posting="concurrent",
    primary=False,
    valid_from="2020-01-01",
)
OF_THE_STATE, OF_THE_PARTY = ("X.A", "Chuyên viên Ủy ban"), ("X.P", "Ủy viên Ban")


@pytest.fixture
async def service(enrolment: RunningService) -> RunningService:
    """O-1 stands on the establishment of X.A, and holds a post in the Party's X.P beside it."""
    admin = enrolment.client()
    await plant_tree(admin)
    answer = await admin.put("/v1/officials/O-1", json=official(1, OFFICE, COMMITTEE))
    assert answer.status_code == 201, answer.text
    await enrolment.settle()
    return enrolment


def bodies(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [each["agency_code"] for each in answer.json()["assignments"]]


async def test_each_bloc_reads_its_own_posts(service: RunningService) -> None:
    for who, own, others, establishment in (
        (STATE, OF_THE_STATE, OF_THE_PARTY, "X.A"),
        (PARTY, OF_THE_PARTY, OF_THE_STATE, None),
    ):
        clerk = service.client("agency", **who)
        one = await clerk.get("/v1/officials/O-1")
        assert bodies(one) == [own[0]]
        assert one.json()["agency_code"] == establishment
        for path in ("/v1/officials/O-1", "/v1/officials", "/v1/officials.csv"):
            text = (await clerk.get(path)).text
            assert all(word in text for word in own), path
            assert not any(word in text for word in others), path
        found = await clerk.post("/v1/officials/lookup", json={"official_codes": ["O-1"]})
        assert found.json()["items"][0]["agency_code"] == establishment
        by_number = {"citizen_id": citizen(1), "birth_date": "1985-03-02"}
        found = await clerk.post("/v1/officials/lookup", json=by_number)
        assert found.json()["items"][0]["agency_code"] == establishment
    for role, whole in (("agency", {"agency": "X"}), ("authority", {}), ("admin", {})):
        assert bodies(await service.client(role, **whole).get("/v1/officials/O-1")) == [
            "X.A",
            "X.P",
        ]
    own_data = service.client("official", official_code="O-1", bloc="party")
    assert bodies(await own_data.get("/v1/officials/O-1")) == ["X.A", "X.P"]


@pytest.mark.parametrize(
    ("query", "state", "party"),
    [
        ({"leadership": "division"}, [], ["O-1"]),
        ({"status": "cadre"}, [], ["O-1"]),
        ({"status": "civil_servant"}, ["O-1"], []),
        ({"agency": "X.P"}, [], ["O-1"]),
        ({"agency": "X.A"}, ["O-1"], []),
        ({"agency": "X"}, ["O-1"], ["O-1"]),
        ({"as_of": "2019-06-01"}, ["O-1"], []),
    ],
)
async def test_filters_do_not_look_behind_the_border(
    service: RunningService, query: dict[str, str], state: list[str], party: list[str]
) -> None:
    for who, expected in ((STATE, state), (PARTY, party)):
        answer = await service.client("agency", **who).get("/v1/officials", params=query)
        assert [each["official_code"] for each in answer.json()["items"]] == expected, who


async def test_what_one_bloc_read_is_sent_back_without_loss_to_the_other(
    service: RunningService,
) -> None:
    clerk = service.client("agency", **PARTY)
    read = await clerk.get("/v1/officials/O-1")
    body = read.json()
    body["assignments"][0]["position_title"] = "Phó Trưởng ban"
    stored = await clerk.put(
        "/v1/officials/O-1", json=body, headers={"If-Match": read.headers["etag"]}
    )
    assert bodies(stored) == ["X.P"]
    whole = (await service.client().get("/v1/officials/O-1")).json()["assignments"]
    assert [(each["agency_code"], each["position_title"]) for each in whole] == [
        ("X.A", "Chuyên viên Ủy ban"),
        ("X.P", "Phó Trưởng ban"),
    ]


async def test_posts_held_before_a_change_of_bloc_stay_behind_the_border(
    service: RunningService,
) -> None:
    admin = service.client()
    before = post("X.P", position_title="Ủy viên Ban", valid_to="2024-12-31")
    now = post("X.A", position_title="Chuyên viên Ủy ban", valid_from="2025-01-01")
    await admin.put("/v1/officials/O-2", json=official(2, before, now))
    assert bodies(await service.client("agency", **STATE).get("/v1/officials/O-2")) == ["X.A"]
    gone = await service.client("agency", **PARTY).get("/v1/officials/O-2")
    assert gone.status_code == 404


async def test_moves_of_the_other_bloc_are_not_listed(service: RunningService) -> None:
    admin = service.client()

    async def move(**body: Any) -> None:
        answer = await admin.post("/v1/officials/O-1/moves", json=body)
        assert answer.status_code == 201, answer.text

    away = {"kind": "secondment", "to_agency": "X.P", "decision_number": "1/QĐ-BIẾTPHÁI"}
    await move(**away, effective_on="2025-02-01")
    back = {"kind": "secondment_end", "to_agency": "X.P", "decision_number": "2/QĐ-HẾTBIẾTPHÁI"}
    await move(**back, effective_on="2025-08-01")
    shift = {"kind": "transfer", "to_agency": "X.B", "decision_number": "3/QĐ-ĐIỀUĐỘNG"}
    await move(**shift, effective_on="2025-09-01")
    over = {"kind": "transfer", "to_agency": "X.P", "decision_number": "4/QĐ-SANGĐẢNG"}
    await move(**over, effective_on="2026-12-01")

    async def listed(**who: Any) -> list[tuple[str, str | None]]:
        answer = await service.client("agency", **who).get("/v1/officials/O-1/moves")
        assert answer.status_code == 200, answer.text
        return [(each["decision_number"][0], each["to_agency"]) for each in answer.json()["items"]]

    assert await listed(agency="X") == [("1", "X.P"), ("2", "X.P"), ("3", "X.B"), ("4", "X.P")]
    assert await listed(**PARTY) == [("1", "X.P"), ("2", "X.P"), ("4", "X.P")]
    # That the official leaves is the State's to know; where to is not.
    assert await listed(**STATE) == [("3", "X.B"), ("4", None)]


async def test_portals_of_each_bloc_are_told_of_their_own_posts(service: RunningService) -> None:
    state, party = Portal(service, **STATE), Portal(service, **PARTY)
    whole, nation = Portal(service, agency="X"), Portal(service, "auditor")
    everywhere = Portal(service, "authority", bloc="party")
    admin = Portal(service, "admin")
    for portal in (state, party, whole, nation, everywhere, admin):
        assert await portal.read() == {"O-1"}
        assert portal.types == [CHANGED]

    def posts(portal: Portal) -> list[str]:
        return [each["agency_code"] for each in portal.copy["O-1"]["assignments"]]

    assert posts(state) == ["X.A"]
    assert posts(party) == posts(everywhere) == ["X.P"]
    assert posts(whole) == posts(nation) == posts(admin) == ["X.A", "X.P"]


async def test_who_joins_a_bloc_brings_no_posts_of_the_other(service: RunningService) -> None:
    only = post("X.A")
    await service.client().put("/v1/officials/O-2", json=official(2, only))
    state, party = Portal(service, **STATE), Portal(service, **PARTY)
    above = Portal(service, agency="X")
    for portal in (state, party, above):
        await portal.read()
    answer = await service.client("agency", **PARTY).post(
        "/v1/officials/O-2/moves",
        json={
            "kind": "transfer",
            "effective_on": "2026-11-01",
            "decision_number": "5/QĐ",
            "to_agency": "X.P",
            "citizen_id": citizen(2),
            "birth_date": "1985-03-02",
        },
    )
    assert answer.status_code == 201, answer.text
    assert await state.read() == {"O-1"}
    assert state.types[-1] == LEFT
    assert await party.read() == {"O-1", "O-2"}
    assert party.types[-1] == JOINED
    assert [each["agency_code"] for each in party.copy["O-2"]["assignments"]] == ["X.P"]
    await above.read()
    assert [each["agency_code"] for each in above.copy["O-2"]["assignments"]] == ["X.A", "X.P"]


async def test_a_body_that_changes_its_bloc_takes_its_posts_along(service: RunningService) -> None:
    state = Portal(service, **STATE)
    await state.read()
    version = agency("X.P", "X", system="party", bloc="state", valid_from="2026-12-01")
    del version["code"]
    moved = await service.client().put("/v1/agencies/X.P", json=version, headers={"If-Match": "*"})
    assert moved.status_code == 200, moved.text
    clerk = service.client("agency", **STATE)
    assert bodies(await clerk.get("/v1/officials/O-1")) == ["X.A"]
    await state.read()
    assert [each["agency_code"] for each in state.copy["O-1"]["assignments"]] == ["X.A"]
    service.clock.day = dt.date(2026, 12, 1)
    assert bodies(await clerk.get("/v1/officials/O-1")) == ["X.A", "X.P"]
    await state.read()
    assert [each["agency_code"] for each in state.copy["O-1"]["assignments"]] == ["X.A", "X.P"]
    gone = await service.client("agency", **PARTY).get("/v1/officials/O-1")
    assert gone.status_code == 404
