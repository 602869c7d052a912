"""Moves and their reversal."""

from __future__ import annotations

import datetime as dt
from typing import Any

import httpx
import pytest

from tests.making.rosters import citizen, official, plant_tree, post
from tests.running import RunningService


@pytest.fixture
async def service(enrolment: RunningService) -> RunningService:
    await plant_tree(enrolment.client())
    await enrolment.client("agency", agency="X.A").put(
        "/v1/officials/O-1", json=official(1, post("X.A", leadership="division"))
    )
    return enrolment


def move(kind: str, day: str = "2026-10-01", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "effective_on": day, "decision_number": "1/QĐ", **more}


async def posts(client: httpx.AsyncClient) -> list[tuple[str, str, str | None, str]]:
    shown = (await client.get("/v1/officials/O-1")).json()
    return [
        (each["agency_code"], each["valid_from"], each["valid_to"], each["posting"])
        for each in shown["assignments"]
    ]


PATH = "/v1/officials/O-1/moves"
KNOWN = {"citizen_id": citizen(1), "birth_date": "1985-03-02"}


@pytest.mark.parametrize("other", [{"citizen_id": citizen(2)}, {"birth_date": "1985-03-03"}])
async def test_a_number_of_somebody_else_is_refused_of_somebody_in_scope_too(
    service: RunningService, other: dict[str, str]
) -> None:
    above = service.client("authority", agency="X")
    refused = await above.post(PATH, json=move("transfer", to_agency="X.B") | KNOWN | other)
    assert (refused.status_code, refused.json()["code"]) == (409, "official_code_in_use")
    assert await posts(above) == [("X.A", "2018-09-01", None, "regular")]
    moved = await above.post(PATH, json=move("transfer", to_agency="X.B") | KNOWN)
    assert moved.status_code == 201


async def test_a_transfer_by_the_receiving_body_is_undone_within_thirty_days(
    service: RunningService,
) -> None:
    old = service.client("agency", agency="X.A")
    new = service.client("agency", agency="Y.A")
    wanted = move("transfer", to_agency="Y.A")
    assert (await new.post(PATH, json=wanted)).status_code == 404
    done = await new.post(PATH, json=wanted | KNOWN)
    assert done.status_code == 201, done.text
    assert (await old.get("/v1/officials/O-1")).status_code == 404
    assert await posts(new) == [
        ("X.A", "2018-09-01", "2026-09-30", "regular"),
        ("Y.A", "2026-10-01", None, "regular"),
    ]
    shown = (await new.get("/v1/officials/O-1")).json()
    assert shown["assignments"][1]["leadership"] is None
    undo = f"{PATH}/{done.json()['move_id']}/reversal"
    assert (await old.post(undo, json={"decision_number": "2/QĐ"})).status_code == 404
    undone = await new.post(undo, json={"decision_number": "2/QĐ"})
    assert undone.status_code == 201, undone.text
    assert await posts(old) == [("X.A", "2018-09-01", None, "regular")]
    again = await service.client().post(undo, json={"decision_number": "3/QĐ"})
    assert again.json()["code"] == "move_already_reversed"
    listed = (await old.get(PATH)).json()["items"]
    assert [(m["reversed"], m["reverses"]) for m in listed] == [
        (True, None),
        (False, listed[0]["move_id"]),
    ]


async def test_whoever_recorded_a_move_to_come_sees_it_and_takes_it_back(
    service: RunningService,
) -> None:
    old = service.client("agency", agency="X.A")
    new = service.client("agency", agency="Y.A")
    other = service.client("agency", agency="X.B")
    wanted = move("transfer", "2027-03-01", to_agency="Y.A", **KNOWN)
    done = await new.post(PATH, json=wanted)
    assert done.status_code == 201, done.text
    assert (await new.get("/v1/officials/O-1")).status_code == 404
    seen = await new.get(PATH)
    assert [each["move_id"] for each in seen.json()["items"]] == [done.json()["move_id"]]
    undo = f"{PATH}/{done.json()['move_id']}/reversal"
    for stranger in (other, service.client("institution", institution="VINH")):
        assert (await stranger.get(PATH)).status_code == 404
        assert (await stranger.post(undo, json={"decision_number": "2"})).status_code == 404
    bloc = service.client("authority", agency="Y", bloc="party")
    assert (await bloc.get(PATH)).status_code == 404
    service.clock.day += dt.timedelta(days=40)
    undone = await new.post(undo, json={"decision_number": "2/QĐ"})
    assert undone.status_code == 201, undone.text
    assert await posts(old) == [("X.A", "2018-09-01", None, "regular")]
    assert len((await new.get(PATH)).json()["items"]) == 2
    service.clock.day = dt.date(2027, 4, 1)
    assert (await new.get(PATH)).status_code == 404, "nothing is left to be taken back"


async def test_a_move_is_undone_until_thirty_days_after_its_day(service: RunningService) -> None:
    admin = service.client()
    for day, status in ((dt.date(2027, 3, 31), 201), (dt.date(2027, 4, 1), 409)):
        service.clock.day = dt.date(2026, 11, 23)
        done = await admin.post(PATH, json=move("transfer", "2027-03-01", to_agency="X.B"))
        assert done.status_code == 201, done.text
        service.clock.day = day
        undo = f"{PATH}/{done.json()['move_id']}/reversal"
        undone = await admin.post(undo, json={"decision_number": "2"})
        assert undone.status_code == status, undone.text


async def test_a_departure_that_names_a_body_gives_it_no_sight(service: RunningService) -> None:
    home = service.client("agency", agency="X.A")
    gone = await home.post(PATH, json=move("retirement", "2027-01-01", to_agency="Y.A"))
    assert gone.status_code == 201, gone.text
    new = service.client("agency", agency="Y.A")
    assert (await new.get(PATH)).status_code == 404


async def test_too_late_or_built_upon_a_move_stands(service: RunningService) -> None:
    admin = service.client()
    done = (await admin.post(PATH, json=move("transfer", to_agency="X.B"))).json()
    undo = f"{PATH}/{done['move_id']}/reversal"
    await admin.post(PATH, json=move("retirement", "2026-11-01"))
    built = await admin.post(undo, json={"decision_number": "2/QĐ"})
    assert built.json()["code"] == "move_built_upon"
    service.clock.day += dt.timedelta(days=31)
    late = await admin.post(undo, json={"decision_number": "2/QĐ"})
    assert late.json()["code"] == "reversal_too_late"


async def test_a_secondment_begins_and_ends_without_touching_the_primary_post(
    service: RunningService,
) -> None:
    home = service.client("agency", agency="X.A")
    host = service.client("agency", agency="Y.A")
    begun = move("secondment", to_agency="Y.A", **KNOWN)
    assert (await host.post(PATH, json=begun)).status_code == 201
    retiring = await host.post(PATH, json=move("retirement", "2026-11-01"))
    assert retiring.status_code == 403
    ended = await home.post(PATH, json=move("secondment_end", "2026-11-01"))
    assert ended.status_code == 201, ended.text
    assert await posts(home) == [
        ("X.A", "2018-09-01", None, "regular"),
        ("Y.A", "2026-10-01", "2026-10-31", "secondment"),
    ]
    twice = await home.post(PATH, json=move("secondment_end", "2026-11-01"))
    assert twice.json()["code"] == "move_refused"


async def test_a_departure_ends_everything_the_day_before(service: RunningService) -> None:
    home = service.client("agency", agency="X.A")
    for kind in ("retirement", "resignation", "dismissal", "death", "other"):
        done = await home.post(PATH, json=move(kind, "2026-11-01"))
        assert done.status_code == 201, done.text
        assert await posts(home) == [("X.A", "2018-09-01", "2026-10-31", "regular")]
        undo = f"{PATH}/{done.json()['move_id']}/reversal"
        assert (await home.post(undo, json={"decision_number": "2"})).status_code == 201
    early = await home.post(PATH, json=move("retirement", "2000-01-01"))
    assert early.json()["code"] == "move_refused"


async def test_a_second_departure_is_refused_to_the_body_of_the_establishment_and_to_the_host(
    service: RunningService,
) -> None:
    home = service.client("agency", agency="X.A")
    host = service.client("agency", agency="Y.A")
    lent = move("secondment", to_agency="Y.A", **KNOWN)
    assert (await host.post(PATH, json=lent)).status_code == 201
    assert (await home.post(PATH, json=move("retirement", "2026-11-01"))).status_code == 201
    for day in ("2026-11-01", "2026-12-15"):
        again = await home.post(PATH, json=move("resignation", day))
        assert (again.status_code, again.json()["code"]) == (409, "move_refused"), again.text
        other = await host.post(PATH, json=move("resignation", day))
        assert (other.status_code, other.json()["code"]) == (403, "forbidden"), other.text


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        (move("transfer"), "/to_agency", "to_agency_required"),
        (move("secondment"), "/to_agency", "to_agency_required"),
        (move("retirement", assignment=post("X.B")), "/assignment", "assignment_unexpected"),
        (move("secondment_end", assignment=post("X.B")), "/assignment", "assignment_unexpected"),
        (
            move("transfer", to_agency="X.B", assignment=post("X.A", valid_from="2026-10-01")),
            "/assignment/agency_code",
            "assignment_differs",
        ),
        (
            move("transfer", assignment=post("X.B", valid_from="2026-10-02")),
            "/assignment/valid_from",
            "assignment_differs",
        ),
        (
            move("secondment", assignment=post("X.B", valid_from="2026-10-01")),
            "/assignment/posting",
            "assignment_differs",
        ),
        (
            move("other", assignment=post("X.B", valid_from="2026-10-01", primary=False)),
            "/assignment/primary",
            "assignment_differs",
        ),
        (
            move("transfer", to_agency="X.B", identity={"type": "other", "number": "1\x00"}),
            "/identity/number",
            "control_character",
        ),
    ],
)
async def test_a_move_that_contradicts_itself_is_not_understood_in_silence(
    service: RunningService, body: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await service.client().post(PATH, json=body)
    assert answer.status_code == 422, answer.text
    assert (pointer, code) in [(each["pointer"], each["code"]) for each in answer.json()["errors"]]


async def test_a_move_may_describe_the_assignment_it_leads_to(service: RunningService) -> None:
    admin = service.client()
    away = post("Y.A", valid_from="2026-10-01", posting="secondment", primary=False)
    told = post("X.B", valid_from="2026-10-02", valid_to="2026-12-31", leadership="division")
    del told["posting"], told["primary"]
    for body in (
        move("secondment", to_agency="Y.A", assignment=away),
        move("transfer", "2026-10-02", assignment=told),
    ):
        done = await admin.post(PATH, json=body)
        assert done.status_code == 201, done.text
    assert await posts(admin) == [
        ("X.A", "2018-09-01", "2026-10-01", "regular"),
        ("Y.A", "2026-10-01", None, "secondment"),
        ("X.B", "2026-10-02", "2026-12-31", "regular"),
    ]
    assert done.json()["to_agency"] == "X.B"


async def test_a_repeated_request_is_one_move(service: RunningService) -> None:
    admin = service.client()
    headers = {"Idempotency-Key": "m-1"}
    body = move("transfer", to_agency="X.B")
    first = await admin.post(PATH, json=body, headers=headers)
    again = await admin.post(PATH, json=body, headers=headers)
    assert first.json() == again.json()
    assert (await admin.post(PATH, json=body)).json()["code"] == "move_refused"
    for wrong in ({"kind": "x"}, {"effective_on": "0001-01-01"}, {"decision_number": "\x00"}):
        assert (await admin.post(PATH, json=body | wrong)).status_code == 422
    assert (await admin.post(PATH, json=move("transfer", to_agency="Q"))).status_code == 409
