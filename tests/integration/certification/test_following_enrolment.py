"""Authorisations come from enrolment's feed, and a refusal waits for its newest word."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest

from services.certification.worker import make_followers
from shared.contracts.events import Envelope
from tests.making.certification import learn, sheet
from tests.running import InProcessTransport, MovableClock, RunningService

AUTHORISED = {
    "language": "en",
    "formats": None,
    "levels": [3, 4, 5],
    "decision_number": "1/QĐ-BGDĐT",
    "valid_from": "2019-01-01",
    "valid_to": None,
}


def institution(*activities: str, **changes: object) -> dict[str, object]:
    return {
        "name": "Trường Đại học Ví Dụ",
        "kind": "university",
        "authorisations": [{**AUTHORISED, "activity": each, **changes} for each in activities],
    }


@pytest.fixture
async def joined(
    certification: RunningService,
    enrolment: RunningService,
    transport: InProcessTransport,
    clock: MovableClock,
) -> AsyncIterator[None]:
    """The web process of certification reaches enrolment."""
    async with httpx.AsyncClient(transport=transport) as http:
        follower = make_followers(certification.database, certification.environment, clock, http)
        certification.catch_up = follower["enrolment"].catch_up
        yield


async def test_a_fresh_authorisation_counts_without_waiting_for_the_worker(
    certification: RunningService, enrolment: RunningService, joined: None
) -> None:
    client, directory = certification.client(), enrolment.client()
    await enrolment.sequence()
    before = await client.post("/v1/results", json=sheet(1, "DHVD"))
    assert before.json()["code"] == "institution_not_authorised"
    put = await directory.put("/v1/institutions/DHVD", json=institution("testing", "certifying"))
    assert put.status_code == 201, put.text
    await enrolment.sequence()
    after = await client.post("/v1/results", json=sheet(1, "DHVD"))
    assert after.status_code == 201, after.text


async def test_an_institution_is_called_what_the_directory_calls_it(
    certification: RunningService, enrolment: RunningService, joined: None
) -> None:
    client, directory = certification.client(), enrolment.client()
    given = institution("testing", "certifying")
    put = await directory.put("/v1/institutions/DHVD", json=given)
    assert put.status_code == 201, put.text
    await certification.follow(enrolment)
    made = (await client.post("/v1/results", json=sheet(1, "DHVD"))).json()
    address = f"/v1/verify/{made['certificate']['serial']}"
    assert (await client.get(address)).json()["institution_name"] == "Trường Đại học Ví Dụ"
    renamed = await directory.put(
        "/v1/institutions/DHVD",
        json={**given, "name": "Đại học Ví Dụ"},
        headers={"If-Match": put.headers["etag"]},
    )
    assert renamed.status_code == 200, renamed.text
    await certification.follow(enrolment)
    assert (await client.get(address)).json()["institution_name"] == "Đại học Ví Dụ"


async def test_an_event_from_before_names_were_told_still_authorises(
    certification: RunningService, enrolment_told_all: None
) -> None:
    certifying = [
        {**AUTHORISED, "granted_by": "ministry", "province_code": None, "activity": each}
        for each in ("testing", "certifying")
    ]
    old = Envelope(
        specversion="1.0",
        id="x",
        source="/enrolment",
        type="vn.bac.institution.changed.v1",
        subject="DHCU",
        time=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        datacontenttype="application/json",
        data={
            "version": 1,
            "institution_code": "DHCU",
            "kind": "university",
            "authorisations": certifying,
        },
    )
    await learn(certification, old)
    client = certification.client()
    made = await client.post("/v1/results", json=sheet(1, "DHCU"))
    assert made.status_code == 201, made.text
    address = f"/v1/verify/{made.json()['certificate']['serial']}"
    assert (await client.get(address)).json()["institution_name"] is None
    page = await client.get(address, headers={"Accept": "text/html"})
    assert "<dd>DHCU</dd>" in page.text
    named = msgspec.structs.replace(
        old, data={**old.data, "version": 2, "institution_name": "Đại học Cũ"}
    )
    await learn(certification, named, old)  # a replay from zero tells the old one again
    assert (await client.get(address)).json()["institution_name"] == "Đại học Cũ"


async def test_a_refusal_writes_its_day_as_its_reader_does(
    certification: RunningService, enrolment_told_all: None
) -> None:
    for language, day in (("vi", "20/09/2026"), ("en", "2026-09-20")):
        refused = await certification.client().post(
            "/v1/results", json=sheet(1, "DHX"), headers={"Accept-Language": language}
        )
        assert day in refused.json()["detail"]


async def test_a_province_cannot_stand_in_for_the_ministry(
    certification: RunningService, enrolment: RunningService, joined: None
) -> None:
    provincial = institution("testing", "certifying", granted_by="province", province_code="40")
    put = await enrolment.client().put("/v1/institutions/DHTINH", json=provincial)
    assert put.status_code == 201, put.text
    await certification.follow(enrolment)
    answer = await certification.client().post("/v1/results", json=sheet(1, "DHTINH"))
    assert (answer.status_code, answer.json()["code"]) == (422, "institution_not_authorised")


async def test_an_authorisation_that_has_no_place_in_the_feed_yet_is_waited_for(
    certification: RunningService, enrolment: RunningService, joined: None
) -> None:
    given = institution("testing", "certifying")
    put = await enrolment.client().put("/v1/institutions/DHVD", json=given)
    assert put.status_code == 201, put.text
    posting = asyncio.create_task(certification.client().post("/v1/results", json=sheet(1, "DHVD")))
    await asyncio.sleep(0.1)
    assert not posting.done()
    await enrolment.sequence()
    answer = await posting
    assert answer.status_code == 201, answer.text


async def test_a_refusal_that_enrolment_could_not_confirm_is_not_given(
    certification: RunningService,
) -> None:
    """Nothing answers at enrolment's address."""
    client = certification.client()
    key = {"Idempotency-Key": "k"}
    answer = await client.post("/v1/results", json=sheet(1, "DHVD"), headers=key)
    assert (answer.status_code, answer.json()["code"]) == (503, "dependency_unavailable")
    batch = (await client.post("/v1/results/batch", json=[sheet(1, "DHVD")])).json()
    assert [line["code"] for line in batch["errors"]] == ["dependency_unavailable"]
    async with certification.database.pool.acquire() as connection:
        assert await connection.fetchval("SELECT count(*) FROM idempotency") == 0


async def test_an_event_that_cannot_be_applied_is_no_error_of_the_result(
    certification: RunningService, enrolment: RunningService, joined: None
) -> None:
    """A refusal waits for news of the directory. Where a poisoned feed brings none, the sheet is asked for
    again later: it is neither refused for an old fact nor answered 500."""
    async with enrolment.database.pool.acquire() as connection:
        await connection.execute(
            """
            INSERT INTO outbox (event_id, type, subject, occurred_at, data, audience)
            VALUES (gen_random_uuid(), 'vn.bac.agency.changed.v1', 'BAD', now(),
                    '{"version": 1, "agency_code": "BAD", "versions": 12}', '{*}')
            """
        )
    await enrolment.sequence()
    answer = await certification.client().post("/v1/results", json=sheet(1, "DHVD"))
    assert (answer.status_code, answer.json()["code"]) == (503, "dependency_unavailable")
    ready = (await certification.client(None).get("/health/ready")).json()
    assert ready["status"] == "degraded"
    assert ready["feeds"][0]["error"] == "ValidationError"
    position = ready["feeds"][0]["position"]
    put = await enrolment.client().put(
        "/v1/institutions/DHVD", json=institution("testing", "certifying")
    )
    assert put.status_code == 201
    await enrolment.sequence()
    decided = await certification.client().post(
        "/v1/followed-feeds/enrolment/set-aside",
        json={"position": position, "reason": "sự kiện hỏng"},
    )
    assert decided.status_code == 200, decided.text
    answer = await certification.client().post("/v1/results", json=sheet(1, "DHVD"))
    assert answer.status_code == 201, answer.text
