"""How an exam's scores become an overall score and a level.

Scores are whole numbers of half points throughout: 8.5 points are 17. So rounding is exact, and a tie
goes up as the rules say (banker's rounding would turn a mean of 8.25 into 8.0, bậc 4 instead of 5).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal

import msgspec


class Band(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    at_least: float
    level: int


class ScoreRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One version of the rule of one exam format, with its legal source."""

    id: str
    format: str
    title_vi: str
    source: str
    source_dated: dt.date
    valid_from: dt.date
    valid_to: dt.date | None
    language: str
    skills: tuple[str, ...]
    highest: float
    step: float
    overall: Literal["mean", "sum"]
    rounding: Literal["half_up"]
    overall_step: float
    bands: tuple[Band, ...]
    confidence: str
    uncertain: tuple[str, ...]
    notes: tuple[str, ...]

    def in_force_on(self, day: dt.date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    @property
    def levels(self) -> tuple[int, ...]:
        return tuple(band.level for band in self.bands)


def rule_on(rules: Sequence[ScoreRule], exam_format: str, day: dt.date) -> ScoreRule | None:
    """The rule of a format in force on the day of the exam; null where there is none."""
    for rule in rules:
        if rule.format == exam_format and rule.in_force_on(day):
            return rule
    return None


def half_points(score: float, rule: ScoreRule) -> int | None:
    """The score in half points; null when it is not on the rule's grid."""
    if not 0 <= score <= rule.highest:
        return None
    steps = score / rule.step
    if steps != int(steps):
        return None
    return int(score * 2)


def overall_halves(halves: Sequence[int], rule: ScoreRule) -> int:
    """Overall score in half points, from the half points of every skill."""
    total = sum(halves)
    if rule.overall == "sum":
        return total
    count = len(halves)
    return (2 * total + count) // (2 * count)


def level_of(overall: int, rule: ScoreRule) -> int | None:
    """The highest band reached by an overall score in half points; null below the first."""
    reached = [band.level for band in rule.bands if overall >= int(band.at_least * 2)]
    return max(reached) if reached else None
