"""Whoever is confined to a bloc cannot move the border behind which the other bloc's people stand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.making.rosters import agency, official, post
from tests.running import RunningService

PARTY = {"agency": "X", "bloc": "party"}


@pytest.fixture
async def service(enrolment: RunningService) -> RunningService:
    """Below X (State): the State's office X.A with a unit, the Party's committee X.P with a unit; O-1 in X.A."""
    admin = enrolment.client()
    rows = [
        agency("X"),
        agency("X.A", "X"),
        agency("X.A.U", "X.A", system="public_service"),
        agency("X.P", "X", system="party"),
        agency("X.P.U", "X.P", system="public_service"),
        agency("X.C", "X", level="commune", commune_kind="xa"),
        agency("X.C.1", "X.C", level="commune", commune_kind="xa"),
    ]
    report = (await admin.post("/v1/agencies/import", json=rows)).json()
    assert report["created"] == len(rows), report
    for number, body in enumerate(("X.A", "X.A.U"), 1):
        answer = await admin.put(f"/v1/officials/O-{number}", json=official(number, post(body)))
        assert answer.status_code == 201, answer.text
    await enrolment.settle()
    return enrolment


async def send(
    service: RunningService, who: dict[str, Any], row: dict[str, Any], way: str
) -> tuple[str | None, str | None]:
    """Code and pointer of the refusal, by PUT or in a file; none when it was taken."""
    caller = service.client("authority", **who)
    if way == "import":
        report = (await caller.post("/v1/agencies/import", json=[row])).json()
        if not report["errors"]:
            return None, None
        return report["errors"][0]["code"], report["errors"][0]["pointer"]
    body = {name: value for name, value in row.items() if name != "code"}
    held = await service.client().get(f"/v1/agencies/{row['code']}")
    headers = {"If-Match": held.headers["etag"]} if held.status_code == 200 else {}
    answer = await caller.put(f"/v1/agencies/{row['code']}", json=body, headers=headers)
    if answer.status_code < 300:
        return None, None
    assert answer.status_code == 403, answer.text
    problem = answer.json()
    assert problem["code"] == problem["errors"][0]["code"]
    return problem["code"], problem["errors"][0]["pointer"]


ATTACKS = {
    "declare the State's office the Party's": (
        agency("X.A", "X", bloc="party"),
        ("bloc_reserved", "/bloc"),
    ),
    "declare it from a later day on": (
        agency("X.A", "X", bloc="party", valid_from="2020-01-01"),
        ("bloc_reserved", "/bloc"),
    ),
    "change its system": (agency("X.A", "X", system="party"), ("bloc_border", "/code")),
    "change the system of the own body": (
        agency("X.P", "X", system="socio_political"),
        ("bloc_border", "/system"),
    ),
    "hang a unit of the State's below the committee": (
        agency("X.A.U", "X.P", system="public_service"),
        ("bloc_border", "/code"),
    ),
    "hang the own unit below the State's office": (
        agency("X.P.U", "X.A", system="public_service", valid_from="2021-01-01"),
        ("bloc_border", "/parent_code"),
    ),
    "set up a body of the State's": (agency("X.N", "X"), ("bloc_border", "/parent_code")),
    "set up a unit below the State's office": (
        agency("X.N", "X.A", system="public_service"),
        ("bloc_border", "/parent_code"),
    ),
    "set up a body that declares the own bloc": (
        agency("X.N", "X", bloc="party"),
        ("bloc_reserved", "/bloc"),
    ),
    "rename the other bloc's body": (
        agency("X.A", "X", name="Tên khác"),
        ("bloc_border", "/code"),
    ),
}


@pytest.mark.parametrize("way", ["put", "import"])
@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_caller_of_one_bloc_sees_nobody_new_whatever_it_says_of_bodies(
    service: RunningService, attack: str, way: str
) -> None:
    row, refusal = ATTACKS[attack]
    caller = service.client("authority", **PARTY)
    feed_before = await service.events(caller)
    assert await send(service, PARTY, row, way) == refusal
    await service.settle()
    assert (await caller.get("/v1/officials")).json()["items"] == []
    assert (await caller.get("/v1/officials/O-1")).status_code == 404
    new = (await service.events(caller))[len(feed_before) :]
    assert [each for each in new if "official" in each["type"]] == []


async def test_a_caller_of_one_bloc_keeps_its_own_bodies(service: RunningService) -> None:
    for row in (
        agency("X.P", "X", system="party", name="Ban Tổ chức"),
        agency("X.P.N", "X.P", system="public_service"),
        agency("X.M", "X", system="socio_political"),
        agency("X.P.U", "X.M", system="public_service", valid_from="2021-01-01"),
    ):
        for way in ("put", "import"):
            assert await send(service, PARTY, row, way) == (None, None), row


async def test_a_file_stands_but_for_the_rows_over_the_border(service: RunningService) -> None:
    caller = service.client("authority", **PARTY)
    rows = [
        agency("X.Q", "X", system="party"),
        agency("X.Q.U", "X.Q", system="public_service"),
        agency("X.N", "X"),
        agency("X.N.U", "X.N", system="public_service"),
    ]
    report = (await caller.post("/v1/agencies/import", json=rows)).json()
    assert report["created"] == 2, report
    assert {e["row"] for e in report["errors"]} == {3, 4}


async def test_nobody_becomes_a_province_by_their_own_word(service: RunningService) -> None:
    """A province's authority sets blocs."""
    commune, province = {"agency": "X.C"}, {"agency": "X"}
    refused = ("level_reserved", "/level")
    for way in ("put", "import"):
        assert await send(service, commune, agency("X.C", "X"), way) == refused
        below = agency("X.C.1", "X.C", level="district")
        assert await send(service, commune, below, way) == refused
        assert await send(service, commune, agency("X.C.N", "X.C"), way) == refused
        assert await send(service, province, agency("X", level="central"), way) == refused
        assert await send(service, province, agency("X.C.2", "X.C", level="district"), way) == (
            None,
            None,
        )
        kept = agency("X.C.2", "X.C", level="district", name=f"Tên khác {way}")
        assert await send(service, commune, kept, way) == (None, None)


async def test_the_bloc_is_set_by_the_province_and_the_nation_alone(
    service: RunningService,
) -> None:
    below = agency("X.C.1", "X.C", level="commune", commune_kind="xa", bloc="party")
    for way in ("put", "import"):
        assert await send(service, {"agency": "X.C"}, below, way) == ("bloc_reserved", "/bloc")
    renamed = {**below, "bloc": None, "name": "Tên khác"}
    assert await send(service, {"agency": "X.C"}, renamed, "put") == (None, None)
    assert await send(service, {"agency": "X"}, below, "put") == (None, None)
    assert await send(service, {}, {**below, "bloc": "state"}, "put") == (None, None)
    clerk = service.client("agency", agency="X.C")
    answer = await clerk.post("/v1/agencies/import", json=[below])
    assert answer.status_code == 403
    kept = {**below, "bloc": "state", "name": "Tên khác nữa"}
    assert await send(service, {"agency": "X.C"}, kept, "put") == (None, None)
