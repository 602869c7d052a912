"""Joining an official adds posts in the own subtree; the person stays who they are."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.enrolment.rosters import citizen, official, plant_tree, post, row, send
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
