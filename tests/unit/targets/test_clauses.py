"""Each clause of a plan, under each reading, as the conditions it puts to a profile."""

from __future__ import annotations

import pytest

from services.targets.plans.loading import load_plans
from services.targets.plans.readings import choose
from services.targets.plans.schemas import Plan
from services.targets.population.clauses import (
    LEADERSHIPS,
    LEVELS,
    STATUSES,
    SYSTEMS,
    YES,
    Condition,
    Conjunction,
    age_field,
    cohort,
    exclusion,
    focus,
    focus_defines,
    focus_stands_beside,
    level_field,
    questions,
    rules,
)

PLANS = load_plans()
HCM, CANTHO, DAKLAK = PLANS["hcm-2022"], PLANS["cantho-2020"], PLANS["daklak-2020"]
WORDS = {
    "status": STATUSES,
    "system": SYSTEMS,
    "level": LEVELS,
    "frozen_level": LEVELS,
    "leadership": LEADERSHIPS,
}


def in_words(conjunction: Conjunction) -> dict[str, set[str | None]]:
    """Field and the words that satisfy it; a field of yes and no has ``yes``."""
    found: dict[str, set[str | None]] = {}
    for field, values in conjunction:
        said: set[str | None] = (
            {WORDS[field][value] for value in values} if field in WORDS else {"yes"}
        )
        assert field in WORDS or values == YES
        found[field] = found[field] & said if field in found else said
    return found


def asked_of(plan: Plan, indicator: str, **readings: str) -> dict[str, set[str | None]]:
    which = plan.indicator(indicator)
    assert which is not None
    return in_words(cohort(plan, which, choose(plan, readings)))


def test_a_cohort_asks_for_status_and_level_as_the_sentence_says() -> None:
    assert asked_of(HCM, "I1-2025") == {
        "status": {"cadre", "civil_servant"},
        "level": {"province", "district"},
    }


def test_the_level_of_an_abolished_district_may_be_that_of_its_last_day() -> None:
    frozen = {"L1_abolished_district": "level_on_2025_06_30"}
    assert "frozen_level" in asked_of(HCM, "I1-2025", **frozen)
    assert level_field(choose(HCM, frozen)) == "frozen_level"
    assert level_field(choose(HCM, {})) == "level"


def test_a_bracket_with_tap_trung_vao_narrows_the_cohort_under_focus_only() -> None:
    narrowed = asked_of(HCM, "I1-2025", R1_focus_clause="focus_only")
    assert narrowed["leadership"] == {"division", "above_division"}
    assert narrowed["below_40.day"] == {"yes"}
    for reading in ("whole", "both"):
        assert "leadership" not in asked_of(HCM, "I1-2025", R1_focus_clause=reading)


def test_a_bracket_stands_beside_the_whole_under_both_alone() -> None:
    indicator = HCM.indicator("I1-2025")
    assert indicator is not None
    beside = {
        reading: focus_stands_beside(indicator, choose(HCM, {"R1_focus_clause": reading}))
        for reading in ("whole", "focus_only", "both")
    }
    assert beside == {"whole": False, "focus_only": False, "both": True}


def test_a_bracket_without_a_verb_follows_r2() -> None:
    indicator = CANTHO.indicator("I1-2025")
    assert indicator is not None
    assert indicator.focus is not None
    assert indicator.focus.kind == "definition"
    assert focus_defines(indicator, choose(CANTHO, {"R2_no_focus_verb": "focus_only"}))
    assert not focus_defines(indicator, choose(CANTHO, {"R2_no_focus_verb": "whole"}))
    assert not focus_stands_beside(indicator, choose(CANTHO, {}))


def test_an_indicator_without_a_bracket_has_none_to_define_it() -> None:
    indicator = HCM.indicator("I2-2025")
    assert indicator is not None
    assert not focus_defines(indicator, choose(HCM, {"R1_focus_clause": "focus_only"}))


@pytest.mark.parametrize(
    ("scope", "area", "age"),
    [
        ("nearest", False, False),
        ("distribute_area", True, False),
        ("distribute_all", True, True),
    ],
)
def test_qualifiers_of_the_neighbour_extend_as_r3_says(scope: str, area: bool, age: bool) -> None:
    asked = asked_of(HCM, "I4-2025", R3_leader_bracket_scope=scope)
    assert ("language_area" in asked, "below_40.day" in asked) == (area, age)


def test_leaders_are_taken_out_of_the_whole_when_r4_says_disjoint() -> None:
    disjoint = asked_of(HCM, "I2-2025", R4_leader_subset="disjoint")
    assert disjoint["leadership"] == {None}
    assert "leadership" not in asked_of(HCM, "I2-2025")
    assert asked_of(HCM, "I3-2025", R4_leader_subset="disjoint")["leadership"] == {
        "below_division",
        "division",
        "above_division",
    }


def test_the_word_xa_may_mean_rural_communes_alone() -> None:
    assert "rural" in asked_of(HCM, "I4-2025", R10_xa_wording="rural_xa_only")
    assert "rural" not in asked_of(HCM, "I4-2025")
    assert "rural" not in asked_of(HCM, "I5-2025", R10_xa_wording="rural_xa_only")


@pytest.mark.parametrize(
    ("reading", "field"),
    [
        ("report_date", "below_40.day"),
        ("milestone_end", "below_40.2025-12-31"),
        ("decision_date_of_assignment", "below_40.start"),
    ],
)
def test_the_age_limit_is_judged_on_the_day_r7_names(reading: str, field: str) -> None:
    indicator = HCM.indicator("I1-2025")
    assert indicator is not None
    readings = choose(HCM, {"R7_age_reference_date": reading})
    assert age_field(40, indicator, readings) == field
    assert in_words(focus(indicator, readings))[field] == {"yes"}


def test_cadres_of_communes_are_covered_as_r11_says() -> None:
    as_listed = rules(HCM, choose(HCM, {"R11_cadre_scope": "as_listed"}))
    communes = rules(HCM, choose(HCM, {"R11_cadre_scope": "all_commune_cadres"}))
    everywhere = rules(HCM, choose(HCM, {"R11_cadre_scope": "all_cadres"}))
    added = [in_words(each) for each in communes if each not in as_listed]
    assert [each["status"] for each in added] == [{"cadre"}]
    assert added[0]["level"] == {"commune"}
    assert any(
        in_words(each) == {"status": {"cadre"}} for each in everywhere if each not in as_listed
    )


def test_a_plan_without_cadre_scope_has_the_rules_it_writes() -> None:
    assert DAKLAK.cadre_scope is None
    assert len(rules(DAKLAK, choose(DAKLAK, {}))) == len(DAKLAK.applies)


def test_an_exclusion_hits_its_statuses_with_its_attribute() -> None:
    for clause in HCM.excludes:
        status, attribute = exclusion(clause)
        assert {STATUSES[value] for value in status.values} == set(clause.status)
        assert attribute == Condition(clause.attribute, YES)


def test_nobody_outside_the_plans_is_ever_asked_for() -> None:
    """Contract and part-time staff are in the directory and in no plan."""
    outside = STATUSES.index("other")
    for plan in PLANS.values():
        for conjunction, _ in questions(plan):
            statuses = [each.values for each in conjunction if each.field == "status"]
            assert statuses
            assert not any(outside in values for values in statuses)


def test_questions_hold_every_condition_that_some_reading_asks() -> None:
    asked = {condition for conjunction, _ in questions(HCM) for condition in conjunction}
    fields = {condition.field for condition in asked}
    assert fields >= {"level", "frozen_level", "rural", "language_area", "leadership"}
    assert {"below_40.day", "below_40.start", "below_40.2025-12-31"} <= fields


def test_only_cohorts_open_an_indicator() -> None:
    opening = [conjunction for conjunction, opens in questions(DAKLAK) if opens]
    closed = [conjunction for conjunction, opens in questions(DAKLAK) if not opens]
    covering = set(rules(DAKLAK, choose(DAKLAK, {})))
    assert covering <= set(closed)
    assert not covering & set(opening)
