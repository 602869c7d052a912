"""Authorisations come from enrolment's feed, and a refusal waits for its newest word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from services.certification.exams.institutions import Institutions
from services.certification.worker import make_followers
from tests.integration.certification.conftest import sheet
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
        certification.app.state.results.institutions = Institutions(
            certification.database, follower["enrolment"].catch_up
        )
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
