"""The service answers, and only to those it knows."""

from __future__ import annotations

import pytest

from tests.running import RunningService


async def test_lives_and_asks_for_a_token(enrolment: RunningService) -> None:
    assert (await enrolment.client(None).get("/health/live")).status_code == 200
    assert (await enrolment.client(None).get("/v1/events")).status_code == 401
    answer = await enrolment.client().get("/v1/events")
    assert answer.status_code == 200
    assert answer.json()["events"] == []


async def test_is_ready_once_the_shipped_facts_stand_in_the_feed(enrolment: RunningService) -> None:
    client = enrolment.client(None)
    waiting = await client.get("/health/ready", headers={"Accept-Language": "en"})
    assert (waiting.status_code, waiting.json()["detail"]) == (503, "Waiting for: feed.")
    page = (await enrolment.client().get("/v1/events")).json()
    assert (page["events"], page["settled"]) == ([], False)
    await enrolment.sequence()
    assert (await client.get("/health/ready")).status_code == 200
    page = (await enrolment.client().get("/v1/events")).json()
    assert page["events"]
    assert page["settled"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/officials/import", "POST"),
        ("PUT", "/v1/officials/lookup", "POST"),
        ("PATCH", "/v1/agencies/import", "POST"),
        ("POST", "/v1/officials/import/template", "GET, HEAD"),
        ("DELETE", "/v1/officials/TH-1", "GET, HEAD, PUT"),
    ],
)
async def test_a_path_with_a_word_of_its_own_is_nobodys_code(
    enrolment: RunningService, method: str, path: str, allowed: str
) -> None:
    answer = await enrolment.client().request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert answer.json()["code"] == "method_not_allowed"
