"""Figures and lists as they are served, beside those of the recount."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from services.targets.plans.schemas import Plan
from services.targets.recount.counting import Recount
from tests.worlds.asking import LANGUAGES, PROVINCES
from tests.worlds.generated import PLANS, World
from tests.worlds.in_memory import InMemoryFigures, State

STATES: tuple[State, ...] = ("achieved", "missing", "excluded")


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
