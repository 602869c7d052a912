"""Who is a member and who is eligible (docs/counting.md), by hand."""

from __future__ import annotations

import msgspec
import pytest

from tests.worlds import events as made
from tests.worlds.asking import (
    CANTHO,
    DAKLAK,
    HCM,
    PLANS,
    QUANGTRI,
    counted,
    eligible,
    reason_of,
    row_of,
)

pytestmark = pytest.mark.usefixtures("counted_by")

at = made.assignment


def test_member_is_who_has_the_primary_assignment_in_the_subtree_on_that_day() -> None:
    post = at("H15.01", "civil_servant", "2022-03-01", "2025-06-30")
    events = [*DAKLAK, made.official("A", post)]
    for day, count in (
        ("2022-02-28", 0),
        ("2022-03-01", 1),
        ("2025-06-30", 1),
        ("2025-07-01", 0),
    ):
        assert eligible(events, "daklak-2020", "I1-2025", day) == count, day


def test_member_of_a_body_counts_in_every_body_above_it_and_in_no_other() -> None:
    events = [*DAKLAK, made.official("A", at("H15.X"))]
    day = "2024-12-31"
    for agency, count in (("H15", 1), ("H15.D", 1), ("H15.X", 1), ("H15.P", 0), ("H15.01", 0)):
        assert eligible(events, "daklak-2020", "I4-2025", day, agency) == count, agency


def test_member_counts_below_the_district_only_while_there_is_one() -> None:
    events = [*DAKLAK, made.official("A", at("H15.X"))]
    assert eligible(events, "daklak-2020", "I4-2025", "2025-06-30", "H15.D") == 1
    assert counted(events, "daklak-2020", "I4-2025", "2025-07-01", "H15.D").status == (
        "no_population"
    )
    assert eligible(events, "daklak-2020", "I4-2025", "2025-07-01", "H15") == 1


def test_secondment_never_moves_membership() -> None:
    own = at("H15.01")
    away = at("H15.X", "civil_servant", "2024-01-01", primary=False, posting="secondment")
    events = [*DAKLAK, made.official("A", own, away)]
    assert eligible(events, "daklak-2020", "I4-2025") == 0
    assert eligible(events, "daklak-2020", "I1-2025") == 1


def test_later_primary_ends_one_that_was_left_open() -> None:
    first = at("H15.01", valid_from="2020-01-01")
    later = at("H15.X", valid_from="2024-01-01")
    events = [*DAKLAK, made.official("A", first, later)]
    assert eligible(events, "daklak-2020", "I1-2025", "2023-12-31") == 1
    assert eligible(events, "daklak-2020", "I1-2025", "2024-01-01") == 0
    assert eligible(events, "daklak-2020", "I4-2025", "2024-01-01") == 1


def test_absence_does_not_end_membership() -> None:
    absence = {"kind": "maternity", "valid_from": "2025-12-01", "valid_to": None}
    events = [*DAKLAK, made.official("A", at("H15.01"), absences=[absence])]
    assert eligible(events, "daklak-2020", "I1-2025") == 1


@pytest.mark.parametrize("status", ["contract_staff", "part_time_commune"])
def test_contract_and_part_time_staff_are_excluded_as_not_cbccvc(status: str) -> None:
    events = [*DAKLAK, made.official("A", at("H15.X", status), language_teacher=True)]
    for indicator in ("I1-2025", "I4-2025"):
        row = row_of(events, "A", "daklak-2020", indicator)
        assert row is not None
        assert (row.state, row.reason, row.level) == ("excluded", "not_cbccvc", None)


def test_body_that_is_not_in_the_tree_has_no_members_even_with_an_open_assignment() -> None:
    events = [*DAKLAK, made.official("A", at("H15.D"))]
    assert eligible(events, "daklak-2020", "I1-2025", "2025-06-30") == 1
    assert eligible(events, "daklak-2020", "I1-2025", "2025-07-01") == 0
    assert reason_of(events, "A", "daklak-2020", "I1-2025", "2025-07-01") is None


def test_newer_version_of_an_official_replaces_the_older_whatever_the_order() -> None:
    old = made.official("A", at("H15.01"), version=1)
    new = made.official("A", at("H15.X"), version=2)
    for events in ([*DAKLAK, old, new], [*DAKLAK, new, old]):
        assert eligible(events, "daklak-2020", "I1-2025") == 0
        assert eligible(events, "daklak-2020", "I4-2025") == 1


def test_copies_for_portals_in_the_feed_change_nothing() -> None:
    person = made.official("A", at("H15.01"))
    into_scope = {"agency_code": "H15.01", "effective_on": "2024-01-01", "certificates": []}
    joined = made.envelope("official.joined", "A", {**person["data"], **into_scope, "version": 9})
    left = made.envelope(
        "official.left", "A", {"version": 9, "official_code": "A", "effective_on": "2024-01-01"}
    )
    assert eligible([*DAKLAK, joined], "daklak-2020", "I1-2025") == 0
    assert eligible([*DAKLAK, person, left], "daklak-2020", "I1-2025") == 1


# --- applies ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status", "indicator", "reason"),
    [
        ("H15.01", "cadre", "I1-2025", "no_certificate"),
        ("H15.02", "cadre", "I1-2025", "no_certificate"),
        ("H15.X", "civil_servant", "I4-2025", "no_certificate"),
        ("H15.03", "public_employee", "I2-2025", "no_certificate"),
        ("H15.01", "public_employee", "I2-2025", "not_covered"),
        ("H15.03", "civil_servant", "I1-2025", "not_covered"),
    ],
)
def test_daklak_covers_by_status_system_and_level(
    body: str, status: str, indicator: str, reason: str
) -> None:
    events = [*DAKLAK, made.official("A", at(body, status))]
    assert reason_of(events, "A", "daklak-2020", indicator) == reason


@pytest.mark.parametrize(
    ("body", "status", "indicator", "reason"),
    [
        ("H29.01", "cadre", "I1-2025", "no_certificate"),
        ("H29.02", "cadre", "I1-2025", "not_covered"),
        ("H29.02", "civil_servant", "I1-2025", "no_certificate"),
        ("H29.X", "civil_servant", "I4-2025", "no_certificate"),
        ("H29.X", "cadre", "I4-2025", "no_certificate"),
    ],
)
def test_hcm_covers_cadres_of_state_bodies_only(
    body: str, status: str, indicator: str, reason: str
) -> None:
    events = [*HCM, made.official("A", at(body, status))]
    assert reason_of(events, "A", "hcm-2022", indicator) == reason


def test_cantho_does_not_cover_the_party_above_the_commune() -> None:
    commune_party = made.agency(
        "H13.Y",
        made.agency_version(
            parent="H13", level="commune", system="party", commune_kind="xa", province="92"
        ),
    )
    events = [
        *CANTHO,
        commune_party,
        made.official("A", at("H13.02")),
        made.official("B", at("H13.Y", "cadre")),
    ]
    assert reason_of(events, "A", "cantho-2020", "I1-2025") == "not_covered"
    assert reason_of(events, "B", "cantho-2020", "I4-2025") == "no_certificate"


@pytest.mark.parametrize(
    ("status", "leadership", "reason"),
    [
        ("civil_servant", "below_division", "no_certificate"),
        ("civil_servant", "above_division", "no_certificate"),
        ("civil_servant", None, "not_covered"),
        ("cadre", "division", "not_covered"),
    ],
)
def test_cantho_role_rule_is_a_civil_servant_with_any_leadership_in_a_public_service_agency(
    status: str, leadership: str | None, reason: str
) -> None:
    events = [*CANTHO, made.official("A", at("H13.03", status, leadership=leadership))]
    readings = {"R2_no_focus_verb": "whole"}
    assert reason_of(events, "A", "cantho-2020", "I1-2025", **readings) == reason


def test_hoanghoa_org_is_no_predicate_the_unit_is_the_body_asked_for() -> None:
    events = [*DAKLAK, made.official("A", at("H15.01", "public_employee"))]
    assert eligible(events, "hoanghoa-2021", "I2-2025", agency="H15") == 1
    assert eligible(events, "hoanghoa-2021", "I2-2025") == 0


def test_central_level_is_none_of_the_three_but_rules_without_level_cover_it() -> None:
    ministry = made.agency("G01", made.agency_version(level="central", province="01"))
    hospital = made.agency(
        "G01.1",
        made.agency_version(parent="G01", level="central", system="public_service", province="01"),
    )
    events = [
        ministry,
        hospital,
        made.official("A", at("G01", "civil_servant")),
        made.official("B", at("G01.1", "public_employee")),
        made.official("C", at("G01", "cadre")),
    ]
    assert reason_of(events, "A", "daklak-2020", "I1-2025", agency="G01") == "not_covered"
    assert reason_of(events, "B", "daklak-2020", "I2-2025", agency="G01") == "no_certificate"
    assert eligible(events, "hcm-2022", "I1-2025", agency="G01") == 0
    assert reason_of(events, "C", "hcm-2022", "I1-2025", agency="G01") is None


# --- excludes -----------------------------------------------------------------------------------


def test_language_teachers_are_excluded_with_the_clause_that_hit() -> None:
    events = [*DAKLAK, made.official("A", at("H15.03", "public_employee"), language_teacher=True)]
    assert reason_of(events, "A", "daklak-2020", "I2-2025") == "FL_TEACHER"
    assert eligible(events, "daklak-2020", "I2-2025") == 0


def test_excluded_lists_name_the_person_for_every_indicator() -> None:
    events = [*DAKLAK, made.official("A", at("H15.03", "public_employee"), language_teacher=True)]
    for indicator in ("I1-2025", "I4-2030", "I5-2030"):
        assert reason_of(events, "A", "daklak-2020", indicator) == "FL_TEACHER"


def test_attribute_on_the_assignment_wins_for_its_days() -> None:
    teaching = at("H15.03", "public_employee", "2020-01-01", "2023-12-31", language_teacher=True)
    office = at("H15.03", "public_employee", "2024-01-01", language_teacher=False)
    events = [*DAKLAK, made.official("A", teaching, office, language_teacher=True)]
    assert reason_of(events, "A", "daklak-2020", "I2-2025", "2023-12-31") == "FL_TEACHER"
    assert reason_of(events, "A", "daklak-2020", "I2-2025", "2024-01-01") == "no_certificate"


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ("H13.01", "civil_servant", "FOREIGN_AFFAIRS"),
        ("H13.01", "cadre", "no_certificate"),
        ("H13.03", "public_employee", "FOREIGN_AFFAIRS"),
    ],
)
def test_foreign_affairs_excludes_civil_servants_and_public_employees_not_cadres(
    body: str, status: str, reason: str
) -> None:
    indicator = "I2-2025" if status == "public_employee" else "I1-2025"
    events = [*CANTHO, made.official("A", at(body, status), foreign_affairs=True)]
    readings = {"R2_no_focus_verb": "whole"}
    assert reason_of(events, "A", "cantho-2020", indicator, **readings) == reason


def test_foreign_affairs_excludes_nobody_where_the_plan_does_not_say_so() -> None:
    events = [*DAKLAK, made.official("A", at("H15.01"), foreign_affairs=True)]
    assert reason_of(events, "A", "daklak-2020", "I1-2025") == "no_certificate"


@pytest.mark.parametrize(
    ("body", "status", "indicator", "reason"),
    [
        ("H50.01", "civil_servant", "I1-2025", "FL_QUALIFIED_POST"),
        ("H50.01", "cadre", "I1-2025", "no_certificate"),
        ("H50.03", "public_employee", "I2-2025", "no_certificate"),
    ],
)
def test_language_qualified_post_speaks_of_civil_servants_only(
    body: str, status: str, indicator: str, reason: str
) -> None:
    events = [*QUANGTRI, made.official("A", at(body, status), language_qualified_post=True)]
    assert reason_of(events, "A", "quangtri-2022", indicator) == reason


def test_degree_excludes_from_the_day_it_was_awarded() -> None:
    events = [
        *QUANGTRI,
        made.official(
            "A", at("H50.01"), language_degree=True, language_degree_awarded_on="2024-06-15"
        ),
        made.official("B", at("H50.01"), foreign_taught_degree=True),
        made.official("C", at("H50.01"), language_degree_awarded_on="2020-01-01"),
    ]
    assert reason_of(events, "A", "quangtri-2022", "I1-2025", "2024-06-14") == "no_certificate"
    assert reason_of(events, "A", "quangtri-2022", "I1-2025", "2024-06-15") == "FL_DEGREE"
    assert reason_of(events, "B", "quangtri-2022", "I1-2025", "2023-01-01") == (
        "FOREIGN_TAUGHT_DEGREE"
    )
    assert reason_of(events, "C", "quangtri-2022", "I1-2025") == "no_certificate"


def test_first_clause_in_the_documents_order_is_the_reason() -> None:
    events = [
        *QUANGTRI,
        made.official(
            "A",
            at("H50.01"),
            foreign_taught_degree=True,
            language_degree=True,
            language_teacher=True,
        ),
        made.official("B", at("H50.01"), foreign_taught_degree=True, language_degree=True),
    ]
    assert reason_of(events, "A", "quangtri-2022", "I1-2025") == "FL_TEACHER"
    assert reason_of(events, "B", "quangtri-2022", "I1-2025") == "FL_DEGREE"


def test_central_vertical_hits_by_the_person_or_by_the_body_of_the_day() -> None:
    tax = made.agency(
        "H29.T",
        made.agency_version("2015-01-01", "2024-12-31", parent="H29", province="79"),
        made.agency_version("2025-01-01", parent="H29", province="79", central_vertical=True),
    )
    events = [
        *HCM,
        tax,
        made.official("A", at("H29.T")),
        made.official("B", at("H29.01"), central_vertical=True),
    ]
    assert reason_of(events, "A", "hcm-2022", "I1-2025", "2024-12-31") == "no_certificate"
    assert reason_of(events, "A", "hcm-2022", "I1-2025", "2025-01-01") == "CENTRAL_VERTICAL"
    assert reason_of(events, "B", "hcm-2022", "I1-2025", "2024-12-31") == "CENTRAL_VERTICAL"


def test_somebody_whom_no_rule_covers_is_not_covered_rather_than_excluded_by_a_clause() -> None:
    events = [*DAKLAK, made.official("A", at("H15.01", "public_employee"), language_teacher=True)]
    assert reason_of(events, "A", "daklak-2020", "I2-2025") == "not_covered"


# --- cohorts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("leadership", "count"),
    [(None, 0), ("below_division", 1), ("division", 1), ("above_division", 1)],
)
def test_leader_is_whoever_has_any_leadership(leadership: str | None, count: int) -> None:
    events = [*DAKLAK, made.official("A", at("H15.03", "public_employee", leadership=leadership))]
    assert eligible(events, "daklak-2020", "I3-2025") == count
    assert eligible(events, "daklak-2020", "I2-2025") == 1


@pytest.mark.parametrize(
    ("leadership", "count"),
    [(None, 0), ("below_division", 0), ("division", 1), ("above_division", 1)],
)
def test_tu_cap_phong_tro_len_is_division_or_above(leadership: str | None, count: int) -> None:
    person = made.official("A", at("H15.01", leadership=leadership), born="1990-01-01")
    readings = {"R1_focus_clause": "focus_only"}
    assert eligible([*DAKLAK, person], "daklak-2020", "I1-2025", **readings) == count


@pytest.mark.parametrize(
    ("born", "as_of", "count"),
    [
        ("1985-12-31", "2025-12-30", 1),
        ("1985-12-31", "2025-12-31", 0),
        ("1986-01-01", "2025-12-31", 1),
        ("1984-02-29", "2024-02-28", 1),
        ("1984-02-29", "2024-02-29", 0),
        ("1985", "2024-12-31", 1),
        ("1985", "2025-01-01", 0),
    ],
)
def test_under_forty_ends_on_the_fortieth_birthday_and_a_bare_year_is_january_first(
    born: str, as_of: str, count: int
) -> None:
    post = at("H15.X", leadership="below_division", requires_language=True)
    events = [*DAKLAK, made.official("A", post, born=born)]
    assert eligible(events, "daklak-2020", "I5-2025", as_of) == count


def test_birthday_of_29_february_falls_on_the_28th_in_common_years() -> None:
    plan = PLANS["daklak-2020"]
    indicators = tuple(
        msgspec.structs.replace(each, cohort=msgspec.structs.replace(each.cohort, age_below=41))
        for each in plan.indicators
    )
    of_41 = msgspec.structs.replace(plan, indicators=indicators)
    post = at("H15.X", leadership="division", requires_language=True)
    events = [*DAKLAK, made.official("A", post, born="1984-02-29")]
    assert eligible(events, of_41, "I5-2025", "2025-02-27") == 1
    assert eligible(events, of_41, "I5-2025", "2025-02-28") == 0


def test_commune_leaders_need_the_language_area_of_the_primary_assignment_in_force() -> None:
    before = at("H15.X", valid_to="2024-12-31", leadership="division", requires_language=False)
    after = at("H15.X", valid_from="2025-01-01", leadership="division", requires_language=True)
    events = [*DAKLAK, made.official("A", before, after, born="1990-01-01")]
    assert eligible(events, "daklak-2020", "I5-2025", "2024-12-31") == 0
    assert eligible(events, "daklak-2020", "I5-2025", "2025-01-01") == 1


def test_quangtri_commune_leaders_are_cadres_only_of_any_age() -> None:
    def leader(code: str, status: str, born: str) -> made.Event:
        post = at("H50.X", status, leadership="division", requires_language=True)
        return made.official(code, post, born=born)

    events = [
        *QUANGTRI,
        leader("A", "cadre", "1965-01-01"),
        leader("B", "civil_servant", "1995-01-01"),
    ]
    assert eligible(events, "quangtri-2022", "I5-2025") == 1
    assert eligible(events, "quangtri-2022", "I4-2025") == 2
