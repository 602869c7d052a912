"""The path that serves figures and the recount from raw events agree on random worlds.

They share the plan documents and nothing else, so what one forgets the other shows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.targets.plans.readings import deviations
from services.targets.plans.schemas import Plan
from services.targets.recount.counting import Recount
from tests.unit.recount.asking import LANGUAGES, PROVINCES
from tests.unit.recount.in_memory import InMemoryFigures, State
from tests.unit.recount.worlds import PLANS, World, questions, worlds

STATES: tuple[State, ...] = ("achieved", "missing", "excluded")

thoroughly = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def served_from(world: World, batch: int | None = None) -> InMemoryFigures:
    figures = InMemoryFigures(PLANS, LANGUAGES, PROVINCES)
    size = batch or len(world.events)
    for start in range(0, len(world.events), size):
        figures.apply(world.events[start : start + size])
    return figures


def differences(
    served: InMemoryFigures,
    recounted: Recount,
    plan: Plan,
    agency: str | None,
    as_of: dt.date,
    readings: Mapping[str, str],
) -> list[str]:
    """All in which the two differ on one question, figures first, then lists."""
    found: list[str] = []
    theirs = {each.indicator.id: each for each in served.figures(plan, agency, as_of, readings)}
    for ours in recounted.figures(plan, agency, as_of, readings):
        figure = theirs.pop(ours.indicator.id)
        answered = (
            figure.eligible,
            figure.achieved,
            figure.percent,
            figure.shortfall,
            figure.status,
            figure.focus and (figure.focus.eligible, figure.focus.achieved, figure.focus.percent),
            figure.level_only and (figure.level_only.achieved, figure.level_only.percent),
        )
        counted = (
            ours.headline.eligible,
            ours.headline.achieved,
            ours.headline.percent,
            ours.shortfall,
            ours.status,
            ours.focus and (ours.focus.eligible, ours.focus.achieved, ours.focus.percent),
            ours.level_only and (ours.level_only.achieved, ours.level_only.percent),
        )
        if answered != counted:
            found.append(f"{ours.indicator.id}: served {answered}, recounted {counted}")
    found += [f"{left}: served only" for left in theirs]
    return found


def differing_lists(
    served: InMemoryFigures,
    recounted: Recount,
    plan: Plan,
    agency: str | None,
    as_of: dt.date,
    readings: Mapping[str, str],
) -> list[str]:
    found: list[str] = []
    for indicator in plan.indicators:
        for state in STATES:
            listed = [
                tuple(row)
                for row in served.members(plan, indicator.id, agency, as_of, state, readings)
            ]
            counted = [
                (row.official_code, row.reason, row.level, row.specialised)
                for row in recounted.members(plan, indicator.id, agency, as_of, state, readings)
            ]
            if listed != counted:
                found.append(f"{indicator.id} {state}: served {listed}, recounted {counted}")
    return found


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
