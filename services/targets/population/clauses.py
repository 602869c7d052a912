"""Clauses of a plan, under given readings, as conditions on the fields of a profile.

Every rule that may ask something of a person is built here, once: the serving path evaluates these
conditions over all profiles at a time, and the profile scheme reads off them which fields matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final, NamedTuple, TypeVar

from services.targets.plans.readings import available_options
from services.targets.plans.schemas import (
    AppliesRule,
    Exclusion,
    Indicator,
    LeadershipTest,
    Plan,
)

STATUSES: Final = ("cadre", "civil_servant", "public_employee", "other")
"""``other``: contract and part-time staff, who are in the directory and in no plan."""
SYSTEMS: Final = ("party", "state", "socio_political", "public_service")
LEVELS: Final = ("central", "province", "district", "commune")
LEADERSHIPS: Final = (None, "below_division", "division", "above_division")
YES: Final = frozenset({1})


class Condition(NamedTuple):
    field: str
    values: frozenset[int]
    """Codes of the field, positions in the tuples above, that satisfy the condition."""


Conjunction = tuple[Condition, ...]
Readings = Mapping[str, str]
_Asked = TypeVar("_Asked")


def _codes(names: tuple[str, ...], known: tuple[str, ...]) -> frozenset[int]:
    return frozenset(known.index(name) for name in names)


def _leaders(test: LeadershipTest) -> frozenset[int]:
    return frozenset({1, 2, 3} if test == "any" else {2, 3})


def level_field(readings: Readings) -> str:
    frozen = readings["L1_abolished_district"] == "level_on_2025_06_30"
    return "frozen_level" if frozen else "level"


def age_field(years: int, indicator: Indicator, readings: Readings) -> str:
    """The field that tells whether a person is below ``years`` on the day R7 names."""
    on = {
        "report_date": "day",
        "milestone_end": indicator.milestone.isoformat(),
        "decision_date_of_assignment": "start",
    }[readings["R7_age_reference_date"]]
    return f"below_{years}.{on}"


def _rule(rule: AppliesRule, readings: Readings) -> Conjunction:
    conditions = [Condition("status", _codes(rule.status, STATUSES))]
    if rule.system is not None:
        conditions.append(Condition("system", _codes(rule.system, SYSTEMS)))
    if rule.admin_level is not None:
        conditions.append(Condition(level_field(readings), _codes(rule.admin_level, LEVELS)))
    if rule.leadership is not None:
        conditions.append(Condition("leadership", _leaders(rule.leadership)))
    return tuple(conditions)


def rules(plan: Plan, readings: Readings) -> tuple[Conjunction, ...]:
    """A person is covered by the plan when one of these holds (R11, L1)."""
    written = list(plan.applies)
    if plan.cadre_scope is not None:
        match readings["R11_cadre_scope"]:
            case "all_commune_cadres":
                written += plan.cadre_scope.all_commune_cadres
            case "all_cadres":
                written += plan.cadre_scope.all_cadres
    return tuple(_rule(rule, readings) for rule in written)


def exclusion(clause: Exclusion) -> Conjunction:
    """People whom a clause of 'không áp dụng đối với' takes out."""
    return (
        Condition("status", _codes(clause.status, STATUSES)),
        Condition(clause.attribute, YES),
    )


def cohort(plan: Plan, indicator: Indicator, readings: Readings) -> Conjunction:
    """People whom an indicator counts among those covered (R1, R2, R3, R4, R7, R10, L1)."""
    stated = indicator.cohort
    conditions = [Condition("status", _codes(stated.status, STATUSES))]
    if stated.admin_level is not None:
        conditions.append(Condition(level_field(readings), _codes(stated.admin_level, LEVELS)))
    if stated.leadership is not None:
        conditions.append(Condition("leadership", _leaders(stated.leadership)))
    ages = {stated.age_below} - {None}
    language_area = stated.language_area
    if indicator.qualifiers_may_extend_from is not None:
        neighbour = plan.indicator(indicator.qualifiers_may_extend_from)
        assert neighbour is not None  # the document was validated
        scope = readings["R3_leader_bracket_scope"]
        if scope in ("distribute_area", "distribute_all"):
            language_area = language_area or neighbour.cohort.language_area
        if scope == "distribute_all":
            ages |= {neighbour.cohort.age_below} - {None}
    conditions.extend(
        Condition(age_field(years, indicator, readings), YES)
        for years in sorted(each for each in ages if each is not None)
    )
    if language_area:
        conditions.append(Condition("language_area", YES))
    if indicator.leaders_indicator is not None and readings["R4_leader_subset"] == "disjoint":
        conditions.append(Condition("leadership", frozenset({0})))
    if indicator.xa_wording and readings["R10_xa_wording"] == "rural_xa_only":
        conditions.append(Condition("rural", YES))
    if focus_defines(indicator, readings):
        conditions += focus(indicator, readings)
    return tuple(conditions)


def focus_defines(indicator: Indicator, readings: Readings) -> bool:
    """Whether the bracket is the denominator: R1 with 'tập trung vào', R2 without."""
    if indicator.focus is None:
        return False
    if indicator.focus.kind == "definition":
        return readings["R2_no_focus_verb"] == "focus_only"
    return readings["R1_focus_clause"] == "focus_only"


def focus_stands_beside(indicator: Indicator, readings: Readings) -> bool:
    """Whether the figure of the bracket is given beside that of the whole cohort."""
    return (
        indicator.focus is not None
        and indicator.focus.kind == "emphasis"
        and readings["R1_focus_clause"] == "both"
    )


def focus(indicator: Indicator, readings: Readings) -> Conjunction:
    """The bracket after the cohort; only for an indicator that has one."""
    assert indicator.focus is not None
    return (
        Condition("leadership", _leaders(indicator.focus.leadership)),
        Condition(age_field(indicator.focus.age_below, indicator, readings), YES),
    )


class _Undecided(LookupError):
    """A rule asks for a switch that is not turned yet."""


class _Turned(dict[str, str]):
    def __missing__(self, key: str) -> str:
        raise _Undecided(key)


def _every(
    plan: Plan, turned: Mapping[str, str], rule: Callable[[Readings], _Asked]
) -> Iterator[_Asked]:
    """What a rule comes to under all readings of the plan that agree with ``turned``. Only the switches that
    the rule asks for are turned: those of one indicator are few, and none can be forgotten."""
    waiting = [_Turned(turned)]
    while waiting:
        readings = waiting.pop()
        try:
            yield rule(readings)
        except _Undecided as undecided:
            (key,) = undecided.args
            waiting += [
                _Turned(readings, **{key: option}) for option in available_options(plan, key)
            ]


def questions(plan: Plan) -> Iterator[tuple[Conjunction, bool]]:
    """Every conjunction that some reading of the plan asks, and whether it opens an indicator.

    Rules alone, rules with each exclusion, rules with each cohort and with its focus.
    """
    for option in available_options(plan, "L1_abolished_district"):
        turned = {"L1_abolished_district": option}
        covering = {rule for found in _every(plan, turned, partial(rules, plan)) for rule in found}
        counted = {
            asked
            for indicator in plan.indicators
            for found in _every(plan, turned, partial(_counted, plan, indicator))
            for asked in found
        }
        for rule in covering:
            yield rule, False
            yield from (((*rule, *exclusion(clause)), False) for clause in plan.excludes)
            yield from (((*rule, *asked), True) for asked in counted)


def _counted(plan: Plan, indicator: Indicator, readings: Readings) -> tuple[Conjunction, ...]:
    asked = cohort(plan, indicator, readings)
    if indicator.focus is None:
        return (asked,)
    return asked, (*asked, *focus(indicator, readings))
