"""Recognised evidence: filing, deciding, and who sees it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.making.certification import evidence
from tests.running import RunningService

ACCEPT = {"decision_number": "118/QĐ-SNV", "decided_on": "2026-06-01"}


async def test_evidence_counts_once_accepted_and_until_withdrawn(
    certification: RunningService, tree: None
) -> None:
    clerk = certification.client("agency", agency="H56.09.TTYT")
    authority = certification.client("authority", agency="H56")
    filed = await clerk.post("/v1/evidence", json=evidence())
    assert filed.status_code == 201, filed.text
    body = filed.json()
    assert (body["status"], body["filed_by"], body["level"]) == ("recorded", "H56.09.TTYT", None)
    assert "038190" not in filed.text
    again = await clerk.post("/v1/evidence", json=evidence())
    assert (again.status_code, again.json()) == (200, body)
    other = await clerk.post("/v1/evidence", json=evidence(scores={"overall": 7.0}))
    assert (other.status_code, other.json()["code"]) == (409, "evidence_conflict")
    assert [each["pointer"] for each in other.json()["errors"]] == ["/scores/overall"]
    named = {**evidence()["person"], "full_name": "Nguyễn Văn Khác"}
    two = await clerk.post("/v1/evidence", json=evidence(person=named, expires_on="2027-02-09"))
    assert [each["pointer"] for each in two.json()["errors"]] == [
        "/person/full_name",
        "/expires_on",
    ]
    path = f"/v1/evidence/{body['evidence_id']}"
    assert (await clerk.post(f"{path}/acceptance", json={**ACCEPT, "level": 4})).status_code == 403
    early = await authority.post(f"{path}/withdrawal", json=ACCEPT)
    assert (early.status_code, early.json()["code"]) == (409, "evidence_not_accepted")
    accepted = await authority.post(f"{path}/acceptance", json={**ACCEPT, "level": 4})
    assert (accepted.status_code, accepted.json()["level"]) == (201, 4)
    same = await authority.post(f"{path}/acceptance", json={**ACCEPT, "level": 4})
    assert same.status_code == 200
    differs = await authority.post(f"{path}/acceptance", json={**ACCEPT, "level": 5})
    assert (differs.status_code, differs.json()["code"]) == (409, "evidence_already_decided")
    ended = {"decision_number": "9/QĐ", "decided_on": "2026-09-01"}
    withdrawn = await authority.post(f"{path}/withdrawal", json=ended)
    assert (withdrawn.status_code, withdrawn.json()["status"]) == (201, "withdrawn")
    assert (await authority.post(f"{path}/withdrawal", json=ended)).status_code == 200
    view = (await clerk.get(path)).json()
    assert view["person"]["identity_number"] == "********0001"
    assert view["acceptance"]["decided_on"] == "2026-06-01"
    assert view["withdrawal"]["decided_on"] == "2026-09-01"
    events = await certification.events()
    assert [event["type"].split(".")[3] for event in events] == [
        "recorded",
        "accepted",
        "withdrawn",
    ]
    assert [event["data"]["version"] for event in events] == [1, 2, 3]
    assert events[1]["data"]["dated"] == "2025-02-10"
    assert events[1]["data"]["level"] == 4
    assert "038190" not in str(events)


async def test_a_level_is_stated_or_given_by_a_named_table(
    certification: RunningService, tree: None
) -> None:
    client = certification.client()
    path = (
        f"/v1/evidence/{(await client.post('/v1/evidence', json=evidence())).json()['evidence_id']}"
    )
    none = await client.post(f"{path}/acceptance", json=ACCEPT)
    assert (none.status_code, none.json()["code"]) == (422, "evidence_level_required")
    for table, code in (
        ("NO-SUCH", "equivalence_table_unknown"),
        ("QD925-2023", "equivalence_gives_no_level"),
    ):
        answer = await client.post(
            f"{path}/acceptance", json={**ACCEPT, "equivalence_table": table}
        )
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    named = {**ACCEPT, "equivalence_table": "TT23-2021"}
    contradicted = await client.post(f"{path}/acceptance", json={**named, "level": 3})
    assert contradicted.json()["code"] == "equivalence_gives_no_level"
    assert (await client.post(f"{path}/acceptance", json=named)).json()["level"] == 4
    view = (await client.get(path)).json()
    assert view["equivalence"]["id"] == "TT23-2021"
    assert view["equivalence"]["confidence"] == "verified"


async def test_specialised_language_proves_no_level(
    certification: RunningService, tree: None
) -> None:
    client = certification.client()
    body = evidence(kind="specialised_language", test=None, scores=None, field="y tế")
    filed = (await client.post("/v1/evidence", json=body)).json()
    path = f"/v1/evidence/{filed['evidence_id']}/acceptance"
    refused = await client.post(path, json={**ACCEPT, "level": 3})
    assert refused.json()["code"] == "evidence_level_unexpected"
    assert (await client.post(path, json=ACCEPT)).json()["level"] is None
    accepted = (await certification.events())[-1]["data"]
    assert (accepted["specialised"], accepted["level"]) == (True, None)


async def test_one_decision_accepts_a_list(certification: RunningService, tree: None) -> None:
    clerk = certification.client("agency", agency="H56.09.TTYT")
    ids = [
        (await clerk.post("/v1/evidence", json=evidence(certificate_number=f"N{n}"))).json()[
            "evidence_id"
        ]
        for n in range(4)
    ]
    outside = (
        await certification.client("agency", agency="H30").post("/v1/evidence", json=evidence())
    ).json()
    authority = certification.client("authority", agency="H56")
    items = [{"evidence_id": each, "level": 4} for each in ids[:3]]
    items += [{"evidence_id": outside["evidence_id"], "level": 4}, {"evidence_id": ids[3]}]
    body = {**ACCEPT, "items": items}
    report = (await authority.post("/v1/evidence/acceptances", json=body)).json()
    assert (report["received"], report["accepted"], report["rejected"]) == (5, 3, 2)
    assert [(fault["row"], fault["code"]) for fault in report["errors"]] == [
        (4, "not_found"),
        (5, "evidence_level_required"),
    ]
    again = (await authority.post("/v1/evidence/acceptances", json=body)).json()
    assert (again["accepted"], again["unchanged"]) == (0, 3)
    plain = {**ACCEPT, "level": 3, "evidence_ids": [ids[3]]}
    assert (await authority.post("/v1/evidence/acceptances", json=plain)).json()["accepted"] == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"dated": "2027-01-01"}, "evidence_dates_impossible"),
        ({"dated": "1901-01-01"}, "evidence_dates_impossible"),
        ({"expires_on": "2025-01-01"}, "evidence_dates_impossible"),
        ({"kind": "horoscope"}, "invalid_request"),
        ({"person": {"full_name": "A", "birth_date": "1990"}}, "invalid_request"),
        ({"person": {**evidence()["person"], "birth_date": "1990-02-31"}}, "invalid_request"),
        ({"person": {**evidence()["person"], "full_name": "a\x00"}}, "invalid_request"),
        ({"scores": {"overall": "6"}}, "invalid_request"),
        ({"scores": {"overall": 1e300}}, "invalid_request"),
        ({"issued_by": "\ud800"}, "invalid_request"),
        ({"agency_code": "H99"}, "not_found"),
    ],
)
async def test_what_cannot_be_evidence_is_refused(
    certification: RunningService, tree: None, change: dict[str, Any], code: str
) -> None:
    answer = await certification.client().post(
        "/v1/evidence",
        content=json.dumps(evidence(**change)),
        headers={"Content-Type": "application/json"},
    )
    expected = 404 if code == "not_found" else 422
    assert (answer.status_code, answer.json()["code"]) == (expected, code)


async def test_equal_filings_at_once_are_one(certification: RunningService, tree: None) -> None:
    client = certification.client("agency", agency="H56.09")
    answers = await asyncio.gather(
        *(client.post("/v1/evidence", json=evidence()) for _ in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["evidence_id"] for answer in answers}) == 1


async def test_evidence_is_visible_to_its_body_and_above(
    certification: RunningService, tree: None
) -> None:
    clerk = certification.client("agency", agency="H56.09.TTYT")
    filed = (await clerk.post("/v1/evidence", json=evidence())).json()
    party = (
        await certification.client("agency", agency="H56.DU").post("/v1/evidence", json=evidence())
    ).json()
    path = f"/v1/evidence/{filed['evidence_id']}"
    seen = {
        "agency H56.09.TTYT": [filed],
        "agency H56.09": [filed],
        "agency H56": [filed, party],
        "agency H56.DU": [party],
        "agency H30": [],
        "authority H56": [filed, party],
        "authority": [filed, party],
        "auditor": [filed, party],
        "agency H56 state": [filed],
        "authority H56 party": [party],
        "authority  party": [party],
    }
    for who, expected in seen.items():
        role, code, bloc = [*who.split(" "), "", ""][:3]
        reader = certification.client(role, agency=code or None, bloc=bloc or None)
        assert (await reader.get(path)).status_code == (200 if filed in expected else 404), who
        listed = (await reader.get("/v1/evidence")).json()["items"]
        ids = [item["evidence_id"] for item in listed]
        assert ids == [each["evidence_id"] for each in expected], who
        told = {event["subject"] for event in await certification.events(reader)}
        assert told == set(ids), who
    for role, who in (("institution", {"institution": "DHV"}), ("official", {})):
        assert (await certification.client(role, **who).get(path)).status_code == 404


async def test_a_body_files_for_bodies_below_it_only(
    certification: RunningService, tree: None
) -> None:
    above = certification.client("agency", agency="H56")
    filed = await above.post("/v1/evidence", json=evidence(agency_code="H56.09"))
    assert filed.json()["filed_by"] == "H56.09"
    below = certification.client("agency", agency="H56.09")
    assert (await below.post("/v1/evidence", json=evidence(agency_code="H56"))).status_code == 404
    assert (await below.post("/v1/evidence", json=evidence(agency_code="H30"))).status_code == 404


@pytest.mark.parametrize("language", ["vi", "xx", "eng"])
async def test_what_is_no_foreign_language_is_refused(
    language: str, certification: RunningService, tree: None
) -> None:
    clerk = certification.client("agency", agency="H56.09")
    refused = await clerk.post("/v1/evidence", json=evidence(language=language))
    assert (refused.status_code, refused.json()["code"]) == (422, "language_unknown")
    (fault,) = refused.json()["errors"]
    assert fault["pointer"] == "/language"
    assert "ISO 639-1" in fault["message"]
    for known in ("ja", "km", "tyz"):
        filed = await clerk.post("/v1/evidence", json=evidence(language=known))
        assert filed.status_code in (200, 201), known


async def test_names_that_differ_only_warn_and_only_of_what_the_caller_sees(
    certification: RunningService, tree: None
) -> None:
    clerk = certification.client("agency", agency="H56.09")
    stranger = certification.client("agency", agency="H30")
    person = evidence()["person"]
    first = await clerk.post("/v1/evidence", json=evidence())
    assert first.json()["warnings"] == []
    same = {**person, "full_name": "NGUYỄN  Thị Ví Dụ"}
    alike = await clerk.post("/v1/evidence", json=evidence(person=same, certificate_number="2"))
    assert (alike.status_code, alike.json()["warnings"]) == (201, [])
    other = {**person, "full_name": "Trần Thị Ví Dụ"}
    apart = await stranger.post("/v1/evidence", json=evidence(person=other))
    assert (apart.status_code, apart.json()["warnings"]) == (201, [])
    differs = await clerk.post("/v1/evidence", json=evidence(person=other, certificate_number="3"))
    assert differs.status_code == 201
    (warning,) = differs.json()["warnings"]
    assert (warning["pointer"], warning["code"]) == ("/person/full_name", "name_differs")
    assert "Ví Dụ" not in differs.text
    rows = [evidence(person=other, certificate_number=str(number)) for number in (3, 4)]
    report = (await clerk.post("/v1/evidence/import", json=rows)).json()
    assert (report["recorded"], report["duplicates"], report["rejected"]) == (1, 1, 0)
    assert [(each["row"], each["code"]) for each in report["warnings"]] == [
        (1, "name_differs"),
        (2, "name_differs"),
    ]
    assert "Ví Dụ" not in str(report)
