"""Events applied through Postgres and asked over HTTP give what the recount gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.targets import worker
from services.targets.population import repository
from services.targets.population.event_handlers import Projector
from services.targets.recount.counting import Recount
from shared.contracts.events import Envelope
from tests.running import RunningService
from tests.worlds.generated import PLANS, Question, World, questions, worlds

REAL_PLANS = {plan_id for plan_id in PLANS if plan_id != "sixth-2023"}


async def apply(
    targets: RunningService, projector: Projector, events: Sequence[dict[str, Any]], batch: int
) -> None:
    envelopes = [msgspec.convert(event, Envelope) for event in events]
    async with targets.database.pool.acquire() as connection:
        for start in range(0, len(envelopes), batch):
            async with connection.transaction():
                await projector.apply(connection, envelopes[start : start + batch])


async def empty_projection(targets: RunningService, projector: Projector) -> None:
    async with targets.database.pool.acquire() as connection:
        await repository.empty_projection(connection, projector.fingerprint)


async def assert_served(targets: RunningService, world: World, question: Question) -> None:
    plan, readings = question.plan, question.readings
    recount = Recount(world.events)
    client = targets.client()
    asked = {
        "as_of": question.as_of.isoformat(),
        **({"agency": question.agency} if question.agency else {}),
        **{f"reading.{key}": option for key, option in readings.items()},
    }
    answer = await client.get(f"/v1/plans/{plan.id}/progress", params=asked)
    if question.agency is None and plan.body.agency_code not in world.agency_codes:
        assert {each["status"] for each in answer.json()["indicators"]} == {"no_population"}
        return
    assert answer.status_code == 200, answer.text
    expected = recount.figures(plan, question.agency, question.as_of, readings)
    served = answer.json()["indicators"]
    for words, figure in zip(served, plan.indicators, strict=True):
        assert words.pop("title") == {"vi": figure.title.vi, "en": figure.title.en}
        assert words.pop("source")["sentence"] == figure.source.sentence
    assert served == [each.as_answer() for each in expected]
    assert answer.json()["readings"] == dict(readings)
    indicator = plan.indicators[0]
    for state in ("achieved", "missing", "excluded"):
        rows = recount.members(plan, indicator.id, question.agency, question.as_of, state, readings)
        listed: list[tuple[Any, ...]] = []
        following: str | None = ""
        while following is not None:
            page = await client.get(
                f"/v1/plans/{plan.id}/indicators/{indicator.id}/members",
                params={**asked, "state": state, "limit": 3, "cursor": following},
            )
            assert page.status_code == 200, page.text
            body = page.json()
            listed += [
                (row["official_code"], row["reason"], row["level"], row["specialised"])
                for row in body["items"]
            ]
            following = body["next"]
        assert listed == [(r.official_code, r.reason, r.level, r.specialised) for r in rows]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
async def test_any_world_is_served_as_it_is_recounted(
    targets: RunningService, data: st.DataObject
) -> None:
    world = data.draw(worlds())
    projector = worker.make_projector()
    await empty_projection(targets, projector)
    await apply(targets, projector, world.events, data.draw(st.sampled_from([1000, 5, 2])))
    if data.draw(st.booleans()):
        await worker.fold(targets.database, cells=1, rows=1)
        await worker.fold(targets.database, cells=1, rows=1)
    for _ in range(2):
        question = data.draw(questions(world).filter(lambda each: each.plan.id in REAL_PLANS))
        await assert_served(targets, world, question)
