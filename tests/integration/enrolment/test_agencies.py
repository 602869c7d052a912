"""The dated tree over HTTP."""

from __future__ import annotations

import time
from typing import Any

import httpx

from tests.running import RunningService


def agency(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Sở Y tế",
        "parent_code": None,
        "level": "province",
        "system": "state",
        "province_code": "38",
        "valid_from": "2015-01-01",
        "valid_to": None,
        **changes,
    }


async def plant(client: httpx.AsyncClient, *rows: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post("/v1/agencies/import", json=list(rows))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_version_is_put_and_the_tree_is_asked_as_of_any_day(
    enrolment: RunningService,
) -> None:
    admin = enrolment.client()
    report = await plant(
        admin,
        agency(code="X.D1.C1", parent_code="X.D1", level="commune", valid_to="2025-06-30"),
        agency(code="X.D1", parent_code="X", level="district", valid_to="2025-06-30"),
        agency(code="X", name="Tỉnh  X"),
        agency(
            code="X.N1",
            parent_code="X",
            level="commune",
            commune_kind="xa",
            valid_from="2025-07-01",
            predecessor_codes=["X.D1.C1"],
        ),
    )
    assert (report["created"], report["rejected"]) == (4, 0), report

    async def tree(day: str) -> list[str]:
        answer = await admin.get("/v1/agencies", params={"as_of": day, "under": "X"})
        assert answer.status_code == 200, answer.text
        return [item["code"] for item in answer.json()["items"]]

    assert await tree("2024-12-31") == ["X", "X.D1", "X.D1.C1"]
    assert await tree("2025-07-01") == ["X", "X.N1"]
    first = await admin.get("/v1/agencies/X.D1")
    assert first.json()["in_force"] is False
    assert first.json()["path"] == ["X.D1", "X"]
    assert (await admin.get("/v1/agencies/X.D1?as_of=2026-01-01")).status_code == 404
    assert (await admin.get("/v1/agencies/X")).json()["name"] == "Tỉnh X"

    body = agency(name="Tỉnh X mới", valid_from="2025-07-01")
    refused = await admin.put("/v1/agencies/X", json=body)
    assert refused.json()["code"] == "precondition_required"
    tag = (await admin.get("/v1/agencies/X")).headers["etag"]
    done = await admin.put("/v1/agencies/X", json=body, headers={"If-Match": tag})
    assert done.status_code == 200, done.text
    assert [v["valid_to"] for v in done.json()["versions"]] == ["2025-06-30", None]
    stale = await admin.put("/v1/agencies/X", json=body, headers={"If-Match": tag})
    assert stale.status_code == 412
    assert (await admin.get("/v1/agencies/X?as_of=2020-01-01")).json()["name"] == "Tỉnh X"


async def test_the_same_file_twice_changes_nothing(enrolment: RunningService) -> None:
    admin = enrolment.client()
    rows = [agency(code="X"), agency(code="X.A", parent_code="X")]
    await plant(admin, *rows)
    report = await plant(admin, *rows)
    assert (report["created"], report["updated"], report["unchanged"]) == (0, 0, 2)
    events = await enrolment.events()
    planted = [e["subject"] for e in events if e["subject"].startswith("X")]
    assert planted == ["X", "X.A"]


async def test_rows_that_break_the_tree_are_named_and_the_others_stand(
    enrolment: RunningService,
) -> None:
    admin = enrolment.client()
    report = await plant(
        admin,
        agency(code="X"),
        agency(code="ring-a", parent_code="ring-b"),
        agency(code="ring-b", parent_code="ring-a"),
        agency(code="lost", parent_code="nowhere"),
        agency(code="below-lost", parent_code="lost"),
        agency(code="short", parent_code="X", valid_to="2020-12-31"),
        agency(code="long", parent_code="short"),
        agency(code="good", parent_code="X"),
        agency(code="old-code", province_code="45", valid_from="2025-07-01"),
        {"code": "bad"},
    )
    found = {(line["row"], line["code"]) for line in report["errors"]}
    assert found == {
        (2, "agency_cycle"),
        (3, "agency_cycle"),
        (4, "parent_unknown"),
        (5, "parent_unknown"),
        (7, "child_outlives_parent"),
        (9, "province_unknown"),
        (10, "field_required"),
    }
    assert report["created"] == 3
    closing = await admin.put(
        "/v1/agencies/X", json=agency(valid_to="2019-12-31"), headers={"If-Match": "*"}
    )
    assert closing.status_code == 409
    assert closing.json()["code"] == "child_outlives_parent"
    cycle = await admin.put(
        "/v1/agencies/X", json=agency(parent_code="good"), headers={"If-Match": "*"}
    )
    assert cycle.json()["code"] == "agency_cycle"
    assert (await admin.put("/v1/agencies/Z", json=agency(parent_code="Q"))).status_code == 409


async def test_outside_the_subtree_nothing_exists(enrolment: RunningService) -> None:
    await plant(
        enrolment.client(),
        agency(code="X"),
        agency(code="X.A", parent_code="X"),
        agency(code="Y"),
    )
    clerk = enrolment.client("agency", agency="X.A")
    assert [a["code"] for a in (await clerk.get("/v1/agencies")).json()["items"]] == ["X.A"]
    assert (await clerk.get("/v1/agencies/X")).status_code == 404
    assert (await clerk.put("/v1/agencies/X.A", json=agency())).status_code == 403
    province = enrolment.client("authority", agency="X")
    assert (await province.put("/v1/agencies/X.B", json=agency(parent_code="X"))).status_code == 201
    assert (await province.put("/v1/agencies/X.C", json=agency(parent_code="Y"))).status_code == 409
    assert (await province.put("/v1/agencies/Z", json=agency())).status_code == 403
    for code in ("Y", "NOBODY"):
        put = await province.put(f"/v1/agencies/{code}", json=agency(), headers={"If-Match": "*"})
        assert put.status_code == 404
    taken = agency(parent_code="X")
    assert (await province.put("/v1/agencies/Y", json=taken)).status_code == 404
    report = await province.post("/v1/agencies/import", json=[{"code": "Y"} | taken])
    assert [(e["pointer"], e["code"]) for e in report.json()["errors"]] == [("/code", "not_found")]
    async with enrolment.database.pool.acquire() as connection:
        assert await connection.fetchval("SELECT asked FROM question_count") == 2
        lines = await connection.fetch("SELECT action, subject FROM audit")
    asked = [line["action"] for line in lines if line["subject"] == "Y"]
    assert asked.count("agency.asked_about") == 2
    enrolment.app.state.questions_per_day = 2
    for code in ("Y", "X.NEW"):
        assert (await province.put(f"/v1/agencies/{code}", json=taken)).status_code == 429
        report = await province.post("/v1/agencies/import", json=[{"code": code} | taken])
        assert [e["code"] for e in report.json()["errors"]] == ["too_many_requests"]
    school = enrolment.client("institution", institution="VINH")
    for path in ("/v1/agencies", "/v1/agencies/X", "/v1/agencies/X.A"):
        assert (await school.get(path)).status_code == 404
    assert (await school.put("/v1/agencies/Q", json=agency())).status_code == 404


async def test_odd_values_are_refused_not_crashed_on(enrolment: RunningService) -> None:
    admin = enrolment.client()
    for body in (
        agency(name="a\x00b"),
        agency(valid_from="0001-01-01"),
        agency(valid_to="9999-12-31"),
        agency(valid_from=20200101),
        agency(valid_to="2014-12-31"),
        agency(parent_code="a\x00"),
        agency(unknown=1),
        agency(predecessor_codes=["\x00"]),
        [],
    ):
        answer = await admin.put("/v1/agencies/Q", json=body)
        assert answer.status_code == 422, (body, answer.text)
    surrogate = b'{"name": "\\ud800", "valid_from": "2020-01-01"}'
    answer = await admin.put(
        "/v1/agencies/Q", content=surrogate, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert (await admin.get("/v1/agencies/%00")).status_code == 422
    assert (await admin.get("/v1/agencies?as_of=0000-00-00")).status_code == 422
    report = await plant(
        admin, agency(code="Q", name="a\x00b"), agency(code="W", valid_from="0001-01-01")
    )
    assert report["rejected"] == 2


async def test_a_key_gives_the_stored_report(enrolment: RunningService) -> None:
    admin = enrolment.client()
    headers = {"Idempotency-Key": "tree-1"}
    first = await admin.post("/v1/agencies/import", json=[agency(code="X")], headers=headers)
    again = await admin.post("/v1/agencies/import", json=[agency(code="X")], headers=headers)
    assert first.json()["created"] == 1
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    other = await admin.post("/v1/agencies/import", json=[agency(code="Y")], headers=headers)
    assert other.json()["code"] == "idempotency_key_reused"


async def test_a_file_that_would_make_the_tree_too_deep_is_told_row_by_row(
    enrolment: RunningService,
) -> None:
    admin = enrolment.client()
    rows = [
        agency(code=f"D{n}", parent_code=f"D{n - 1}" if n else None) for n in range(980, -1, -1)
    ]
    report = await plant(admin, *rows)
    assert (report["created"], report["rejected"]) == (32, 949)
    assert {(e["code"], e["pointer"]) for e in report["errors"]} == {
        ("tree_too_deep", "/parent_code")
    }
    refused = await admin.put("/v1/agencies/LOW", json=agency(parent_code="D31"))
    assert (refused.status_code, refused.json()["code"]) == (409, "tree_too_deep")
    assert refused.json()["errors"][0]["pointer"] == "/parent_code"
    await plant(admin, agency(code="T"), agency(code="T.1", parent_code="T"))
    tag = (await admin.get("/v1/agencies/T")).headers["etag"]
    hung = agency(parent_code="D30", valid_from="2020-01-01")
    refused = await admin.put("/v1/agencies/T", json=hung, headers={"If-Match": tag})
    assert (refused.status_code, refused.json()["code"]) == (409, "tree_too_deep")
    assert "T.1" in refused.json()["errors"][0]["message"]


async def test_a_large_file_in_which_every_row_has_a_fault_is_answered_soon(
    enrolment: RunningService,
) -> None:
    rows = [agency(code=f"E{n}", parent_code=f"E{n - 1}" if n else None) for n in range(12_000)]
    begun = time.monotonic()
    report = await plant(enrolment.client(), *reversed(rows))
    assert (report["created"], report["rejected"]) == (32, 11_968)
    assert time.monotonic() - begun < 30


async def test_a_body_has_five_hundred_versions_and_two_hundred_predecessors_at_most(
    enrolment: RunningService,
) -> None:
    days = [f"{1900 + n // 12}-{1 + n % 12:02d}-01" for n in range(501)]
    report = await plant(
        enrolment.client(),
        *(agency(code="V", province_code="38", valid_from=day) for day in days[-501:]),
        agency(code="W", predecessor_codes=[f"P{n}" for n in range(201)]),
    )
    assert "too_many_predecessors" in {each["code"] for each in report["errors"]}
    assert (report["created"], report["updated"]) == (1, 499), report["errors"]
    assert "too_many_versions" in {each["code"] for each in report["errors"]}
