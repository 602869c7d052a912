"""Short ways to put one question to both paths, for tests whose answers were worked out by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from services.targets.plans.loading import load_languages, load_plans, load_provinces
from services.targets.plans.readings import choose
from services.targets.plans.schemas import Plan, Validity
from services.targets.recount.counting import Recount
from services.targets.recount.figures import Figure, Readings, Row, Share, State
from tests.worlds import events as made
from tests.worlds.events import Event
from tests.worlds.in_memory import InMemoryFigures

PLANS = load_plans()
LANGUAGES = load_languages()
PROVINCES = load_provinces()
STATES: tuple[State, ...] = ("achieved", "missing", "excluded")


class Counter(Protocol):
    """A path that counts: the recount, or the one that serves figures."""

    def figures(
        self, plan: Plan, agency: str | None, as_of: dt.date, readings: Readings
    ) -> list[Figure]: ...

    def members(
        self,
        plan: Plan,
        indicator_id: str,
        agency: str | None,
        as_of: dt.date,
        state: State,
        readings: Readings,
    ) -> list[Row]: ...


class Served:
    """The serving path, answering in the recount's words."""

    def __init__(self, events: Iterable[Event], plan: Plan) -> None:
        self._served = InMemoryFigures({plan.id: plan}, LANGUAGES, PROVINCES)
        self._served.apply(events)

    def figures(
        self, plan: Plan, agency: str | None, as_of: dt.date, readings: Readings
    ) -> list[Figure]:
        return [
            Figure(
                indicator=each.indicator,
                headline=Share(each.eligible, each.achieved),
                focus=each.focus and Share(each.focus.eligible, each.focus.achieved),
                level_only=each.level_only and Share(each.eligible, each.level_only.achieved),
            )
            for each in self._served.figures(plan, agency, as_of, readings)
        ]

    def members(
        self,
        plan: Plan,
        indicator_id: str,
        agency: str | None,
        as_of: dt.date,
        state: State,
        readings: Readings,
    ) -> list[Row]:
        return [
            Row(each.official_code, state, each.reason, each.level, each.specialised, False, False)
            for each in self._served.members(plan, indicator_id, agency, as_of, state, readings)
        ]


def recounting(events: Iterable[Event], plan: Plan) -> Counter:
    return Recount(events, LANGUAGES, PROVINCES)


def serving(events: Iterable[Event], plan: Plan) -> Counter:
    return Served(events, plan)


counter_of: Callable[[Iterable[Event], Plan], Counter] = recounting
"""Which path the questions below are put to; the fixture ``counted_by`` puts them to both."""


def plan_of(plan: str | Plan) -> Plan:
    return PLANS[plan] if isinstance(plan, str) else plan


def counted(
    events: Iterable[Event],
    plan: str | Plan,
    indicator_id: str,
    as_of: str = "2025-12-31",
    agency: str | None = None,
    **readings: str,
) -> Figure:
    chosen = plan_of(plan)
    figures = counter_of(events, chosen).figures(
        chosen, agency, dt.date.fromisoformat(as_of), choose(chosen, readings)
    )
    return next(each for each in figures if each.indicator.id == indicator_id)


def row_of(
    events: Iterable[Event],
    official_code: str,
    plan: str | Plan,
    indicator_id: str,
    as_of: str = "2025-12-31",
    agency: str | None = None,
    **readings: str,
) -> Row | None:
    """The person's only row over the three lists; null when in none."""
    chosen = plan_of(plan)
    counter = counter_of(events, chosen)
    rows = [
        row
        for state in STATES
        for row in counter.members(
            chosen,
            indicator_id,
            agency,
            dt.date.fromisoformat(as_of),
            state,
            choose(chosen, readings),
        )
        if row.official_code == official_code
    ]
    assert len(rows) <= 1
    return rows[0] if rows else None


def reason_of(
    events: Iterable[Event],
    official_code: str,
    plan: str | Plan,
    indicator_id: str,
    as_of: str = "2025-12-31",
    agency: str | None = None,
    **readings: str,
) -> str | None:
    row = row_of(events, official_code, plan, indicator_id, as_of, agency, **readings)
    return None if row is None else row.reason


def eligible(
    events: Iterable[Event],
    plan: str | Plan,
    indicator_id: str,
    as_of: str = "2025-12-31",
    agency: str | None = None,
    **readings: str,
) -> int:
    return counted(events, plan, indicator_id, as_of, agency, **readings).headline.eligible


def achieved(
    events: Iterable[Event],
    plan: str | Plan,
    indicator_id: str,
    as_of: str = "2025-12-31",
    agency: str | None = None,
    **readings: str,
) -> int:
    return counted(events, plan, indicator_id, as_of, agency, **readings).headline.achieved


def province(body: str, old: str, new: str | None = None) -> list[Event]:
    """A province with a department, a party office, a school, a district to 2025-06-30 and its commune."""
    new = new or old
    last, first = "2025-06-30", "2025-07-01"

    def through(**said: object) -> list[dict[str, object]]:
        return [
            made.agency_version("2015-01-01", last, province=old, **said),  # type: ignore[arg-type]
            made.agency_version(first, province=new, **said),  # type: ignore[arg-type]
        ]

    return [
        made.agency(body, *through()),
        made.agency(f"{body}.01", *through(parent=body)),
        made.agency(f"{body}.02", *through(parent=body, system="party")),
        made.agency(f"{body}.03", *through(parent=body, system="public_service")),
        made.agency(
            f"{body}.D",
            made.agency_version("2015-01-01", last, parent=body, level="district", province=old),
        ),
        made.agency(
            f"{body}.X",
            made.agency_version(
                "2015-01-01",
                last,
                parent=f"{body}.D",
                level="commune",
                commune_kind="xa",
                province=old,
            ),
            made.agency_version(
                first, parent=body, level="commune", commune_kind="xa", province=new
            ),
        ),
        made.agency(
            f"{body}.P",
            made.agency_version(
                "2015-01-01",
                last,
                parent=f"{body}.D",
                level="commune",
                commune_kind="phuong",
                province=old,
            ),
            made.agency_version(
                first, parent=body, level="commune", commune_kind="phuong", province=new
            ),
        ),
    ]


DAKLAK = province("H15", "66")
HCM = province("H29", "79")
CANTHO = province("H13", "92")
QUANGTRI = province("H50", "45", "44")


def with_validity(plan: Plan, months: dict[str, int]) -> Plan:
    return msgspec.structs.replace(
        plan,
        validity=tuple(
            Validity(test=test, months=each, certainty="invented", source="test")
            for test, each in months.items()
        ),
    )
