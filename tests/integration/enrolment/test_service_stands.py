"""The service answers, and only to those it knows."""

from __future__ import annotations

from tests.running import RunningService


async def test_is_ready_and_asks_for_a_token(enrolment: RunningService) -> None:
    assert (await enrolment.client(None).get("/health/ready")).status_code == 200
    assert (await enrolment.client(None).get("/v1/events")).status_code == 401
    answer = await enrolment.client().get("/v1/events")
    assert answer.status_code == 200
    assert answer.json()["events"] == []
