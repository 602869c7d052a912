"""Results and evidence refuse the same malformed identities as the directory, and fold the same."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.certification.recording.repository import NAMESAKES
from tests.making.certification import Authorise, evidence, sheet
from tests.making.people import INSTITUTION, result
from tests.running import RunningService

WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"citizen_id": "000000000000"}, "/citizen_id", "citizen_id_malformed"),
    ({"citizen_id": "  "}, "/citizen_id", "citizen_id_malformed"),
    ({"citizen_id": "03819000000"}, "/citizen_id", "citizen_id_malformed"),
    (
        {"identity": {"type": "cmnd9", "country": "VN", "number": "12345678"}},
        "/identity/number",
        "cmnd9_malformed",
    ),
    (
        {"identity": {"type": "passport", "country": "LA", "number": " "}},
        "/identity/number",
        "passport_malformed",
    ),
    (
        {"identity": {"type": "citizen_id", "country": "VN", "number": "000000000000"}},
        "/identity/number",
        "citizen_id_malformed",
    ),
    (
        {"identity": {"type": "cmnd9", "country": "US", "number": "171234567"}},
        "/identity/country",
        "country_malformed",
    ),
    (
        {"identity": {"type": "other", "country": "LA", "number": "1\x00"}},
        "/identity/number",
        "control_character",
    ),
]


def named(body: dict[str, Any], where: str, who: dict[str, Any]) -> dict[str, Any]:
    person = {k: v for k, v in body[where].items() if k != "citizen_id"}
    return {**body, where: person | who}


async def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code in (200, 422), answer.text
    return [(each["pointer"], each["code"]) for each in answer.json()["errors"]]


@pytest.mark.parametrize(("who", "at", "code"), WRONG)
async def test_a_malformed_identity_is_refused_at_results_and_evidence_alike(
    certification: RunningService, authorise: Authorise, who: dict[str, Any], at: str, code: str
) -> None:
    await authorise()
    client = certification.client()
    for path, bulk, where, body in (
        ("/v1/results", "/v1/results/batch", "candidate", sheet()),
        ("/v1/evidence", "/v1/evidence/import", "person", evidence()),
    ):
        given = named(body, where, who)
        assert await faults(await client.post(path, json=given)) == [(f"/{where}{at}", code)]
        assert await faults(await client.post(bulk, json=[given])) == [(f"/{where}{at}", code)]


async def test_all_that_is_wrong_with_a_paper_is_told_at_once(
    certification: RunningService,
) -> None:
    wrong = evidence(language="vi", dated="2040-01-01", expires_on="1901-01-01")
    wrong = named(wrong, "person", {"citizen_id": "000000000000"})
    client = certification.client()
    told = [
        ("/language", "language_unknown"),
        ("/dated", "evidence_dates_impossible"),
        ("/expires_on", "evidence_dates_impossible"),
        ("/person/citizen_id", "citizen_id_malformed"),
    ]
    assert await faults(await client.post("/v1/evidence", json=wrong)) == told
    assert await faults(await client.post("/v1/evidence/import", json=[wrong])) == told


async def test_a_number_written_with_dots_and_spaces_is_the_same_number(
    certification: RunningService, authorise: Authorise
) -> None:
    await authorise()
    client = certification.client(scope="pii:read")
    plain = sheet(citizen_id="x")
    del plain["citizen_id"]
    first = await client.post("/v1/results", json=plain)
    assert first.status_code == 201, first.text
    number = plain["candidate"]["citizen_id"]
    dotted = f" {number[:3]}.{number[3:6]} {number[6:]}"
    again = await client.post("/v1/results", json=named(plain, "candidate", {"citizen_id": dotted}))
    assert (again.status_code, again.json()) == (200, first.json())
    filed = await client.post("/v1/evidence", json=evidence())
    spaced = named(evidence(), "person", {"citizen_id": "038 190 000 001"})
    again = await client.post("/v1/evidence", json=spaced)
    assert (again.status_code, again.json()) == (200, filed.json())
    shown = (await client.get(f"/v1/evidence/{filed.json()['evidence_id']}")).json()
    assert shown["person"]["identity_number"] == "038190000001"


async def test_one_candidate_under_two_identities_in_a_session_is_warned(
    certification: RunningService, authorise: Authorise
) -> None:
    await authorise()
    client = certification.client()
    cmnd = {"identity": {"type": "cmnd9", "country": "VN", "number": "171234567"}}
    first = await client.post("/v1/results", json=sheet(1))
    assert "warnings" not in first.json()
    other_day = sheet(2)
    other_day["candidate"]["birth_date"] = "1990-05-03"
    other_name = sheet(3)
    other_name["candidate"]["full_name"] = "Trần Thị Khác"
    other_session = sheet(4, exam_session={"code": "2026-10", "held_on": "2026-10-20"})
    for body in (other_day, other_name, other_session):
        answer = await client.post("/v1/results", json=body)
        assert answer.status_code == 201, answer.text
        assert "warnings" not in answer.json()
    again = named(sheet(5), "candidate", {"full_name": "NGUYỄN THỊ VÍ DỤ", **cmnd})
    for status in (201, 200):
        answer = await client.post("/v1/results", json=again)
        assert answer.status_code == status, answer.text
        (warning,) = answer.json()["warnings"]
        assert (warning["pointer"], warning["code"]) == ("/candidate", "candidate_twice")
    assert (await client.post("/v1/results", json=sheet(1))).json() == first.json()
    rows = [sheet(1), again, named(sheet(6), "candidate", {"citizen_id": "038190000099"})]
    rows += [named(sheet(7), "candidate", {"full_name": "Lê Văn Hai"})]
    rows += [named(sheet(8), "candidate", {"full_name": "Lê Văn Hai", **cmnd})]
    rows[-1]["candidate"]["identity"] = cmnd["identity"] | {"number": "171234568"}
    rows[-2]["candidate"]["citizen_id"] = "038190000098"
    report = (await client.post("/v1/results/batch", json=rows)).json()
    assert report["rejected"] == 0, report
    told = [(each["row"], each["code"]) for each in report["warnings"]]
    assert told == [(2, "candidate_twice"), (3, "candidate_twice"), (5, "candidate_twice")]


async def plan_of_looking_twice(service: RunningService) -> list[str]:
    async with service.database.pool.acquire() as connection:
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        await connection.execute(f"PREPARE sat_twice AS {NAMESAKES}")
        plan = await connection.fetch(
            "EXPLAIN EXECUTE sat_twice('{}', '{}', '{}', '{}', '{}', '{}', '{}')"
        )
        await connection.execute("DEALLOCATE sat_twice")
        await connection.execute("RESET plan_cache_mode")
    return [line["QUERY PLAN"].strip() for line in plan]


@pytest.mark.parametrize("results", [0, 1000])
async def test_a_plan_made_without_statistics_looks_at_one_birth_date_of_one_session(
    certification: RunningService, authorise: Authorise, results: int
) -> None:
    """A connection keeps a plan for a minute and longer: a first upload of 15 000 lines read each line of
    the session, or each key of all results, for each of them."""
    await authorise(INSTITUTION)
    rows = [result(number, "PLANNED") for number in range(results)]
    report = (await certification.client().post("/v1/results/batch", json=rows)).json()
    assert (report["received"], report["rejected"]) == (results, 0), report
    lines = await plan_of_looking_twice(certification)
    (place,) = [number for number, line in enumerate(lines) if " on exam_result r" in line]
    assert "using exam_result_birth_date on" in lines[place], lines
    assert lines[place + 1].startswith("Index Cond"), lines
