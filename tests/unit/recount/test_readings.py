"""R1 to R11 and L1, each option against a hand-counted handful of people (docs/counting.md)."""

from __future__ import annotations

import datetime as dt

import pytest

from services.targets.recount.counting import members, recount
from tests.worlds import events as made
from tests.worlds.asking import (
    CANTHO,
    DAKLAK,
    HCM,
    PLANS,
    QUANGTRI,
    achieved,
    counted,
    eligible,
    reason_of,
    row_of,
)
from tests.worlds.events import Event

pytestmark = pytest.mark.usefixtures("counted_by")

at = made.assignment
YOUNG, OLD = "1995-06-15", "1970-06-15"


def office(body: str) -> list[Event]:
    """Four of a department: a young and an old head of division, a young deputy below it, a young clerk."""
    return [
        made.official("young-head", at(body, leadership="division"), born=YOUNG),
        made.official("old-head", at(body, leadership="above_division"), born=OLD),
        made.official("young-deputy", at(body, leadership="below_division"), born=YOUNG),
        made.official("clerk", at(body), born=YOUNG),
        made.certificate("S1", "key-young-head", 4),
        made.certificate("S2", "key-clerk", 4),
    ]


# --- R1, R2 -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "headline", "focus"),
    [
        ("whole", (4, 2), None),
        ("focus_only", (1, 1), None),
        ("both", (4, 2), {"eligible": 1, "achieved": 1, "percent": 100.0}),
    ],
)
def test_r1_focus_clause(option: str, headline: tuple[int, int], focus: object) -> None:
    events = [*DAKLAK, *office("H15.01")]
    figure = counted(events, "daklak-2020", "I1-2025", R1_focus_clause=option)
    assert (figure.headline.eligible, figure.headline.achieved) == headline
    assert figure.as_answer()["focus"] == focus


@pytest.mark.parametrize(("option", "count"), [("focus_only", 1), ("whole", 4)])
def test_r2_no_focus_verb_governs_cantho_2025_and_nothing_else(option: str, count: int) -> None:
    events = [*CANTHO, *office("H13.01")]
    assert eligible(events, "cantho-2020", "I1-2025", R2_no_focus_verb=option) == count
    assert eligible(events, "cantho-2020", "I1-2030", R2_no_focus_verb=option) == 4
    for indicator in ("I1-2025", "I1-2030"):
        assert (
            eligible(
                [*DAKLAK, *office("H15.01")], "daklak-2020", indicator, R2_no_focus_verb=option
            )
            == 4
        )


def test_r1_governs_cantho_2030_but_not_2025() -> None:
    events = [*CANTHO, *office("H13.01")]
    assert eligible(events, "cantho-2020", "I1-2030", R1_focus_clause="focus_only") == 1
    assert eligible(events, "cantho-2020", "I1-2025", R1_focus_clause="whole") == 1
    both = {"R1_focus_clause": "both", "R2_no_focus_verb": "whole"}
    assert counted(events, "cantho-2020", "I1-2025", **both).focus is None
    assert counted(events, "cantho-2020", "I1-2030", **both).focus is not None


# --- R3 -----------------------------------------------------------------------------------------


def commune(body: str) -> list[Event]:
    return [
        made.official("young-area", at(body, "cadre", requires_language=True), born=YOUNG),
        made.official("old-area", at(body, "cadre", requires_language=True), born=OLD),
        made.official("young-other", at(body, "cadre"), born=YOUNG),
        made.official("old-other", at(body, "cadre"), born=OLD),
    ]


@pytest.mark.parametrize(
    ("option", "daklak", "quangtri"),
    [("nearest", 4, 4), ("distribute_area", 2, 2), ("distribute_all", 1, 2)],
)
def test_r3_distributes_only_the_qualifiers_of_the_plans_own_i5(
    option: str, daklak: int, quangtri: int
) -> None:
    readings = {"R3_leader_bracket_scope": option}
    of_daklak, of_quangtri = [*DAKLAK, *commune("H15.X")], [*QUANGTRI, *commune("H50.X")]
    assert eligible(of_daklak, "daklak-2020", "I4-2025", **readings) == daklak
    assert eligible(of_quangtri, "quangtri-2022", "I4-2025", **readings) == quangtri


def test_r3_leaves_the_leaders_own_indicator_alone() -> None:
    leader = at("H15.X", leadership="division", requires_language=True)
    events = [*DAKLAK, made.official("A", leader, born=YOUNG)]
    for option in ("nearest", "distribute_area", "distribute_all"):
        assert eligible(events, "daklak-2020", "I5-2025", R3_leader_bracket_scope=option) == 1


# --- R4 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("option", "all_staff"), [("nested", 3), ("disjoint", 1)])
def test_r4_disjoint_takes_leaders_out_of_i2_only(option: str, all_staff: int) -> None:
    events = [
        *DAKLAK,
        made.official("A", at("H15.03", "public_employee")),
        made.official("B", at("H15.03", "public_employee", leadership="below_division")),
        made.official("C", at("H15.03", "public_employee", leadership="division")),
        made.official("D", at("H15.X", leadership="division", requires_language=True), born=YOUNG),
    ]
    readings = {"R4_leader_subset": option}
    assert eligible(events, "daklak-2020", "I2-2025", **readings) == all_staff
    assert eligible(events, "daklak-2020", "I2-2030", **readings) == all_staff
    assert eligible(events, "daklak-2020", "I3-2025", **readings) == 2
    assert eligible(events, "daklak-2020", "I4-2025", **readings) == 1
    assert eligible(events, "daklak-2020", "I5-2025", **readings) == 1


# --- R5 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("option", "count"), [("conjunctive", 1), ("level_only", 2)])
def test_r5_specialised_language(option: str, count: int) -> None:
    events = [
        *DAKLAK,
        made.official("A", at("H15.03", "public_employee")),
        made.official("B", at("H15.03", "public_employee")),
        made.certificate("SA", "key-A", 4),
        made.certificate("SB", "key-B", 4),
        made.specialised_evidence("EB", "key-B"),
    ]
    figure = counted(events, "daklak-2020", "I2-2030", R5_specialised_language=option)
    assert figure.headline.achieved == count
    assert figure.as_answer()["level_only"] == {"achieved": 2, "percent": 100.0}


# --- R6 -----------------------------------------------------------------------------------------


def test_r6_count_as_achieved_puts_the_excluded_in_denominator_numerator_focus_and_level_only() -> (
    None
):
    head = at("H15.01", leadership="division")
    events = [
        *DAKLAK,
        made.official("A", head, born=YOUNG),
        made.official("B", head, born=YOUNG, language_teacher=True),
    ]
    readings = {"R1_focus_clause": "both", "R6_exclusion_effect": "count_as_achieved"}
    answer = counted(events, "daklak-2020", "I1-2030", "2030-12-31", **readings).as_answer()
    assert (answer["eligible"], answer["achieved"], answer["percent"]) == (2, 1, 50.0)
    assert answer["focus"] == {"eligible": 2, "achieved": 1, "percent": 50.0}
    assert answer["level_only"] == {"achieved": 1, "percent": 50.0}
    row = row_of(events, "B", "daklak-2020", "I1-2030", "2030-12-31", **readings)
    assert row is not None
    assert (row.state, row.reason) == ("achieved", "FL_TEACHER")
    assert reason_of(events, "B", "daklak-2020", "I2-2030", "2030-12-31", **readings) == (
        "FL_TEACHER"
    )


def test_r6_counts_only_those_whom_applies_and_the_cohort_cover() -> None:
    events = [
        *DAKLAK,
        made.official("A", at("H15.01", "public_employee"), language_teacher=True),
        made.official("B", at("H15.03", "public_employee"), language_teacher=True),
        made.official("C", at("H15.03", "contract_staff"), language_teacher=True),
    ]
    readings = {"R6_exclusion_effect": "count_as_achieved"}
    assert eligible(events, "daklak-2020", "I1-2025", **readings) == 0
    assert eligible(events, "daklak-2020", "I2-2025", **readings) == 1
    assert eligible(events, "daklak-2020", "I3-2025", **readings) == 0
    assert reason_of(events, "A", "daklak-2020", "I2-2025", **readings) == "not_covered"
    assert reason_of(events, "C", "daklak-2020", "I2-2025", **readings) == "not_cbccvc"
    row = row_of(events, "B", "daklak-2020", "I3-2025", **readings)
    assert row is not None
    assert (row.state, row.reason) == ("excluded", "FL_TEACHER")


# --- R7 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "count_2025", "count_2030"),
    [
        ("report_date", 1, 1),
        ("milestone_end", 0, 0),
        ("decision_date_of_assignment", 1, 1),
    ],
)
def test_r7_age_reference_date_before_the_milestone(
    option: str, count_2025: int, count_2030: int
) -> None:
    post = at("H15.X", valid_from="2020-01-01", leadership="division", requires_language=True)
    events = [*DAKLAK, made.official("A", post, born="1985-12-31")]
    readings = {"R7_age_reference_date": option}
    assert eligible(events, "daklak-2020", "I5-2025", "2025-06-01", **readings) == count_2025
    assert eligible(events, "daklak-2020", "I5-2030", "2025-06-01", **readings) == count_2030


def test_r7_milestone_end_is_each_indicators_own_year() -> None:
    post = at("H15.X", leadership="division", requires_language=True)
    events = [*DAKLAK, made.official("A", post, born="1988-06-15")]
    readings = {"R7_age_reference_date": "milestone_end"}
    assert eligible(events, "daklak-2020", "I5-2025", "2029-01-01", **readings) == 1
    assert eligible(events, "daklak-2020", "I5-2030", "2025-01-01", **readings) == 0


def test_r7_decision_date_is_the_start_of_the_primary_assignment_in_force() -> None:
    early = at(
        "H15.X",
        valid_from="2019-01-01",
        valid_to="2025-12-31",
        leadership="division",
        requires_language=True,
    )
    late = at("H15.X", valid_from="2026-01-01", leadership="division", requires_language=True)
    events = [*DAKLAK, made.official("A", early, late, born="1982-06-15")]
    readings = {"R7_age_reference_date": "decision_date_of_assignment"}
    assert eligible(events, "daklak-2020", "I5-2025", "2025-12-31", **readings) == 1
    assert eligible(events, "daklak-2020", "I5-2025", "2026-01-01", **readings) == 0


def test_r7_moves_the_focus_and_the_distributed_age_too() -> None:
    head = at("H15.01", leadership="division")
    clerk = at("H15.X", requires_language=True)
    events = [
        *DAKLAK,
        made.official("A", head, born="1985-12-31"),
        made.official("B", clerk, born="1985-12-31"),
    ]
    for option, count in (("report_date", 1), ("milestone_end", 0)):
        readings = {
            "R7_age_reference_date": option,
            "R1_focus_clause": "focus_only",
            "R3_leader_bracket_scope": "distribute_all",
        }
        assert eligible(events, "daklak-2020", "I1-2025", "2025-06-01", **readings) == count
        assert eligible(events, "daklak-2020", "I4-2025", "2025-06-01", **readings) == count


# --- R8 -----------------------------------------------------------------------------------------


def test_r8_english_only_restricts_level_and_specialised_evidence() -> None:
    def staff(code: str, language: str, specialised_in: str) -> list[Event]:
        return [
            made.official(code, at("H15.03", "public_employee")),
            made.certificate(f"S{code}", f"key-{code}", 4, language=language),
            made.specialised_evidence(f"E{code}", f"key-{code}", language=specialised_in),
        ]

    events = [*DAKLAK, *staff("A", "en", "en"), *staff("B", "en", "fr"), *staff("C", "fr", "en")]
    english = {"R8_language_scope": "english_only"}
    assert achieved(events, "daklak-2020", "I2-2025") == 3
    assert achieved(events, "daklak-2020", "I2-2030") == 3
    assert achieved(events, "daklak-2020", "I2-2025", **english) == 2
    assert achieved(events, "daklak-2020", "I2-2030", **english) == 1
    assert reason_of(events, "B", "daklak-2020", "I2-2030", **english) == "no_specialised_evidence"
    assert reason_of(events, "C", "daklak-2020", "I2-2030", **english) == "no_certificate"


# --- R10 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("option", "count"), [("commune_level", 2), ("rural_xa_only", 1)])
def test_r10_xa_wording_narrows_i4_of_daklak_and_hcm_only(option: str, count: int) -> None:
    readings = {"R10_xa_wording": option}
    leader = {"leadership": "division", "requires_language": True}
    for plan, tree, body in (("daklak-2020", DAKLAK, "H15"), ("hcm-2022", HCM, "H29")):
        events = [
            *tree,
            made.official("A", at(f"{body}.X", **leader), born=YOUNG),
            made.official("B", at(f"{body}.P", **leader), born=YOUNG),
        ]
        assert eligible(events, plan, "I4-2025", **readings) == count
        assert eligible(events, plan, "I4-2030", **readings) == count
        assert eligible(events, plan, "I5-2025", **readings) == 2
    for plan, tree, body in (("cantho-2020", CANTHO, "H13"), ("quangtri-2022", QUANGTRI, "H50")):
        events = [
            *tree,
            made.official("A", at(f"{body}.X")),
            made.official("B", at(f"{body}.P")),
        ]
        assert eligible(events, plan, "I4-2025", **readings) == 2


# --- R11 ----------------------------------------------------------------------------------------


def cadres(body: str, code: str) -> list[Event]:
    party_commune = made.agency(
        f"{body}.Z",
        made.agency_version(
            parent=body, level="commune", system="party", commune_kind="xa", province=code
        ),
    )
    return [
        party_commune,
        made.official("commune-party", at(f"{body}.Z", "cadre")),
        made.official("province-party", at(f"{body}.02", "cadre")),
        made.official("school", at(f"{body}.03", "cadre")),
    ]


@pytest.mark.parametrize(
    ("option", "commune_count", "province_count"),
    [("as_listed", 0, 0), ("all_commune_cadres", 1, 0), ("all_cadres", 1, 2)],
)
def test_r11_cadre_scope_adds_cadres_to_hcm_and_quangtri(
    option: str, commune_count: int, province_count: int
) -> None:
    readings = {"R11_cadre_scope": option}
    for plan, events in (
        ("hcm-2022", [*HCM, *cadres("H29", "79")]),
        ("quangtri-2022", [*QUANGTRI, *cadres("H50", "45")]),
    ):
        assert eligible(events, plan, "I4-2025", **readings) == commune_count
        assert eligible(events, plan, "I1-2025", **readings) == province_count


def test_r11_changes_nothing_where_the_plan_already_names_all_cadres() -> None:
    events = [*DAKLAK, *cadres("H15", "66")]
    for option in ("as_listed", "all_commune_cadres", "all_cadres"):
        assert eligible(events, "daklak-2020", "I1-2025", R11_cadre_scope=option) == 1
        assert eligible(events, "daklak-2020", "I4-2025", R11_cadre_scope=option) == 1


def test_r11_in_cantho_the_commune_rule_names_every_system_already() -> None:
    events = [*CANTHO, *cadres("H13", "92")]
    for option, above in (("as_listed", 0), ("all_commune_cadres", 0), ("all_cadres", 2)):
        readings = {"R11_cadre_scope": option, "R2_no_focus_verb": "whole"}
        assert eligible(events, "cantho-2020", "I4-2025", **readings) == 1
        assert eligible(events, "cantho-2020", "I1-2025", **readings) == above


# --- L1 -----------------------------------------------------------------------------------------

FROZEN = {"L1_abolished_district": "level_on_2025_06_30"}


def test_l1_keeps_the_level_of_30_june_2025_for_later_days_in_cohort_and_applies() -> None:
    district = at("H15.D", valid_to="2025-06-30")
    commune_now = at("H15.X", valid_from="2025-07-01")
    events = [*DAKLAK, made.official("A", district, commune_now)]
    for day, readings, at_district, at_commune in (
        ("2025-06-30", {}, 1, 0),
        ("2025-06-30", FROZEN, 1, 0),
        ("2025-07-01", {}, 0, 1),
        ("2025-07-01", FROZEN, 1, 0),
        ("2030-12-31", FROZEN, 1, 0),
    ):
        assert eligible(events, "daklak-2020", "I1-2025", day, **readings) == at_district
        assert eligible(events, "daklak-2020", "I4-2025", day, **readings) == at_commune


def test_l1_frozen_level_can_bring_somebody_under_a_rule_of_the_plan() -> None:
    state_commune = at("H13.X", "civil_servant", valid_to="2025-06-30")
    party_now = at("H13.02", "civil_servant", valid_from="2025-07-01")
    events = [*CANTHO, made.official("A", state_commune, party_now)]
    assert reason_of(events, "A", "cantho-2020", "I4-2025", "2025-12-31") == "not_covered"
    assert reason_of(events, "A", "cantho-2020", "I4-2025", "2025-12-31", **FROZEN) == (
        "no_certificate"
    )


def test_l1_newcomers_and_those_whose_body_did_not_stand_have_the_level_of_the_day() -> None:
    gone = made.agency(
        "H15.G",
        made.agency_version("2015-01-01", "2024-12-31", parent="H15", level="district"),
    )
    events = [
        *DAKLAK,
        gone,
        made.official("A", at("H15.X", valid_from="2025-07-01")),
        made.official(
            "B", at("H15.G", valid_to="2025-06-30"), at("H15.X", valid_from="2025-07-01")
        ),
    ]
    assert eligible(events, "daklak-2020", "I4-2025", "2025-12-31", **FROZEN) == 2
    assert eligible(events, "daklak-2020", "I1-2025", "2025-12-31", **FROZEN) == 0


def test_l1_subtree_stays_that_of_the_day() -> None:
    events = [
        *DAKLAK,
        made.official(
            "A", at("H15.D", valid_to="2025-06-30"), at("H15.X", valid_from="2025-07-01")
        ),
    ]
    assert eligible(events, "daklak-2020", "I1-2025", "2025-12-31", "H15.X", **FROZEN) == 1
    assert eligible(events, "daklak-2020", "I1-2025", "2025-12-31", "H15.P", **FROZEN) == 0


def test_l1_looks_at_30_june_also_when_the_body_changed_its_level_later() -> None:
    centre = made.agency(
        "H15.H",
        made.agency_version("2015-01-01", "2025-06-30", parent="H15", level="district"),
        made.agency_version("2025-07-01", parent="H15", level="commune", commune_kind="xa"),
    )
    events = [*DAKLAK, centre, made.official("A", at("H15.H"))]
    assert eligible(events, "daklak-2020", "I4-2025", "2025-12-31") == 1
    assert eligible(events, "daklak-2020", "I1-2025", "2025-12-31", **FROZEN) == 1


def test_r10_asks_for_the_kind_of_the_body_of_the_day_also_when_l1_freezes_the_level() -> None:
    from_commune = [at("H15.P", valid_to="2025-06-30"), at("H15.X", valid_from="2025-07-01")]
    to_office = [at("H15.X", valid_to="2025-06-30"), at("H15.01", valid_from="2025-07-01")]
    events = [
        *DAKLAK,
        made.official("A", *from_commune),
        made.official("B", *to_office),
    ]
    readings = {**FROZEN, "R10_xa_wording": "rural_xa_only"}
    assert eligible(events, "daklak-2020", "I4-2025", "2025-12-31", **FROZEN) == 2
    assert eligible(events, "daklak-2020", "I4-2025", "2025-12-31", **readings) == 1


# --- the plain functions ------------------------------------------------------------------------


def test_one_question_can_be_asked_of_the_events_alone_with_the_default_readings() -> None:
    events = [*DAKLAK, *office("H15.01")]
    plan, day = PLANS["daklak-2020"], dt.date(2025, 12, 31)
    first = recount(events, plan, None, day)[0]
    assert (first.indicator.id, first.headline.eligible) == ("I1-2025", 4)
    rows = members(events, plan, "I1-2025", "H15", day, "missing")
    assert [row.official_code for row in rows] == ["old-head", "young-deputy"]
    with pytest.raises(KeyError):
        members(events, plan, "I9-2025", "H15", day, "missing")
