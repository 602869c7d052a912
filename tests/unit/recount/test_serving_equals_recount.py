"""The path that serves figures and the recount from raw events agree on random worlds.

They share the plan documents and nothing else, so what one forgets the other shows.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.targets.plans.readings import deviations
from services.targets.recount.counting import Recount
from tests.worlds.asking import LANGUAGES, PROVINCES
from tests.worlds.comparison import differences, differing_lists, served_from
from tests.worlds.generated import PLANS, World, questions, worlds
from tests.worlds.in_memory import InMemoryFigures, State

STATES: tuple[State, ...] = ("achieved", "missing", "excluded")

thoroughly = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@thoroughly
@given(st.data())
def test_figures_and_lists_of_any_question_are_what_the_recount_finds(data: st.DataObject) -> None:
    world = data.draw(worlds())
    served, recounted = served_from(world), Recount(world.events, LANGUAGES, PROVINCES)
    for _ in range(4):
        asked = data.draw(questions(world))
        question = asked.plan, asked.agency, asked.as_of, asked.readings
        assert differences(served, recounted, *question) == []
        assert differing_lists(served, recounted, *question) == []


@thoroughly
@given(st.data())
def test_each_single_departure_from_the_default_readings_counts_as_the_recount_does(
    data: st.DataObject,
) -> None:
    world = data.draw(worlds())
    served, recounted = served_from(world), Recount(world.events, LANGUAGES, PROVINCES)
    asked = data.draw(questions(world))
    for readings in deviations(asked.plan):
        question = asked.plan, asked.agency, asked.as_of, readings
        assert differences(served, recounted, *question) == []


@thoroughly
@given(worlds(), st.integers(1, 5), st.data())
def test_events_applied_in_small_batches_give_the_same_figures(
    world: World, batch: int, data: st.DataObject
) -> None:
    served, recounted = served_from(world, batch), Recount(world.events, LANGUAGES, PROVINCES)
    for _ in range(4):
        asked = data.draw(questions(world))
        question = asked.plan, asked.agency, asked.as_of, asked.readings
        assert differences(served, recounted, *question) == []


@thoroughly
@given(worlds(), st.integers(1, 5), st.data())
def test_events_in_any_order_give_the_same_figures_and_lists(
    world: World, batch: int, data: st.DataObject
) -> None:
    shuffled = replace(world, events=tuple(data.draw(st.permutations(world.events))))
    served, recounted = served_from(shuffled, batch), Recount(world.events, LANGUAGES, PROVINCES)
    for _ in range(4):
        asked = data.draw(questions(world))
        question = asked.plan, asked.agency, asked.as_of, asked.readings
        assert differences(served, recounted, *question) == []
        assert differing_lists(served, recounted, *question) == []


@pytest.mark.parametrize("plan_id", sorted(PLANS))
def test_an_empty_directory_has_no_population_on_either_path(plan_id: str) -> None:
    served, recounted = InMemoryFigures(PLANS), Recount([])
    plan = PLANS[plan_id]
    day = dt.date(2025, 12, 31)
    for readings in deviations(plan):
        assert differences(served, recounted, plan, None, day, readings) == []
        assert {each.status for each in recounted.figures(plan, None, day, readings)} == {
            "no_population"
        }
