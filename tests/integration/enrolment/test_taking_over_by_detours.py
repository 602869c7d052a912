"""Whatever way a body takes an official over, the body before is told, may contest, and keeps the facts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.making.rosters import citizen, official, plant_tree, post, send
from tests.running import RunningService

PATH = "/v1/officials/import"
ANY = {"If-Match": "*"}
FALSE = {
    "full_name": "Trần Văn Giả",
    "birth_date": "1986-01-01",
    "sex": "female",
    "citizen_id": citizen(77),
    "identity_reason": "clerical",
}


@pytest.fixture
async def service(enrolment: RunningService) -> RunningService:
    await plant_tree(enrolment.client())
    return enrolment


async def held_by_x(service: RunningService, **changes: Any) -> None:
    made = await service.client("agency", agency="X.A").put(
        "/v1/officials/O-1", json=official(1, post("X.A", **changes))
    )
    assert made.status_code == 201, made.text


async def put(service: RunningService, *posts: dict[str, Any], **changes: Any) -> Any:
    clerk = service.client("agency", agency="Y.A")
    body = official(1, *posts, **changes)
    in_scope = (await clerk.get("/v1/officials/O-1")).status_code == 200
    return await clerk.put("/v1/officials/O-1", json=body, headers=ANY if in_scope else {})


async def stand(service: RunningService) -> list[tuple[str, str, str | None]]:
    shown = (await service.client().get("/v1/officials/O-1")).json()
    return [(p["agency_code"], p["valid_from"], p["valid_to"]) for p in shown["assignments"]]


async def joinings(service: RunningService) -> list[tuple[str, str]]:
    answer = await service.client("agency", agency="X.A").get("/v1/joinings")
    return [(each["state"], each["effective_on"]) for each in answer.json()["items"]]


async def contest(service: RunningService) -> Any:
    old = service.client("agency", agency="X.A")
    item = (await old.get("/v1/joinings")).json()["items"][0]
    path = f"/v1/joinings/{item['joining_id']}"
    done = await old.post(f"{path}/contest", json={"reason": "Chưa cho đi"})
    assert (done.status_code, done.json()["state"]) == (200, "contested"), done.text
    return path


async def keeps_its_facts(service: RunningService, *posts: dict[str, Any]) -> None:
    done = await put(service, *posts, **FALSE)
    shown = (await service.client(scope="pii:read").get("/v1/officials/O-1")).json()
    assert shown["full_name"] == "Nguyễn Văn Ví Dụ", done.text
    assert (shown["birth_date"], shown["sex"]) == ("1985-03-02", "male")
    assert shown["citizen_id"] == citizen(1)


async def test_another_first_day_of_the_arriving_post_is_another_taking_over(
    service: RunningService,
) -> None:
    await held_by_x(service)
    assert (await put(service, post("Y.A", valid_from="2026-11-10"))).status_code == 200
    later = post("Y.A", valid_from="2026-11-14")
    assert (await put(service, later)).status_code == 200
    assert await joinings(service) == [("open", "2026-11-14"), ("withdrawn", "2026-11-10")]
    await keeps_its_facts(service, later)
    await contest(service)
    assert await stand(service) == [("X.A", "2018-09-01", None)]


async def test_a_post_split_in_two_is_one_taking_over_whichever_is_kept(
    service: RunningService,
) -> None:
    await held_by_x(service)
    first = post("Y.A", valid_from="2026-11-10")
    second = post("Y.A", valid_from="2026-11-13")
    assert (await put(service, first)).status_code == 200
    assert (await put(service, first | {"valid_to": "2026-11-12"}, second)).status_code == 200
    await keeps_its_facts(service, first | {"valid_to": "2026-11-12"}, second)
    assert (await put(service, second)).status_code == 200
    assert await joinings(service) == [("open", "2026-11-13"), ("withdrawn", "2026-11-10")]
    await keeps_its_facts(service, second)
    await contest(service)
    assert await stand(service) == [("X.A", "2018-09-01", None)]


@pytest.mark.parametrize("outcome", ["dismissed", "upheld"])
async def test_a_contest_takes_back_what_followed_the_arriving_post(
    service: RunningService, outcome: str
) -> None:
    await held_by_x(service)
    first = post("Y.A", valid_from="2026-11-10")
    two = (first | {"valid_to": "2026-11-12"}, post("Y.A", valid_from="2026-11-13"))
    assert (await put(service, first)).status_code == 200
    assert (await put(service, *two)).status_code == 200
    path = await contest(service)
    assert await stand(service) == [("X.A", "2018-09-01", None)]
    assert (await put(service, two[1])).json()["code"] == "joining_contested"
    decision = {"outcome": outcome, "decision_number": "7/QĐ", "decided_on": "2026-11-23"}
    decided = await service.client("authority").post(f"{path}/decision", json=decision)
    assert decided.status_code == 200, decided.text
    assert await stand(service) == (
        [("X.A", "2018-09-01", None)]
        if outcome == "dismissed"
        else [
            ("X.A", "2018-09-01", "2026-11-09"),
            ("Y.A", "2026-11-10", "2026-11-12"),
            ("Y.A", "2026-11-13", None),
        ]
    )


async def test_a_contest_takes_back_a_transfer_within_the_receiving_side(
    service: RunningService,
) -> None:
    await held_by_x(service)
    assert (await put(service, post("Y.A", valid_from="2026-11-10"))).status_code == 200
    above = service.client("authority", agency="Y")
    moving = {"kind": "transfer", "effective_on": "2026-11-20", "decision_number": "1/QĐ"}
    moved = await above.post("/v1/officials/O-1/moves", json=moving | {"to_agency": "Y"})
    assert moved.status_code == 201, moved.text
    stretches = (
        post("Y.A", valid_from="2026-11-10", valid_to="2026-11-19"),
        post("Y", valid_from="2026-11-20"),
    )
    body = official(1, *stretches, **FALSE)
    done = await above.put("/v1/officials/O-1", json=body, headers=ANY)
    assert "full_name" in done.json()["facts_kept"], done.text
    await contest(service)
    assert await stand(service) == [("X.A", "2018-09-01", None)]
    assert (await above.get("/v1/officials/O-1")).status_code == 404


async def test_a_contest_leaves_what_a_third_body_took_over(service: RunningService) -> None:
    await held_by_x(service)
    assert (await put(service, post("Y.A", valid_from="2026-11-10"))).status_code == 200
    third = service.client("agency", agency="X.B")
    taken = await third.put(
        "/v1/officials/O-1", json=official(1, post("X.B", valid_from="2026-11-15"))
    )
    assert taken.status_code == 200, taken.text
    old = service.client("agency", agency="X.A")
    (item,) = (await old.get("/v1/joinings")).json()["items"]
    await old.post(f"/v1/joinings/{item['joining_id']}/contest", json={"reason": "Chưa cho đi"})
    assert await stand(service) == [
        ("X.A", "2018-09-01", "2026-11-14"),
        ("X.B", "2026-11-15", None),
    ]
    assert await joinings(service) == [("open", "2026-11-15"), ("contested", "2026-11-10")]
    await contest(service)
    assert await stand(service) == [("X.A", "2018-09-01", None)]


@pytest.mark.parametrize("way", ["put", "roster", "move"])
@pytest.mark.parametrize("left", ["2026-11-15", "2019-12-31"])
async def test_whoever_has_left_is_taken_over_with_word_to_the_body_before(
    service: RunningService, way: str, left: str
) -> None:
    await held_by_x(service, valid_to=left)
    arrival = post("Y.A", valid_from="2026-11-21")
    clerk = service.client("agency", agency="Y.A")
    if way == "put":
        done = await put(service, arrival)
        assert done.status_code == 200, done.text
    elif way == "roster":
        report = await send(clerk, PATH, [{"official_code": "O-1", **official(1, arrival)}])
        assert report["updated"] == 1, report
    else:
        known = {"citizen_id": citizen(1), "birth_date": "1985-03-02"}
        given = {k: v for k, v in arrival.items() if k not in ("posting", "primary")}
        moving = {"kind": "transfer", "effective_on": "2026-11-21", "decision_number": "1/QĐ"}
        moved = await clerk.post(
            "/v1/officials/O-1/moves",
            json={**moving, "to_agency": "Y.A", **known, "assignment": given},
        )
        assert moved.status_code == 201, moved.text
    assert await joinings(service) == [("open", "2026-11-21")]
    await keeps_its_facts(service, arrival)
    await contest(service)
    assert await stand(service) == [("X.A", "2018-09-01", left)]
    assert (
        await service.client("agency", agency="X.A").get("/v1/officials/O-1")
    ).status_code == 200


@pytest.mark.parametrize("way", ["put", "roster"])
@pytest.mark.parametrize("days", [("2026-11-21", "2026-11-22"), ("2021-03-01", "2021-03-02")])
async def test_whoever_has_left_is_not_taken_over_by_a_post_that_is_over(
    service: RunningService, way: str, days: tuple[str, str]
) -> None:
    await held_by_x(service, valid_to="2020-12-31")
    over = post("Y.A", valid_from=days[0], valid_to=days[1])
    if way == "put":
        refused = await put(service, over)
        assert (refused.status_code, refused.json()["code"]) == (409, "primary_conflict")
    else:
        clerk = service.client("agency", agency="Y.A")
        report = await send(clerk, PATH, [{"official_code": "O-1", **official(1, over)}])
        assert [e["code"] for e in report["errors"]] == ["primary_conflict"]
    assert await joinings(service) == []
    await keeps_its_facts(service, over)
    assert await stand(service) == [("X.A", "2018-09-01", "2020-12-31")]


async def test_a_post_before_all_others_tells_of_the_past_and_takes_nobody_over(
    service: RunningService,
) -> None:
    await held_by_x(service, valid_to="2026-11-15")
    before = post("Y.A", valid_from="2012-01-01", valid_to="2014-12-31")
    assert (await put(service, before)).status_code == 200
    assert await joinings(service) == []
    await keeps_its_facts(service, before)


async def test_a_post_yet_to_begin_takes_over_whoever_has_left(service: RunningService) -> None:
    await held_by_x(service, valid_to="2026-11-15")
    coming = post("Y.A", valid_from="2026-12-20")
    assert (await put(service, coming)).status_code == 200
    assert await joinings(service) == [("open", "2026-12-20")]
    service.clock.day = service.clock.day.replace(month=12, day=21)
    await keeps_its_facts(service, coming)
    await contest(service)
    assert await stand(service) == [("X.A", "2018-09-01", "2026-11-15")]


async def test_whoever_has_left_stays_taken_over_when_the_first_day_is_moved(
    service: RunningService,
) -> None:
    await held_by_x(service, valid_to="2026-11-15")
    assert (await put(service, post("Y.A", valid_from="2026-11-20"))).status_code == 200
    later = post("Y.A", valid_from="2026-11-21")
    assert (await put(service, later)).status_code == 200
    assert await joinings(service) == [("open", "2026-11-21"), ("withdrawn", "2026-11-20")]
    await keeps_its_facts(service, later)
    await contest(service)
    assert await stand(service) == [("X.A", "2018-09-01", "2026-11-15")]
