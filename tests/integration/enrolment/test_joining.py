"""Joining an official adds posts in the own subtree; the person stays who they are."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from tests.making.rosters import citizen, official, plant_tree, post, row, send
from tests.running import RunningService

PATH = "/v1/officials/import"
CMND = {"type": "cmnd9", "country": "VN", "number": "171234567"}
NEW = {
    "full_name": "Trần Văn Khác",
    "sex": "female",
    "record_code": "MỚI",
    "former_identities": [CMND],
    "attributes": {"language_teacher": True},
    "absences": [{"kind": "nghỉ", "valid_from": "2020-01-01", "valid_to": None}],
}


@pytest.fixture
async def service(enrolment: RunningService) -> RunningService:
    await plant_tree(enrolment.client())
    made = await enrolment.client("agency", agency="X.A").put("/v1/officials/O-1", json=official(1))
    assert made.status_code == 201, made.text
    return enrolment


def facts(shown: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in shown.items()
        if name not in ("assignments", "version", "agency_code", "warnings", "facts_kept")
    }


async def lines(service: RunningService, **where: str) -> list[dict[str, Any]]:
    async with service.database.pool.acquire() as connection:
        records = await connection.fetch("SELECT * FROM audit ORDER BY id")
    return [dict(r) for r in records if all(r[name] == value for name, value in where.items())]


ARRIVALS = {
    "a concurrent post": post("Y.A", posting="concurrent", primary=False, valid_from="2026-01-01"),
    "a day long ago": post(
        "Y.A", posting="concurrent", primary=False, valid_from="1991-01-01", valid_to="1991-01-01"
    ),
    "a primary post": post("Y.A", valid_from="2026-01-01"),
    "a primary post long ago": post("Y.A", valid_from="1991-01-01", valid_to="1991-12-31"),
}


@pytest.mark.parametrize("arrival", ARRIVALS.values(), ids=ARRIVALS.keys())
@pytest.mark.parametrize("way", ["put", "roster"])
async def test_whoever_joins_an_official_changes_no_fact_of_the_person(
    service: RunningService, arrival: dict[str, Any], way: str
) -> None:
    admin = service.client(scope="pii:read")
    before = (await admin.get("/v1/officials/O-1")).json()
    clerk = service.client("agency", agency="Y.A", subject="joiner")
    kept = [
        *("former_identities", "record_code", "full_name", "sex", "attributes", "absences"),
    ]
    if way == "put":
        done = await clerk.put("/v1/officials/O-1", json=official(1, arrival, **NEW))
        assert done.status_code == 200, done.text
        assert done.json()["facts_kept"] == kept
    else:
        sent = {"official_code": "O-1", **official(1, arrival, **NEW)}
        report = await send(clerk, PATH, [sent])
        assert report["updated"] == 1, report
        told = [w["pointer"] for w in report["warnings"] if w["code"] == "fact_kept"]
        assert told == [f"/{name}" for name in kept]
    after = (await admin.get("/v1/officials/O-1")).json()
    assert facts(after) == facts(before)
    own = {each["agency_code"] for each in after["assignments"]}
    assert own == {"X.A", "Y.A"}
    assert (await lines(service, action="official.received_elsewhere"))[0]["subject"] == "O-1"


async def test_who_joins_by_a_day_of_the_past_is_shown_that_day_alone(
    service: RunningService,
) -> None:
    await service.client().put(
        "/v1/officials/O-1",
        json=official(1, record_code="HS-7", attributes={"language_teacher": True}),
        headers={"If-Match": "*"},
    )
    clerk = service.client("agency", agency="Y.A")
    done = await clerk.put("/v1/officials/O-1", json=official(1, ARRIVALS["a day long ago"]))
    assert done.status_code == 200, done.text
    shown = done.json()
    assert [each["agency_code"] for each in shown["assignments"]] == ["Y.A"]
    assert (shown["record_code"], shown["attributes"]["language_teacher"]) == (None, False)
    assert (await clerk.get("/v1/officials/O-1")).status_code == 404


async def test_a_primary_post_that_is_over_does_not_close_the_open_one(
    service: RunningService,
) -> None:
    clerk = service.client("agency", agency="Y.A")
    inside = post("Y.A", valid_from="2020-01-01", valid_to="2020-01-01")
    refused = await clerk.put("/v1/officials/O-1", json=official(1, inside))
    assert (refused.status_code, refused.json()["code"]) == (409, "primary_conflict")
    shown = (await service.client().get("/v1/officials/O-1")).json()
    assert [each["valid_to"] for each in shown["assignments"]] == [None]


async def test_a_host_changes_its_own_posts_and_no_fact_and_takes_nobody_over_unproven(
    service: RunningService,
) -> None:
    host = service.client("agency", agency="Y.A")
    away = post("Y.A", posting="concurrent", primary=False, valid_from="2026-01-01")
    await host.put("/v1/officials/O-1", json=official(1, away))
    shown = await host.get("/v1/officials/O-1")
    change = shown.json() | {"full_name": "Trần Văn Khác", "birth_date": "1986-01-01"}
    del change["agency_code"]
    change["assignments"] = [change["assignments"][1] | {"position_title": "Cố vấn"}]
    tag = {"If-Match": shown.headers["etag"]}
    done = await host.put("/v1/officials/O-1", json=change, headers=tag)
    assert done.status_code == 200, done.text
    assert done.json()["facts_kept"] == ["full_name", "birth_date"]
    assert done.json()["full_name"] == "Nguyễn Văn Ví Dụ"
    assert done.json()["assignments"][1]["position_title"] == "Cố vấn"
    primary = change | {"assignments": [post("Y.A", valid_from="2026-02-01")]}
    refused = await host.put("/v1/officials/O-1", json=primary, headers={"If-Match": "*"})
    assert (refused.status_code, refused.json()["code"]) == (409, "official_code_in_use")
    moving = {"kind": "transfer", "effective_on": "2026-02-01", "decision_number": "1"}
    refused = await host.post("/v1/officials/O-1/moves", json=moving | {"to_agency": "Y.A"})
    assert (refused.status_code, refused.json()["code"]) == (409, "official_code_in_use")


JOIN = post("Y.A", valid_from="2026-01-01")


@pytest.mark.parametrize(
    "wrong",
    [
        {"citizen_id": citizen(2)},
        {"birth_date": "1985"},
        {"birth_date": "1985-03-03"},
        {"citizen_id": citizen(9), "former_identities": [{**CMND}]},
        {
            "citizen_id": citizen(9),
            "former_identities": [
                {"type": "citizen_id", "country": "VN", "number": citizen(n)} for n in range(1, 20)
            ],
        },
    ],
)
async def test_who_does_not_know_number_and_birth_date_is_refused_with_one_sentence(
    service: RunningService, wrong: dict[str, Any]
) -> None:
    await service.client().put("/v1/officials/O-2", json=official(2, post("X.B")))
    clerk = service.client("agency", agency="Y.A")
    plain = await clerk.put("/v1/officials/O-1", json=official(8, JOIN))
    refused = await clerk.put("/v1/officials/O-1", json=official(1, JOIN, **wrong))
    assert refused.status_code == 409
    assert {**refused.json(), "correlation_id": ""} == {**plain.json(), "correlation_id": ""}
    report = await send(clerk, PATH, [{"official_code": "O-1", **official(1, JOIN, **wrong)}])
    assert [(e["row"], e["code"]) for e in report["errors"]] == [(1, "official_code_in_use")]


async def test_former_numbers_tell_of_nobody(service: RunningService) -> None:
    admin = service.client()
    for number in range(20, 30):
        await admin.put(f"/v1/officials/O-{number}", json=official(number, post("X.B")))
    clerk = service.client("agency", agency="Y.A", subject="guesser")
    guesses = [{"type": "citizen_id", "country": "VN", "number": citizen(n)} for n in range(25, 44)]
    sent = {"official_code": "O-900", **official(900, JOIN, former_identities=guesses)}
    report = await send(clerk, PATH, [sent])
    assert [(e["pointer"], e["code"]) for e in report["errors"]] == [
        ("", "citizen_already_registered")
    ]
    told = await lines(service, caller="guesser")
    assert [each["action"] for each in told if each["action"] == "official.refused"]
    owners = [e["subject"] for e in told if e["action"] == "official.asked_about"]
    assert owners == [f"O-{n}" for n in range(25, 30)]
    assert not any(citizen(25) in str(each) for each in told)


async def test_questions_about_other_scopes_are_few_a_day_and_each_is_in_the_trail(
    service: RunningService,
) -> None:
    clerk = service.client("agency", agency="Y.A", subject="guesser")
    for n in range(2, 72):
        await service.client().put(f"/v1/officials/O-{n}", json=official(n, post("X.B")))
    rows = [{"official_code": f"O-{n}", **official(1000 + n, JOIN)} for n in range(2, 42)]
    report = await send(clerk, PATH, rows)
    assert {e["code"] for e in report["errors"]} == {"official_code_in_use"}
    mixed = [
        *({"official_code": f"O-{n}", **official(1000 + n, JOIN)} for n in range(42, 62)),
        {"official_code": "O-NEW", **official(5000, JOIN)},
    ]
    report = await send(clerk, PATH, mixed)
    codes = [e["code"] for e in report["errors"]]
    assert codes == ["official_code_in_use"] * 10 + ["too_many_requests"] * 11
    assert report["created"] == 0, "what asks is refused alike, whatever the answer would be"
    for code in ("O-62", "O-NOBODY"):
        put = await clerk.put(f"/v1/officials/{code}", json=official(5001, JOIN))
        assert put.status_code == 429, put.text
        assert 0 < int(put.headers["retry-after"]) <= 86_400
    known = {"citizen_id": citizen(62), "birth_date": "1985-03-02"}
    assert (await clerk.post("/v1/officials/lookup", json=known)).status_code == 429
    moving = {
        "kind": "transfer",
        "effective_on": "2026-02-01",
        "decision_number": "1",
        **known,
        "to_agency": "Y.A",
    }
    for code in ("O-62", "O-NOBODY"):
        answer = await clerk.post(f"/v1/officials/{code}/moves", json=moving)
        assert answer.status_code == 429, answer.text
    told = await lines(service, caller="guesser", action="official.refused")
    assert len(told) == 50
    colleague = service.client("agency", agency="Y.A", subject="somebody else")
    assert (await colleague.post("/v1/officials/lookup", json=known)).json()["items"]
    service.clock.day = service.clock.day.replace(day=24)
    assert (await clerk.post("/v1/officials/lookup", json=known)).json()["items"]


async def test_of_questions_sent_at_once_no_more_are_answered_than_of_those_sent_one_by_one(
    service: RunningService,
) -> None:
    clerk = service.client("agency", agency="Y.A", subject="guesser")

    async def guess(number: int) -> int:
        asked = {"citizen_id": citizen(number), "birth_date": "1985-03-02"}
        return (await clerk.post("/v1/officials/lookup", json=asked)).status_code

    answered = await asyncio.gather(*(guess(number) for number in range(70)))
    assert Counter(answered) == {200: 50, 429: 20}
    told = await lines(service, caller="guesser")
    assert len([each for each in told if each["action"] == "official.looked_up_by_number"]) == 50


async def test_a_refused_put_is_counted_and_stands_in_both_trails_though_it_is_rolled_back(
    service: RunningService,
) -> None:
    clerk = service.client("agency", agency="Y.A", subject="guesser")
    refused = await clerk.put("/v1/officials/O-9", json=official(1, JOIN))
    assert refused.json()["code"] == "citizen_already_registered"
    told = await lines(service, caller="guesser")
    assert [(e["action"], e["subject"]) for e in told] == [
        ("official.refused", "O-9"),
        ("official.asked_about", "O-1"),
    ]
    async with service.database.pool.acquire() as connection:
        assert await connection.fetchval("SELECT asked FROM question_count") == 1


async def test_an_identity_number_changes_with_a_reason_only(service: RunningService) -> None:
    clerk = service.client("agency", agency="X.A")
    for change in (official(5), official(1, former_identities=[CMND])):
        refused = await clerk.put("/v1/officials/O-1", json=change, headers={"If-Match": "*"})
        assert (refused.status_code, refused.json()["code"]) == (422, "identity_reason_required")
        told = change | {"identity_reason": "new_number"}
        done = await clerk.put("/v1/officials/O-1", json=told, headers={"If-Match": "*"})
        assert done.status_code == 200, done.text
    (line, _) = await lines(service, action="official.identity_changed")
    assert line["detail"] == '{"reason":"new_number"}'
    again = row(5, identity_reason=None) | {"official_code": "O-1", "former_identities": [CMND]}
    report = await send(clerk, PATH, [again])
    assert report["errors"][0]["code"] == "identity_reason_required"


async def test_a_look_up_by_number_takes_the_whole_birth_date_or_the_name(
    service: RunningService,
) -> None:
    clerk = service.client("agency", agency="Y.A", subject="asker")

    async def ask(**more: str) -> Any:
        return await clerk.post("/v1/officials/lookup", json={"citizen_id": citizen(1), **more})

    assert (await ask()).status_code == 422
    assert (await ask(birth_date="1985")).status_code == 422
    assert (await ask(birth_date="1985", full_name="Trần Văn Khác")).json()["items"] == []
    for right in ({"birth_date": "1985-03-02"}, {"full_name": "nguyễn văn VÍ DỤ"}):
        assert (await ask(**right)).json()["items"][0]["official_code"] == "O-1"
    assert (await ask(birth_date="1985-03-02", full_name="Ai")).json()["items"] == []
    dotted = {"citizen_id": "038.085.000001", "birth_date": "1985-03-02"}
    assert (await clerk.post("/v1/officials/lookup", json=dotted)).json()["items"]
    told = await lines(service, caller="asker")
    assert len([e for e in told if e["action"] == "official.looked_up_by_number"]) == 5
    assert len([e for e in told if e["action"] == "official.asked_about"]) == 5


async def takes_over(service: RunningService, **more: Any) -> dict[str, Any]:
    """Y.A joins O-1 of X.A; returns what X.A is shown of it."""
    joined = await service.client("agency", agency="Y.A").put(
        "/v1/officials/O-1", json=official(1, JOIN, **more)
    )
    assert joined.status_code == 200, joined.text
    listed = (await service.client("agency", agency="X.A").get("/v1/joinings")).json()
    (item,) = listed["items"]
    return dict(item)


async def bodies(service: RunningService) -> list[tuple[str, str | None]]:
    shown = (await service.client().get("/v1/officials/O-1")).json()
    return [(each["agency_code"], each["valid_to"]) for each in shown["assignments"]]


async def test_the_body_before_is_told_of_a_taking_over_and_may_contest_it(
    service: RunningService,
) -> None:
    old = service.client("agency", agency="X.A")
    new = service.client("agency", agency="Y.A")
    item = await takes_over(service)
    assert (item["state"], item["from_agency"], item["to_agency"]) == ("open", "X.A", "Y.A")
    assert item["contested_until"] == "2026-12-23"
    assert [each["move"] for each in item["allowed_moves"]] == ["confirmation", "contest"]
    for portal in (old, new, service.client("authority", agency="X")):
        told = [e for e in await service.events(portal) if e["type"].startswith("vn.bac.joining")]
        assert [e["data"]["state"] for e in told] == ["open"]
        assert told[0]["data"]["joining_id"] == item["joining_id"]
    stranger = service.client("agency", agency="X.B")
    assert not [e for e in await service.events(stranger) if "joining.changed" in e["type"]]
    path = f"/v1/joinings/{item['joining_id']}"
    for act, body in (("contest", {"reason": "Không"}), ("confirmation", {})):
        assert (await stranger.post(f"{path}/{act}", json=body)).status_code == 404
        assert (await new.post(f"{path}/{act}", json=body)).status_code == 403
    assert await bodies(service) == [("X.A", "2025-12-31"), ("Y.A", None)]
    done = await old.post(f"{path}/contest", json={"reason": "Chưa cho đi"})
    assert (done.status_code, done.json()["state"]) == (200, "contested"), done.text
    assert await bodies(service) == [("X.A", None)]
    again = await old.post(f"{path}/contest", json={"reason": "Chưa cho đi"})
    assert again.json()["version"] == done.json()["version"]
    assert (await old.get("/v1/officials/O-1")).status_code == 200
    once_more = await new.put("/v1/officials/O-1", json=official(1, JOIN))
    assert once_more.json()["code"] == "joining_contested"
    late = await old.post(f"{path}/confirmation", json={})
    assert (late.status_code, late.json()["code"]) == (409, "joining_decided")
    states = [e["data"]["state"] for e in await service.events(new) if "joining." in e["type"]]
    assert states == ["open", "contested"]
    told_of = await lines(service, action="official.joining_changed")
    assert [each["subject"] for each in told_of] == ["O-1"]


@pytest.mark.parametrize(
    ("outcome", "stand"),
    [("upheld", [("X.A", "2025-12-31"), ("Y.A", None)]), ("dismissed", [("X.A", None)])],
)
async def test_an_authority_above_both_decides_a_contest(
    service: RunningService, outcome: str, stand: list[tuple[str, str | None]]
) -> None:
    old = service.client("agency", agency="X.A")
    item = await takes_over(service)
    path = f"/v1/joinings/{item['joining_id']}"
    decision = {"outcome": outcome, "decision_number": "7/QĐ", "decided_on": "2026-11-23"}
    nation = service.client("authority")
    early = await nation.post(f"{path}/decision", json=decision)
    assert early.json()["code"] == "joining_decided"
    await old.post(f"{path}/contest", json={"reason": "Chưa cho đi"})
    for one in (service.client("authority", agency="X"), service.client("authority", agency="Y")):
        assert (await one.post(f"{path}/decision", json=decision)).status_code == 403
    odd = await nation.post(f"{path}/decision", json=decision | {"decided_on": "2026-11-22"})
    assert odd.status_code == 422
    done = await nation.post(f"{path}/decision", json=decision)
    assert (done.status_code, done.json()["state"]) == (200, outcome), done.text
    assert await bodies(service) == stand
    assert done.json()["allowed_moves"] == []
    assert (await nation.post(f"{path}/decision", json=decision)).json() == done.json()


async def test_the_receiving_body_changes_facts_once_confirmed_or_after_thirty_days(
    service: RunningService,
) -> None:
    new = service.client("agency", agency="Y.A")
    old = service.client("agency", agency="X.A")
    item = await takes_over(service)
    change = official(1, JOIN, full_name="Nguyễn Văn Sửa")

    async def put(**more: Any) -> Any:
        given = await new.put("/v1/officials/O-1", json=change | more, headers={"If-Match": "*"})
        assert given.status_code == 200, given.text
        return given.json()

    assert (await put())["facts_kept"] == ["full_name"]
    numbers = {"citizen_id": citizen(5), "identity_reason": "clerical"}
    assert (await put(**numbers))["facts_kept"] == ["citizen_id", "full_name"]
    service.clock.day = service.clock.day.replace(month=12, day=23)
    assert (await put())["facts_kept"] == ["full_name"]
    path = f"/v1/joinings/{item['joining_id']}"
    confirmed = await old.post(f"{path}/confirmation", json={})
    assert confirmed.json()["state"] == "confirmed"
    assert (await old.post(f"{path}/confirmation", json={})).json() == confirmed.json()
    assert (await put())["facts_kept"] == []
    assert (await put(**numbers))["facts_kept"] == []


async def test_after_thirty_days_nobody_contests(service: RunningService) -> None:
    new = service.client("agency", agency="Y.A")
    item = await takes_over(service)
    service.clock.day = service.clock.day.replace(month=12, day=24)
    path = f"/v1/joinings/{item['joining_id']}"
    old = service.client("agency", agency="X.A")
    assert (await old.get(path)).json()["state"] == "settled"
    late = await old.post(f"{path}/contest", json={"reason": "Muộn"})
    assert (late.status_code, late.json()["code"]) == (409, "joining_decided")
    change = official(1, JOIN, full_name="Nguyễn Văn Sửa")
    done = await new.put("/v1/officials/O-1", json=change, headers={"If-Match": "*"})
    assert (done.json()["full_name"], done.json()["facts_kept"]) == ("Nguyễn Văn Sửa", [])


async def test_a_taking_over_by_a_move_is_contested_alike_and_withdrawn_with_it(
    service: RunningService,
) -> None:
    new, old = service.client("agency", agency="Y.A"), service.client("agency", agency="X.A")
    moving = {
        "kind": "transfer",
        "effective_on": "2027-01-01",
        "decision_number": "1/QĐ",
        "to_agency": "Y.A",
        "citizen_id": citizen(1),
        "birth_date": "1985-03-02",
    }
    for ending in ("withdrawn", "contested"):
        moved = await new.post("/v1/officials/O-1/moves", json=moving)
        assert moved.status_code == 201, moved.text
        item = (await old.get("/v1/joinings")).json()["items"][0]
        assert (item["state"], item["effective_on"]) == ("open", "2027-01-01")
        path = f"/v1/joinings/{item['joining_id']}"
        if ending == "withdrawn":
            undo = f"/v1/officials/O-1/moves/{moved.json()['move_id']}/reversal"
            assert (await new.post(undo, json={"decision_number": "2"})).status_code == 201
        else:
            await old.post(f"{path}/contest", json={"reason": "Chưa cho đi"})
        assert (await old.get(path)).json()["state"] == ending
        assert await bodies(service) == [("X.A", None)]


async def test_behind_the_border_of_the_blocs_nobody_is_told_which_body_it_was(
    service: RunningService,
) -> None:
    party = service.client("agency", agency="X.P", bloc="party")
    state = service.client("agency", agency="X.A", bloc="state")
    joined = await party.put(
        "/v1/officials/O-1", json=official(1, post("X.P", valid_from="2026-01-01"))
    )
    assert joined.status_code == 200, joined.text
    for portal, known in ((state, ("X.A", None)), (party, (None, "X.P"))):
        (item,) = (await portal.get("/v1/joinings")).json()["items"]
        assert (item["from_agency"], item["to_agency"]) == known
        told = [e for e in await service.events(portal) if "joining." in e["type"]]
        assert [(e["data"]["from_agency"], e["data"]["to_agency"]) for e in told] == [known]
    above = service.client("authority", agency="X")
    told = [e for e in await service.events(above) if "joining." in e["type"]]
    assert [(e["data"]["from_agency"], e["data"]["to_agency"]) for e in told] == [("X.A", "X.P")]


async def test_what_a_confined_reader_holds_does_not_move_with_edits_of_the_other_bloc(
    service: RunningService,
) -> None:
    admin = service.client()
    both = official(1, post("X.A"), post("X.P", posting="concurrent", primary=False))
    await admin.put("/v1/officials/O-1", json=both, headers={"If-Match": "*"})
    state = service.client("authority", agency="X", bloc="state")
    before = await state.get("/v1/officials/O-1")
    both["assignments"][1]["position_title"] = "Phó ban"
    await admin.put("/v1/officials/O-1", json=both, headers={"If-Match": "*"})
    after = await state.get("/v1/officials/O-1")
    assert (after.headers["etag"], after.json()) == (before.headers["etag"], before.json())
    assert (await state.get("/v1/officials")).json()["items"][0] == before.json()
    moves = (await state.get("/v1/officials/O-1/moves")).json()
    assert moves == {"items": []}
    change = before.json() | {"full_name": "Nguyễn Văn Sửa"}
    tag = {"If-Match": before.headers["etag"]}
    done = await state.put("/v1/officials/O-1", json=change, headers=tag)
    assert done.status_code == 200, done.text
    stale = await state.put("/v1/officials/O-1", json=change, headers=tag)
    assert stale.status_code == 412


async def test_a_taking_over_is_listed_for_both_bodies_and_those_above_alone(
    service: RunningService,
) -> None:
    item = await takes_over(service)
    path = f"/v1/joinings/{item['joining_id']}"
    seeing = [
        *(("agency", agency) for agency in ("X.A", "X", "Y.A", "Y")),
        *(("authority", None), ("auditor", None), ("auditor", "Y"), ("admin", None)),
    ]
    blind = [
        *(("agency", "X.B"), ("agency", "X.A.1"), ("agency", "nowhere"), ("official", None)),
        ("institution", None),
    ]
    for role, agency in (*seeing, *blind):
        who = {"agency": agency} if agency else {}
        who |= {"institution": "VINH"} if role == "institution" else {}
        client = service.client(role, subject="reader", **who)
        listed = await client.get("/v1/joinings")
        seen = (role, agency) in seeing
        assert (await client.get(path)).status_code == (200 if seen else 404), (role, agency)
        items = listed.json().get("items", [])
        assert [each["joining_id"] for each in items] == [item["joining_id"]] * seen
    assert len(await lines(service, caller="reader", action="joinings.listed")) == len(seeing)
    assert "Nguyễn" not in str(item)
