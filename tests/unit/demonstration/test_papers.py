"""Results, certificates and evidence of the demonstration, and the figures they come to."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from services.demonstration.example_session import (
    EXAMPLE_SESSION,
    example_lines,
    example_sheets,
)
from services.demonstration.exams import SKILLS, scores
from services.demonstration.officials import LAST_KNOWN
from services.demonstration.world import Demonstration
from services.targets.plans.loading import load_plans
from services.targets.recount.counting import Recount
from tests.unit.demonstration.told import feeds, level_of

YEAR_END = dt.date(2026, 12, 31)


def age_on(born: dt.date, day: dt.date) -> float:
    return (day - born).days / 365.25


def test_scores_lie_on_the_grid_and_give_every_level(demonstration):
    levels = Counter()
    for sheet in demonstration.sheets:
        if sheet.halves is not None:
            assert all(0 <= half <= 20 for half in sheet.halves)
            assert set(scores(sheet.halves)) == set(SKILLS)
        levels[level_of(sheet.halves)] += 1
    assert set(levels) == {None, 3, 4, 5}
    assert levels[4] > levels[5] * 3


def test_who_was_not_present_has_no_scores(demonstration):
    absent = [one for one in demonstration.sheets if one.attendance != "present"]
    assert len(absent) > 100
    for sheet in demonstration.sheets:
        assert (sheet.halves is None) == (sheet.attendance != "present")


def test_nobody_sits_twice_in_one_session_and_numbers_are_unique(demonstration):
    sheets = demonstration.sheets
    people = [(one.session.code, one.identity["number"]) for one in sheets]
    assert len(set(people)) == len(people)
    assert len({one.key for one in sheets}) == len(sheets)


def test_candidates_are_adults_and_papers_are_dated_in_the_past(demonstration):
    for sheet in demonstration.sheets:
        assert age_on(sheet.birth_date, sheet.session.held_on) >= 18
        assert sheet.session.held_on < sheet.session.issued_on < LAST_KNOWN
    for place in demonstration.places:
        for paper in place.evidence:
            assert age_on(paper.official.born, paper.dated) >= 18
            assert paper.dated < LAST_KNOWN
            if paper.acceptance:
                assert paper.dated <= paper.acceptance.decision.decided_on < LAST_KNOWN
                if paper.withdrawal:
                    assert paper.withdrawal.decided_on > paper.acceptance.decision.decided_on


def test_sheets_stand_in_the_order_of_issue_so_that_books_have_no_late_entries(demonstration):
    days = [one.session.issued_on for one in demonstration.sheets]
    assert days == sorted(days)


def test_evidence_papers_are_told_apart_by_their_key(demonstration):
    keys = [one.key for place in demonstration.places for one in place.evidence]
    assert len(set(keys)) == len(keys)


def test_bodies_that_file_evidence_stand_today(demonstration):
    for place in demonstration.places:
        standing = {one.code for one in place.tree.versions if one.valid_to is None} | {place.body}
        assert {paper.filed_by for paper in place.evidence} <= standing


def test_every_kind_of_later_decision_occurs(demonstration):
    revoked = [one for place in demonstration.places for one in place.exams.revocations]
    remarked = [one for place in demonstration.places for one in place.exams.remarkings]
    withdrawn = [one for place in demonstration.places for one in place.evidence if one.withdrawal]
    assert {one.effect for one in revoked} == {"from_decision", "from_issue"}
    assert len(revoked) >= 15
    assert any(level_of(one.halves) != level_of(one.sheet.halves) for one in remarked)
    assert len(withdrawn) >= 5
    assert all("MINHHOA" in one.decision_number for one in revoked)
    kinds = {one.kind for place in demonstration.places for one in place.evidence}
    assert kinds == {
        *("foreign_certificate", "framework_certificate", "language_degree"),
        *("old_national_certificate", "specialised_language"),
    }
    languages = {one.language for place in demonstration.places for one in place.evidence}
    assert languages == {"en", "zh", "ja", "fr", "ko"}


@pytest.fixture(scope="module")
def figures(recount) -> Mapping[str, Mapping[str, object]]:
    return {
        plan.id: {one.indicator.id: one for one in recount.figures(plan, None, YEAR_END)}
        for plan in load_plans().values()
    }


def test_most_indicators_lie_below_target_and_some_are_met(figures):
    statuses = Counter(one.status for plan in figures.values() for one in plan.values())
    assert statuses["met"] >= 4
    assert statuses["not_met"] > statuses["met"]


def test_public_employees_stand_between_a_quarter_and_two_thirds_everywhere(figures):
    for plan in figures.values():
        assert 25 < plan["I2-2025"].headline.percent < 66


def test_specialised_figures_lie_far_below_the_level_alone(figures):
    for plan_id, plan in figures.items():
        if plan_id == "cantho-2020":
            continue
        figure = plan["I2-2030"]
        assert figure.headline.achieved < figure.level_only.achieved / 2


def test_some_body_has_nobody_for_some_indicator(demonstration, recount):
    plan = load_plans()["daklak-2020"]
    station = next(
        one.code
        for one in demonstration.place("daklak").tree.versions
        if one.kind == "health_station"
    )
    statuses = {one.indicator.id: one.status for one in recount.figures(plan, station, YEAR_END)}
    assert statuses["I5-2025"] == "no_population"
    assert statuses["I2-2025"] != "no_population"


def test_origin_of_merged_provinces_changes_the_figure(recount):
    for plan in load_plans().values():
        if plan.id == "hoanghoa-2021":
            continue
        readings = {**{key: one.default for key, one in plan.readings.items()}}
        by_origin = recount.figures(plan, None, YEAR_END)
        whole = recount.figures(
            plan, None, YEAR_END, {**readings, "L2_merged_province": "surviving_plan"}
        )
        assert by_origin[1].headline.eligible < whole[1].headline.eligible - 60, plan.id


def test_the_example_session_lets_people_of_the_health_centre_reach_the_level(
    demonstration, figures
):
    sheets = example_sheets(demonstration)
    assert len(sheets) == 14
    assert {one.session for one in sheets} == {EXAMPLE_SESSION}
    centre = Demonstration([demonstration.place("hoanghoa")])
    after = Recount(feeds(centre, sheets)).figures(load_plans()["hoanghoa-2021"], None, YEAR_END)
    moved = {one.indicator.id: one.headline for one in after}
    before = figures["hoanghoa-2021"]
    assert moved["I2-2025"].achieved == before["I2-2025"].headline.achieved + 10
    assert moved["I2-2030"].achieved == before["I2-2030"].headline.achieved + 4
    assert moved["I2-2025"].eligible == before["I2-2025"].headline.eligible


def test_the_file_of_the_worked_example_is_that_session(demonstration):
    file = Path(__file__).parents[3] / "examples" / "vinh-2026-10.ndjson"
    assert file.read_text().splitlines() == list(example_lines(demonstration)), (
        "python -m services.demonstration.example_session > examples/vinh-2026-10.ndjson"
    )
