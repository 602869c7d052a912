"""How scores become levels: the boundary cases of the decisions, and every other one."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_FLOOR, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.certification.framework.documents import Rulebook
from services.certification.framework.scoring import (
    ScoreRule,
    half_points,
    level_of,
    overall_halves,
    rule_on,
)

BOOK = Rulebook.load()
EXAM_DAY = dt.date(2026, 3, 15)


def rule(name: str) -> ScoreRule:
    found = rule_on(BOOK.score_rules, name, EXAM_DAY)
    assert found is not None
    return found


VSTEP35, VSTEP2 = rule("VSTEP.3-5"), rule("VSTEP.2")
FOUR_OF_TEN = st.tuples(*(st.integers(0, 20),) * 4)
FOUR_OF_25 = st.tuples(*(st.integers(0, 50),) * 4)


@pytest.mark.parametrize(
    ("total", "overall", "level"),
    [
        (0.0, 0.0, None),
        (14.5, 3.5, None),
        (15.0, 4.0, 3),
        (16.0, 4.0, 3),
        (22.5, 5.5, 3),
        (23.0, 6.0, 4),
        (32.5, 8.0, 4),
        (33.0, 8.5, 5),
        (40.0, 10.0, 5),
    ],
)
def test_the_boundaries_of_vstep_3_5(total: float, overall: float, level: int | None) -> None:
    halves = int(total * 2)
    parts = [halves // 4 + (1 if place < halves % 4 else 0) for place in range(4)]
    found = overall_halves(parts, VSTEP35)
    assert found / 2 == overall
    assert level_of(found, VSTEP35) == level


@given(FOUR_OF_TEN)
def test_the_mean_of_vstep_3_5_is_rounded_half_up(halves: tuple[int, ...]) -> None:
    mean = Decimal(sum(halves)) / 2 / 4
    expected = (mean * 2 + Decimal("0.5")).to_integral_value(ROUND_FLOOR) / 2
    assert Decimal(overall_halves(halves, VSTEP35)) / 2 == expected


@given(FOUR_OF_TEN)
def test_the_sums_that_divide_the_levels(halves: tuple[int, ...]) -> None:
    total = sum(halves) / 2
    expected = None if total < 15 else 3 if total < 23 else 4 if total < 33 else 5
    assert level_of(overall_halves(halves, VSTEP35), VSTEP35) == expected


@given(FOUR_OF_TEN, st.integers(0, 3))
def test_a_better_skill_never_lowers_the_level(halves: tuple[int, ...], place: int) -> None:
    better = list(halves)
    better[place] = min(20, better[place] + 1)
    before = level_of(overall_halves(halves, VSTEP35), VSTEP35) or 0
    assert (level_of(overall_halves(better, VSTEP35), VSTEP35) or 0) >= before


@given(FOUR_OF_25)
def test_vstep_2_is_level_2_from_a_sum_of_65(halves: tuple[int, ...]) -> None:
    expected = 2 if sum(halves) >= 130 else None
    assert level_of(overall_halves(halves, VSTEP2), VSTEP2) == expected


def test_what_vstep_2_does_not_settle_is_marked() -> None:
    assert "bands" in VSTEP2.uncertain
    assert VSTEP35.uncertain == ()


@given(st.floats(allow_nan=False))
def test_only_scores_on_the_grid_are_taken(score: float) -> None:
    found = half_points(score, VSTEP35)
    on_grid = 0 <= score <= 10 and score * 2 == int(score * 2)
    assert (found is not None) == on_grid
    assert found is None or found == score * 2


def test_a_rule_is_chosen_by_the_day_of_the_exam() -> None:
    assert rule_on(BOOK.score_rules, "VSTEP.3-5", dt.date(2015, 3, 10)) is None
    assert rule_on(BOOK.score_rules, "VSTEP.3-5", dt.date(2015, 3, 11)) == VSTEP35
    assert rule_on(BOOK.score_rules, "IELTS", EXAM_DAY) is None
