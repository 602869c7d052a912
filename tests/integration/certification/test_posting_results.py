"""POST /v1/results as exam boards use it."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from typing import Any

import pytest

from tests.making.certification import Authorise, authorisation, scores, sheet
from tests.running import RunningService


async def test_a_sheet_earns_a_level_and_a_certificate(
    certification: RunningService, authorise: Authorise
) -> None:
    answer = await certification.client("institution", institution="DHV").post(
        "/v1/results", json=sheet(claimed_level=4)
    )
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert (body["overall"], body["level"]) == (6.5, 4)
    assert body["basis"]["rule"] == "VSTEP.3-5/729-2015"
    assert body["basis"]["source"] == "729/QĐ-BGDĐT"
    assert body["basis"]["framework"] == "KNLNNVN-2026"
    certificate = body["certificate"]
    assert certificate["register_number"] == "1"
    assert certificate["register_book"] == "DHV/KNLNN/2026"
    assert certificate["issued_on"] == "2026-11-23"
    assert certificate["status"] == "valid"
    assert certificate["late_entry"] is False
    assert certificate["serial"].startswith("DHV.2026.000001.")


async def test_one_event_and_one_audit_line_stand_beside_the_result(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client("institution", institution="DHV")
    body = (await client.post("/v1/results", json=sheet())).json()
    below = (await client.post("/v1/results", json=sheet(2, scores=scores(14.5)))).json()
    issued, recorded = await certification.events()
    assert issued["type"] == "vn.bac.certificate.issued.v1"
    assert issued["subject"] == body["certificate"]["serial"]
    assert issued["data"]["serial"] == body["certificate"]["serial"]
    assert issued["data"]["held_on"] == "2026-09-20"
    assert "0381900" not in str(issued)
    assert recorded["type"] == "vn.bac.result.recorded.v1"
    assert recorded["data"]["result_id"] == below["result_id"]
    assert recorded["data"]["overall"] == "3.5"
    async with certification.database.pool.acquire() as connection:
        lines = await connection.fetch(
            "SELECT action, subject FROM audit WHERE action <> 'feed.read' ORDER BY id"
        )
    assert [tuple(line) for line in lines] == [
        ("result.record", body["result_id"]),
        ("result.record", below["result_id"]),
    ]


async def test_below_every_level_there_is_a_result_and_no_certificate(
    certification: RunningService, authorise: Authorise
) -> None:
    answer = await certification.client().post("/v1/results", json=sheet(scores=scores(14.5)))
    assert answer.status_code == 201
    body = answer.json()
    assert (body["overall"], body["level"], body["certificate"]) == (3.5, None, None)


async def test_the_same_sheet_again_is_answered_with_the_same_answer(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    first = await client.post("/v1/results", json=sheet())
    again = await client.post("/v1/results", json=sheet())
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


async def test_of_sixteen_equal_posts_at_once_one_creates(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    answers = await asyncio.gather(*(client.post("/v1/results", json=sheet()) for _ in range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    assert len({answer.text for answer in answers}) == 1
    assert len(await certification.events()) == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"scores": {**sheet()["scores"], "writing": 6.5}}, "/scores/writing"),
        (
            {"candidate": {**sheet()["candidate"], "citizen_id": "038190099999"}},
            "/candidate/citizen_id",
        ),
        ({"candidate": {**sheet()["candidate"], "number": "0099"}}, "/candidate/number"),
        (
            {"candidate": {**sheet()["candidate"], "full_name": "Nguyễn Văn Khác"}},
            "/candidate/full_name",
        ),
        (
            {"candidate": {**sheet()["candidate"], "birth_date": "1990-05-03"}},
            "/candidate/birth_date",
        ),
        ({"issued_on": "2026-09-29"}, "/issued_on"),
    ],
)
async def test_another_sheet_for_the_same_candidate_or_person_is_a_conflict(
    certification: RunningService, authorise: Authorise, change: dict[str, Any], pointer: str
) -> None:
    client = certification.client()
    assert (await client.post("/v1/results", json=sheet())).status_code == 201
    answer = await client.post("/v1/results", json=sheet(**change))
    assert answer.status_code == 409
    assert answer.json()["code"] == "result_conflict"
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert "038190" not in answer.text


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"claimed_level": 5}, "level_mismatch"),
        ({"scores": {**scores(24), "speaking": 6.3}}, "scores_invalid"),
        ({"scores": {**scores(24), "speaking": 10.5}}, "scores_invalid"),
        ({"scores": {**scores(24), "speaking": -0.5}}, "scores_invalid"),
        ({"scores": {**scores(24), "speaking": None}}, "scores_invalid"),
        ({"scores": {**scores(24), "speaking": "6.5"}}, "invalid_request"),
        ({"scores": {**scores(24), "speaking": True}}, "invalid_request"),
        ({"scores": {**scores(24), "speaking": 10**400}}, "invalid_request"),
        ({"candidate": {**sheet()["candidate"], "attendance": "absent"}}, "scores_invalid"),
        ({"candidate": {**sheet()["candidate"], "birth_date": "2026-10-01"}}, "dates_impossible"),
        ({"candidate": {**sheet()["candidate"], "birth_date": "1026-10-01"}}, "dates_impossible"),
        ({"candidate": {**sheet()["candidate"], "birth_date": "1990"}}, "invalid_request"),
        ({"candidate": {**sheet()["candidate"], "citizen_id": "38190000001"}}, "invalid_request"),
        ({"candidate": {**sheet()["candidate"], "full_name": "a\x00b"}}, "invalid_request"),
        ({"candidate": {**sheet()["candidate"], "full_name": "   "}}, "invalid_request"),
        ({"candidate": {**sheet()["candidate"], "number": ""}}, "invalid_request"),
        ({"issued_on": "2026-09-19"}, "dates_impossible"),
        ({"issued_on": "2026-11-24"}, "dates_impossible"),
        ({"exam_session": {"code": "x", "held_on": "2026-11-24"}}, "dates_impossible"),
        ({"exam_session": {"code": "x", "held_on": "0001-01-01"}}, "dates_impossible"),
        ({"format": "TOEIC"}, "format_unknown"),
        ({"language": "fr"}, "institution_not_authorised"),
        ({"institution_code": "KHONG-CO"}, "institution_not_authorised"),
        ({"surprise": 1}, "invalid_request"),
    ],
)
async def test_a_sheet_that_breaks_a_rule_is_422_and_named(
    certification: RunningService, authorise: Authorise, change: dict[str, Any], code: str
) -> None:
    answer = await certification.client().post("/v1/results", json=sheet(**change))
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert answer.json()["errors"]
    assert await certification.events() == []


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"scores": NaN}',
        b'{"institution_code": "\\ud800"}',
        b"\xff\xfe",
        b'{"exam_session": {"code": "x", "held_on": "2026-13-41"}}',
        b"[" * 100_000,
    ],
)
async def test_garbage_is_422(
    certification: RunningService, authorise: Authorise, raw: bytes
) -> None:
    answer = await certification.client().post(
        "/v1/results", content=raw, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422, answer.text


async def test_not_authorised_says_so_by_day_level_and_activity(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    certifying = authorisation(activity="certifying", levels=(3,))
    await authorise("A", authorisation(), certifying)
    refused = await client.post("/v1/results", json=sheet(institution="A"))
    assert refused.json()["code"] == "institution_not_authorised"
    allowed = await client.post("/v1/results", json=sheet(institution="A", scores=scores(16)))
    assert allowed.json()["level"] == 3
    await authorise(
        "B", authorisation(), authorisation(activity="certifying", granted_by="province")
    )
    refused = await client.post("/v1/results", json=sheet(institution="B"))
    assert refused.json()["code"] == "institution_not_authorised"
    none = await client.post("/v1/results", json=sheet(institution="B", scores=scores(10)))
    assert none.status_code == 201
    ended = authorisation(valid_to=dt.date(2026, 9, 19))
    await authorise("C", ended, authorisation(activity="certifying"))
    refused = await client.post("/v1/results", json=sheet(institution="C"))
    assert refused.json()["code"] == "institution_not_authorised"
    assert refused.json()["errors"][0]["pointer"] == "/institution_code"
    chinese = await client.post("/v1/results", json=sheet(institution="B", language="zh"))
    fault = chinese.json()["errors"][0]
    assert (fault["code"], fault["pointer"]) == ("institution_not_authorised", "/language")
    assert fault["message"].endswith("ngôn ngữ zh.")


async def test_an_absent_candidate_is_recorded_without_scores(
    certification: RunningService, authorise: Authorise
) -> None:
    absent = sheet(candidate={**sheet()["candidate"], "attendance": "absent"}, scores=None)
    answer = await certification.client().post("/v1/results", json=absent)
    assert answer.status_code == 201
    assert answer.json()["overall"] is None
    (event,) = await certification.events()
    assert event["data"]["attendance"] == "absent"


async def test_a_session_keeps_its_day_and_its_framework(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    old = {"code": "K1", "held_on": "2026-09-20", "framework": "KNLNNVN-2014"}
    first = await client.post("/v1/results", json=sheet(1, exam_session=old))
    assert first.json()["basis"]["framework"] == "KNLNNVN-2014"
    unnamed = {"code": "K1", "held_on": "2026-09-20"}
    second = await client.post("/v1/results", json=sheet(2, exam_session=unnamed))
    assert second.json()["basis"]["framework"] == "KNLNNVN-2014"
    other_day = {"code": "K1", "held_on": "2026-09-21"}
    third = await client.post("/v1/results", json=sheet(3, exam_session=other_day))
    assert (third.status_code, third.json()["code"]) == (409, "session_mismatch")
    other = {**unnamed, "framework": "KNLNNVN-2026"}
    fourth = await client.post("/v1/results", json=sheet(4, exam_session=other))
    assert (fourth.status_code, fourth.json()["code"]) == (409, "session_mismatch")


async def test_an_institution_posts_for_itself_only(
    certification: RunningService, authorise: Authorise
) -> None:
    await authorise("DHCT")
    client = certification.client("institution", institution="DHCT")
    assert (await client.post("/v1/results", json=sheet())).status_code == 404
    for role, who in (
        ("agency", {"agency": "H56"}),
        ("authority", {}),
        ("auditor", {}),
        ("official", {}),
    ):
        answer = await certification.client(role, **who).post("/v1/results", json=sheet())
        assert answer.status_code == 403, role
    assert (await certification.client(None).post("/v1/results", json=sheet())).status_code == 401


async def test_keys_replay_the_stored_answer_and_refuse_another_body(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    key = {"Idempotency-Key": "k-1"}
    first = await client.post("/v1/results", json=sheet(), headers=key)
    again = await client.post("/v1/results", json=sheet(), headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.text == again.text
    assert again.headers["idempotency-replayed"] == "true"
    other = await client.post("/v1/results", json=sheet(2), headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    broken = await client.post("/v1/results", json={"x": 1}, headers=key)
    assert (broken.status_code, broken.json()["code"]) == (422, "idempotency_key_reused")
    without = await client.post("/v1/results", json=sheet())
    assert without.status_code == 200


async def test_a_refusal_is_stored_under_its_key_too(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    await client.post("/v1/results", json=sheet())
    for key, body in (("a", sheet(scores=scores(20))), ("b", sheet(2, claimed_level=6))):
        first = await client.post("/v1/results", json=body, headers={"Idempotency-Key": key})
        again = await client.post("/v1/results", json=body, headers={"Idempotency-Key": key})
        assert first.status_code in (409, 422)
        assert first.text == again.text
        assert again.headers["idempotency-replayed"] == "true"


async def test_equal_keys_at_once_are_one_piece_of_work(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    answers = await asyncio.gather(
        *(
            client.post("/v1/results", json=sheet(), headers={"Idempotency-Key": "once"})
            for _ in range(16)
        )
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert len(await certification.events()) == 1


async def test_a_sheet_with_a_key_twice_is_refused_and_one_behind_a_byte_order_mark_is_taken(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client("institution", institution="DHV")
    headers = {"Content-Type": "application/json"}
    whole = json.dumps(sheet()).encode()
    twice = whole.replace(b'"reading"', b'"reading": 9.0, "reading"', 1)
    refused = await client.post("/v1/results", content=twice, headers=headers)
    assert refused.status_code == 422
    fault = refused.json()["errors"][0]
    assert (fault["code"], fault["pointer"]) == ("key_repeated", "/scores/reading")
    taken = await client.post("/v1/results", content=b"\xef\xbb\xbf" + whole, headers=headers)
    assert taken.status_code == 201, taken.text
    packed = await client.post(
        "/v1/results", content=whole, headers={**headers, "Content-Encoding": "gzip"}
    )
    assert packed.status_code == 415


async def test_all_faults_of_one_sheet_are_told_at_once(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    wrong = sheet(
        1,
        scores={"listening": 6.3, "reading": 11, "writing": 5.5, "speaking": 6.0},
        issued_on="2026-09-01",
    )
    wrong["candidate"] = {**wrong["candidate"], "birth_date": "2026-10-01", "citizen_id": "123"}
    told = {
        "/candidate/citizen_id",
        "/candidate/birth_date",
        "/issued_on",
        "/scores/listening",
        "/scores/reading",
    }
    answer = await client.post("/v1/results", json=wrong)
    assert answer.status_code == 422
    assert {fault["pointer"] for fault in answer.json()["errors"]} == told
    report = (await client.post("/v1/results/batch", json=[wrong, sheet(2)])).json()
    assert {fault["pointer"] for fault in report["errors"]} == told
    assert (report["recorded"], report["rejected"]) == (1, 1)


async def test_a_fault_of_shape_hides_none_of_the_rules(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    wrong = sheet(1, scores={"listening": 6.3, "reading": 7, "writing": 5.5, "speaking": 6.0})
    wrong["candidate"] = {**wrong["candidate"], "birth_date": "31/02/1990", "number": 7, "x": 1}
    wrong["language"] = "English"
    told = {
        ("/candidate/birth_date", "invalid_value"),
        ("/candidate/number", "wrong_type"),
        ("/candidate/x", "unknown_field"),
        ("/language", "wrong_form"),
    }
    answer = await client.post("/v1/results", json=wrong)
    assert {(each["pointer"], each["code"]) for each in answer.json()["errors"]} == told
    wrong["candidate"] = {**sheet(1)["candidate"]}
    told = {("/language", "wrong_form"), ("/scores/listening", "scores_invalid")}
    answer = await client.post("/v1/results", json=wrong)
    assert {(each["pointer"], each["code"]) for each in answer.json()["errors"]} == told
    report = (await client.post("/v1/results/batch", json=[wrong])).json()
    assert {(each["pointer"], each["code"]) for each in report["errors"]} == told
    assert report["rejected"] == 1
