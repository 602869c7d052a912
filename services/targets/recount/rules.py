"""The rules that judge one person on one day, as the plan document and the readings state them."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from services.targets.plans.schemas import (
    ACHIEVED,
    LEVEL_TOO_LOW,
    NO_CERTIFICATE,
    NO_SPECIALISED_EVIDENCE,
    AppliesRule,
    Exclusion,
    Focus,
    Indicator,
    Plan,
)
from services.targets.recount.facts import AgencyVersion, Assignment, Official, Paper
from services.targets.recount.figures import Readings, State

_ON_ASSIGNMENT = ("language_teacher", "foreign_affairs", "language_qualified_post")
_DATED = ("language_degree", "foreign_taught_degree")


@dataclass(frozen=True, slots=True)
class Present:
    """An official with the primary assignment in force on D and the body as it stood on D."""

    official: Official
    assignment: Assignment
    body: AgencyVersion


@dataclass(frozen=True, slots=True)
class Judged:
    """A present official with what this plan, day and set of readings make of the person."""

    present: Present
    level: str
    """Level of the body, under L1."""
    out: str | None
    """Why the person is no member; null for a member."""
    clause: Exclusion | None
    """The exclusion that hit somebody whom the plan otherwise covers."""


_Dated = TypeVar("_Dated", AgencyVersion, Assignment)


def in_force(dated: Iterable[_Dated], day: dt.date) -> _Dated | None:
    """The last that has begun, unless it has ended: what begins later ends what was left open."""
    begun = [each for each in dated if each.valid_from <= day]
    if not begun:
        return None
    last = max(begun, key=lambda each: each.valid_from)
    return last if last.valid_to is None or day <= last.valid_to else None


def primary_on(official: Official, day: dt.date) -> Assignment | None:
    return in_force((each for each in official.assignments if each.primary), day)


def decisive_post(official: Official, decided_on: dt.date) -> tuple[Assignment, dt.date] | None:
    """The primary assignment whose body's authority decides about the person's evidence, and the day on which
    its place in the tree is looked up: in force that day, else the one before, else the first to come."""
    primaries = [each for each in official.assignments if each.primary]
    now = in_force(primaries, decided_on)
    if now is not None:
        return now, decided_on
    before = [each for each in primaries if each.valid_from <= decided_on]
    if before:
        last = max(before, key=lambda each: each.valid_from)
        assert last.valid_to is not None, "an open one would be in force"
        return last, last.valid_to
    if primaries:
        first = min(primaries, key=lambda each: each.valid_from)
        return first, first.valid_from
    return None


def covers(rule: AppliesRule, present: Present, level: str) -> bool:
    return (
        present.assignment.status in rule.status
        and (rule.system is None or present.body.system in rule.system)
        and (rule.admin_level is None or level in rule.admin_level)
        and (rule.leadership is None or _leads(rule.leadership, present.assignment))
    )


def _leads(test: str, assignment: Assignment) -> bool:
    if test == "division_and_above":
        return assignment.leadership in ("division", "above_division")
    return assignment.leadership is not None


def hits(clause: Exclusion, present: Present, day: dt.date) -> bool:
    if present.assignment.status not in clause.status:
        return False
    attribute = clause.attribute
    own = present.official.attributes
    if attribute in _ON_ASSIGNMENT:
        stated = present.assignment.attributes.get(attribute)
        return bool(own.get(attribute) if stated is None else stated)
    if attribute in _DATED:
        awarded_on = own.get(f"{attribute}_awarded_on")
        awarded = awarded_on is None or dt.date.fromisoformat(awarded_on) <= day
        return bool(own.get(attribute)) and awarded
    return bool(own.get("central_vertical")) or present.body.central_vertical


def in_cohort(
    plan: Plan, indicator: Indicator, person: Judged, day: dt.date, readings: Readings
) -> bool:
    cohort, assignment = indicator.cohort, person.present.assignment
    if assignment.status not in cohort.status:
        return False
    if cohort.admin_level is not None and person.level not in cohort.admin_level:
        return False
    if cohort.leadership is not None and not _leads(cohort.leadership, assignment):
        return False

    limits = [cohort.age_below]
    areas = [cohort.language_area]
    if indicator.qualifiers_may_extend_from is not None:  # R3
        neighbour = plan.indicator(indicator.qualifiers_may_extend_from)
        assert neighbour is not None
        if readings["R3_leader_bracket_scope"] in ("distribute_area", "distribute_all"):
            areas.append(neighbour.cohort.language_area)
        if readings["R3_leader_bracket_scope"] == "distribute_all":
            limits.append(neighbour.cohort.age_below)
    if any(areas) and not assignment.requires_language:
        return False
    if not all(
        _is_below(limit, indicator, person, day, readings) for limit in limits if limit is not None
    ):
        return False

    leaders_apart = (
        indicator.leaders_indicator is not None and readings["R4_leader_subset"] == "disjoint"
    )
    if leaders_apart and assignment.leadership is not None:
        return False
    rural_only = indicator.xa_wording and readings["R10_xa_wording"] == "rural_xa_only"
    if rural_only and person.present.body.commune_kind != "xa":
        return False
    if indicator.focus is not None:
        switch = "R1_focus_clause" if indicator.focus.kind == "emphasis" else "R2_no_focus_verb"
        if readings[switch] == "focus_only":
            return in_focus(indicator, indicator.focus, person, day, readings)
    return True


def in_focus(
    indicator: Indicator, focus: Focus, person: Judged, day: dt.date, readings: Readings
) -> bool:
    return _leads(focus.leadership, person.present.assignment) and _is_below(
        focus.age_below, indicator, person, day, readings
    )


def _is_below(
    limit: int, indicator: Indicator, person: Judged, day: dt.date, readings: Readings
) -> bool:
    """R7: the birthday itself is no longer below the limit."""
    reference = {
        "report_date": day,
        "milestone_end": indicator.milestone,
        "decision_date_of_assignment": person.present.assignment.valid_from,
    }[readings["R7_age_reference_date"]]
    born = person.present.official.born_on
    year = born.year + limit
    leap_day_missing = (born.month, born.day) == (2, 29) and not calendar.isleap(year)
    birthday = dt.date(year, 2, 28) if leap_day_missing else born.replace(year=year)
    return reference < birthday


def attainment(
    indicator: Indicator, level: int | None, specialised: bool, readings: Readings
) -> tuple[State, str, bool]:
    """State, reason, and whether the level alone is met."""
    if level is None:
        return "missing", NO_CERTIFICATE, False
    if level < indicator.required_level:
        return "missing", LEVEL_TOO_LOW, False
    wants_both = indicator.specialised and readings["R5_specialised_language"] == "conjunctive"
    if wants_both and not specialised:
        return "missing", NO_SPECIALISED_EVIDENCE, True
    return "achieved", ACHIEVED, True


def expired(paper: Paper, plan: Plan, day: dt.date) -> bool:
    """R9 ``unexpired``: the printed end, else the plan's months for that test, else none."""
    last_day = paper.valid_until
    if last_day is None and paper.test is not None:
        months = plan.validity_months.get(paper.test)
        if months is not None:
            last_day = _months_later(paper.counts_from, months)
    return last_day is not None and day > last_day


def _months_later(day: dt.date, months: int) -> dt.date:
    """The same day of the month, or that month's last day (Bộ luật Dân sự 2015, điều 147-148)."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
