"""Switches: what may be asked, what is refused, and that an answer can name all of them."""

from __future__ import annotations

import pytest

from services.targets.plans.loading import load_plans
from services.targets.plans.readings import (
    CATALOGUE,
    ReadingNotAvailable,
    ReadingOptionUnknown,
    ReadingRefused,
    ReadingRepeated,
    ReadingUnknown,
    available_options,
    choose,
    default_readings,
    deviations,
    parse_readings,
)

PLANS = load_plans()

DEFAULTS = {
    "R1_focus_clause": "whole",
    "R2_no_focus_verb": "focus_only",
    "R3_leader_bracket_scope": "nearest",
    "R4_leader_subset": "nested",
    "R5_specialised_language": "conjunctive",
    "R6_exclusion_effect": "remove_both",
    "R7_age_reference_date": "report_date",
    "R8_language_scope": "any_foreign_language",
    "R9_achieved_at": "not_revoked",
    "R10_xa_wording": "commune_level",
    "R11_cadre_scope": "as_listed",
    "L1_abolished_district": "current_level",
    "L2_merged_province": "origin_plan",
}


@pytest.mark.parametrize("plan_id", sorted(PLANS))
def test_every_plan_names_all_thirteen_switches_with_the_common_defaults(plan_id: str) -> None:
    assert default_readings(PLANS[plan_id]) == DEFAULTS


def test_parameters_choose_and_others_are_passed_over() -> None:
    plan = PLANS["daklak-2020"]
    parameters = [
        ("agency", "H15"),
        ("reading.R1_focus_clause", "focus_only"),
        ("as_of", "2025-12-31"),
        ("reading.R9_achieved_at", "unexpired"),
    ]
    chosen = {"R1_focus_clause": "focus_only", "R9_achieved_at": "unexpired"}
    assert parse_readings(plan, parameters) == {**DEFAULTS, **chosen}


def test_switch_that_does_not_act_on_a_plan_may_be_named_all_the_same() -> None:
    plan = PLANS["hoanghoa-2021"]
    chosen = parse_readings(plan, [("reading.R10_xa_wording", "rural_xa_only")])
    assert chosen["R10_xa_wording"] == "rural_xa_only"


@pytest.mark.parametrize(
    ("parameters", "refusal", "code"),
    [
        ([("reading.R99", "x")], ReadingUnknown, "reading_unknown"),
        ([("reading.", "x")], ReadingUnknown, "reading_unknown"),
        ([("reading.R1", "whole")], ReadingUnknown, "reading_unknown"),
        ([("reading.R1_focus_clause", "")], ReadingOptionUnknown, "reading_option_unknown"),
        ([("reading.R1_focus_clause", "WHOLE")], ReadingOptionUnknown, "reading_option_unknown"),
        (
            [("reading.L1_abolished_district", "plan_amended")],
            ReadingNotAvailable,
            "reading_not_available",
        ),
        ([("reading.R4_leader_subset", "nested")] * 2, ReadingRepeated, "reading_repeated"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(
    parameters: list[tuple[str, str]], refusal: type[ReadingRefused], code: str
) -> None:
    with pytest.raises(refusal) as caught:
        parse_readings(PLANS["daklak-2020"], parameters)
    assert caught.value.code == code


def test_options_are_offered_default_first_and_without_the_unavailable() -> None:
    plan = PLANS["daklak-2020"]
    assert available_options(plan, "L1_abolished_district") == (
        "current_level",
        "level_on_2025_06_30",
    )
    assert available_options(plan, "R1_focus_clause") == ("whole", "focus_only", "both")


def test_deviations_are_the_defaults_and_each_single_departure() -> None:
    plan = PLANS["daklak-2020"]
    first, *others = deviations(plan)
    assert first == DEFAULTS
    assert len(others) == sum(len(available_options(plan, key)) - 1 for key in CATALOGUE)
    for readings in others:
        assert sum(readings[key] != DEFAULTS[key] for key in DEFAULTS) == 1


def test_choosing_leaves_the_plan_and_the_catalogue_alone() -> None:
    plan = PLANS["daklak-2020"]
    choose(plan, {"R4_leader_subset": "disjoint"})
    assert default_readings(plan) == DEFAULTS
