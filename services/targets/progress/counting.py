"""Figures of a plan from head-counts by profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from services.targets.plans.schemas import NOT_CBCCVC, NOT_COVERED, Indicator, Plan
from services.targets.population import clauses
from services.targets.population.clauses import STATUSES, YES, Condition, Conjunction
from services.targets.population.profiles import ProfileScheme
from services.targets.population.series import Counts

Mask = npt.NDArray[np.bool_]
Fields = npt.NDArray[np.uint8]
"""One row per field, one column per profile id."""


class Tally(NamedTuple):
    """What is counted of each indicator."""

    eligible: int
    achieved: int
    achieved_level: int
    focus_eligible: int
    focus_achieved: int


class Share(NamedTuple):
    eligible: int
    achieved: int
    percent: float | None


class LevelOnly(NamedTuple):
    achieved: int
    percent: float | None


Status = Literal["met", "not_met", "no_population"]


class IndicatorFigure(NamedTuple):
    indicator: Indicator
    eligible: int
    achieved: int
    percent: float | None
    shortfall: int
    status: Status
    focus: Share | None
    level_only: LevelOnly | None


def percent(achieved: int, eligible: int) -> float | None:
    """In hundredths, half up, without passing through binary fractions; null for nobody."""
    if eligible == 0:
        return None
    return (achieved * 20000 + eligible) // (eligible * 2) / 100


def shortfall(required_percent: int, eligible: int, achieved: int) -> int:
    return max(0, -(-required_percent * eligible // 100) - achieved)


def status(required_percent: int, eligible: int, achieved: int) -> Status:
    if eligible == 0:
        return "no_population"
    return "met" if achieved * 100 >= required_percent * eligible else "not_met"


class _Masks:
    """Masks over profiles, each condition evaluated once."""

    def __init__(self, scheme: ProfileScheme, fields: Fields) -> None:
        self._scheme = scheme
        self._fields = fields
        self._known: dict[Condition, Mask] = {}
        self.nobody: Mask = np.zeros(fields.shape[1], dtype=np.bool_)
        self.everybody: Mask = ~self.nobody

    def of(self, conjunction: Conjunction) -> Mask:
        mask = self.everybody
        for condition in conjunction:
            mask = mask & self._of(condition)
        return mask

    def any_of(self, conjunctions: tuple[Conjunction, ...]) -> Mask:
        mask = self.nobody
        for conjunction in conjunctions:
            mask = mask | self.of(conjunction)
        return mask

    def _of(self, condition: Condition) -> Mask:
        known = self._known.get(condition)
        if known is None:
            satisfied = np.zeros(256, dtype=np.bool_)
            satisfied[list(condition.values)] = True
            known = satisfied[self._fields[self._scheme.position[condition.field]]]
            self._known[condition] = known
        return known


class IndicatorMasks(NamedTuple):
    """Profiles by what they are for one indicator."""

    eligible: Mask
    achieved: Mask
    achieved_level: Mask
    focus: Mask
    excused: Mask
    """Counted as achieved although a clause excludes them (R6)."""


@dataclass(frozen=True, slots=True)
class Counter:
    """Turns head-counts by profile into figures of one plan under given readings.

    Profiles that answer every indicator alike form a class, so that a figure is one sum per class.
    """

    plan: Plan
    readings: Mapping[str, str]
    width: int
    """Profiles known: ids below this can be counted."""
    classes: npt.NDArray[np.int32]
    """Class by profile id."""
    table: npt.NDArray[np.float64]
    """What one person of a class adds: :class:`Tally` of each indicator, by class."""

    def figures(self, counts: Counts) -> list[IndicatorFigure]:
        """Figures of every indicator, in the plan's order; ``counts`` by profile id."""
        by_class = np.bincount(self.classes[: len(counts)], counts, minlength=self.table.shape[1])
        sums = (self.table @ by_class).astype(np.int64).reshape(-1, len(Tally._fields))
        return [
            self._figure(indicator, Tally(*(int(each) for each in row)))
            for indicator, row in zip(self.plan.indicators, sums, strict=True)
        ]

    def _figure(self, indicator: Indicator, tally: Tally) -> IndicatorFigure:
        eligible, achieved = tally.eligible, tally.achieved
        focus = None
        if clauses.focus_stands_beside(indicator, self.readings):
            focus = Share(
                tally.focus_eligible,
                tally.focus_achieved,
                percent(tally.focus_achieved, tally.focus_eligible),
            )
        level_only = None
        if indicator.specialised:
            level_only = LevelOnly(tally.achieved_level, percent(tally.achieved_level, eligible))
        return IndicatorFigure(
            indicator=indicator,
            eligible=eligible,
            achieved=achieved,
            percent=percent(achieved, eligible),
            shortfall=shortfall(indicator.required_percent, eligible, achieved),
            status=status(indicator.required_percent, eligible, achieved),
            focus=focus,
            level_only=level_only,
        )


class PlanEvaluation:
    """A plan under given readings, put to the profiles known so far."""

    def __init__(
        self, scheme: ProfileScheme, plan: Plan, readings: Mapping[str, str], fields: Fields
    ) -> None:
        self.scheme = scheme
        self.plan = plan
        self.readings = dict(readings)
        self.width = fields.shape[1]
        masks = _Masks(scheme, fields)
        covered = masks.any_of(clauses.rules(plan, readings))
        hits = [masks.of(clauses.exclusion(clause)) & covered for clause in plan.excludes]
        excluded = masks.nobody
        for hit in hits:
            excluded = excluded | hit
        self._covered, self._hits, self._excluded = covered, hits, excluded
        self._staff = masks.of((Condition("status", frozenset({STATUSES.index("other")})),))
        self.indicators = {each.id: self._indicator(masks, each) for each in plan.indicators}

    def _indicator(self, masks: _Masks, indicator: Indicator) -> IndicatorMasks:
        plan, readings, scheme = self.plan, self.readings, self.scheme
        cohort = masks.of(clauses.cohort(plan, indicator, readings)) & self._covered
        excused = masks.nobody
        if readings["R6_exclusion_effect"] == "count_as_achieved":
            excused = cohort & self._excluded
        eligible = (cohort & ~self._excluded) | excused
        level = masks.of(
            (
                Condition(
                    scheme.evidence_field("level", plan, readings),
                    scheme.class_of_required(indicator.required_level),
                ),
            )
        )
        whole = level
        if indicator.specialised and readings["R5_specialised_language"] == "conjunctive":
            field = scheme.evidence_field("specialised", plan, readings)
            whole = level & masks.of((Condition(field, YES),))
        focus = masks.nobody
        if clauses.focus_stands_beside(indicator, readings):
            focus = eligible & masks.of(clauses.focus(indicator, readings))
        return IndicatorMasks(
            eligible=eligible,
            achieved=(eligible & whole) | excused,
            achieved_level=(eligible & level) | excused,
            focus=focus,
            excused=excused,
        )

    def counter(self) -> Counter:
        """What is needed to count, without the masks."""
        counters: list[Mask] = []
        for masks in self.indicators.values():
            counters += [
                masks.eligible,
                masks.achieved,
                masks.achieved_level,
                masks.focus,
                masks.focus & masks.achieved,
            ]
        bits = np.packbits(np.array(counters), axis=0)
        # Sorting one opaque value per profile is many times faster than sorting columns.
        opaque = np.ascontiguousarray(bits.T).view(np.dtype((np.void, bits.shape[0]))).reshape(-1)
        _, chosen, classes = np.unique(opaque, return_index=True, return_inverse=True)
        table = np.unpackbits(bits[:, chosen], axis=0, count=len(counters))
        return Counter(
            plan=self.plan,
            readings=self.readings,
            width=self.width,
            classes=classes.reshape(-1).astype(np.int32),
            table=table.astype(np.float64),
        )

    def figures(self, counts: Counts) -> list[IndicatorFigure]:
        """Figures of every indicator, in the plan's order."""
        return self.counter().figures(counts)

    # --- one profile at a time, for lists of people ------------------------------------------------

    def excluding_reason(self, profile: int) -> str | None:
        """Why people of this profile are no members; null for members. The first clause that hits."""
        if self._staff[profile]:
            return NOT_CBCCVC
        if not self._covered[profile]:
            return NOT_COVERED
        for clause, hit in zip(self.plan.excludes, self._hits, strict=True):
            if hit[profile]:
                return clause.code
        return None

    def profiles_in(
        self, indicator_id: str, state: Literal["achieved", "missing", "excluded"]
    ) -> npt.NDArray[np.intp]:
        """Ids of the profiles whose people are in this state for the indicator."""
        masks = self.indicators[indicator_id]
        match state:
            case "achieved":
                chosen = masks.achieved
            case "missing":
                chosen = masks.eligible & ~masks.achieved
            case "excluded":
                chosen = (self._excluded | ~self._covered) & ~masks.excused
        return np.flatnonzero(chosen)
