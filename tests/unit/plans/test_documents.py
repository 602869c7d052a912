"""The five documents say what the printed plans say."""

from __future__ import annotations

import datetime as dt

import pytest

from services.targets.plans.loading import load_languages, load_plans, load_provinces

PLANS = load_plans()
ALL = sorted(PLANS)


def test_the_five_plans_are_there() -> None:
    assert ALL == ["cantho-2020", "daklak-2020", "hcm-2022", "hoanghoa-2021", "quangtri-2022"]


@pytest.mark.parametrize("plan_id", ALL)
def test_percentages_and_levels_are_those_of_the_common_skeleton(plan_id: str) -> None:
    expected = {
        "I1": (25, 35, 4),
        "I2": (60, 70, 4),
        "I3": (50, 60, 4),
        "I4": (20, 30, 3),
        "I5": (15, 25, 3),
    }
    for indicator in PLANS[plan_id].indicators:
        number, year = indicator.id.split("-")
        in_2025, in_2030, level = expected[number]
        assert indicator.required_percent == (in_2025 if year == "2025" else in_2030)
        assert indicator.required_level == level
        assert indicator.milestone == dt.date(int(year), 12, 31)


def test_hoanghoa_has_only_the_indicators_of_public_employees() -> None:
    ids = [each.id for each in PLANS["hoanghoa-2021"].indicators]
    assert ids == ["I2-2025", "I3-2025", "I2-2030", "I3-2030"]


@pytest.mark.parametrize("plan_id", ALL)
def test_specialised_language_is_asked_in_2030_and_never_in_cantho(plan_id: str) -> None:
    for indicator in PLANS[plan_id].indicators:
        wanted = indicator.milestone.year == 2030 and plan_id != "cantho-2020"
        assert indicator.specialised is wanted


def test_only_cantho_2025_has_a_bracket_without_tap_trung_vao() -> None:
    definitions = [
        (plan.id, indicator.id)
        for plan in PLANS.values()
        for indicator in plan.indicators
        if indicator.focus and indicator.focus.kind == "definition"
    ]
    assert definitions == [("cantho-2020", "I1-2025")]
    for plan in PLANS.values():
        for indicator in plan.indicators:
            if indicator.focus and indicator.focus.kind == "emphasis":
                assert f"({indicator.focus.words}" in indicator.source.sentence
                assert indicator.focus.words.startswith("tập trung vào")


@pytest.mark.parametrize("plan_id", ["cantho-2020", "daklak-2020", "hcm-2022", "quangtri-2022"])
def test_commune_leaders_are_under_forty_except_in_quangtri_where_they_are_cadres(
    plan_id: str,
) -> None:
    for year in (2025, 2030):
        indicator = PLANS[plan_id].indicator(f"I5-{year}")
        assert indicator is not None
        cohort = indicator.cohort
        assert cohort.language_area
        if plan_id == "quangtri-2022":
            assert (cohort.status, cohort.age_below) == (("cadre",), None)
            assert "40 tuổi" not in indicator.source.sentence
        else:
            assert (cohort.status, cohort.age_below) == (("cadre", "civil_servant"), 40)
            assert "dưới 40 tuổi" in indicator.source.sentence


def test_exclusions_are_those_each_plan_names_with_their_texts() -> None:
    assert {
        plan.id: [(each.code, each.attribute, each.status) for each in plan.excludes]
        for plan in PLANS.values()
    } == {
        "daklak-2020": [("FL_TEACHER", "language_teacher", _EVERYBODY)],
        "hcm-2022": [
            ("CENTRAL_VERTICAL", "central_vertical", _EVERYBODY),
            ("FL_TEACHER", "language_teacher", _EVERYBODY),
        ],
        "hoanghoa-2021": [],
        "cantho-2020": [
            ("FL_TEACHER", "language_teacher", _EVERYBODY),
            ("FOREIGN_AFFAIRS", "foreign_affairs", ("civil_servant", "public_employee")),
        ],
        "quangtri-2022": [
            ("FL_TEACHER", "language_teacher", _EVERYBODY),
            ("FL_QUALIFIED_POST", "language_qualified_post", ("civil_servant",)),
            ("FL_DEGREE", "language_degree", _EVERYBODY),
            ("FOREIGN_TAUGHT_DEGREE", "foreign_taught_degree", _EVERYBODY),
        ],
    }


_EVERYBODY = ("cadre", "civil_servant", "public_employee")


def test_instruments_without_number_or_date_say_so() -> None:
    for plan_id in ("hoanghoa-2021", "quangtri-2022"):
        instrument = PLANS[plan_id].instrument
        assert (instrument.number, instrument.date) == (None, None)
        assert instrument.notes
    assert PLANS["daklak-2020"].instrument.number == "7295/KH-UBND"
    assert PLANS["hcm-2022"].instrument.number == "3703/QĐ-UBND"
    assert PLANS["cantho-2020"].instrument.number == "88/KH-UBND"


def test_bodies_are_marked_by_how_certain_their_codes_are() -> None:
    bodies = {plan.id: (plan.body.agency_code, plan.body.certainty) for plan in PLANS.values()}
    assert bodies == {
        "daklak-2020": ("H15", "known_from_memory"),
        "hcm-2022": ("H29", "known_from_memory"),
        "hoanghoa-2021": ("H56.09.TTYTHH", "invented"),
        "cantho-2020": ("H13", "known_from_memory"),
        "quangtri-2022": ("H50", "known_from_memory"),
    }


def test_no_plan_states_how_long_a_certificate_counts() -> None:
    assert [plan.id for plan in PLANS.values() if plan.validity] == []


def test_quangtri_took_over_the_code_of_quangbinh() -> None:
    province = PLANS["quangtri-2022"].province
    assert (province.code_until_2025_06_30, province.code_from_2025_07_01) == ("45", "44")
    provinces = load_provinces()
    assert provinces.named_like("44") == "45"
    old = {each.code: each.name for each in provinces.old}
    assert old["44"] == "Tỉnh Quảng Bình"


def test_both_code_lists_are_whole_and_every_new_province_kept_a_name() -> None:
    provinces = load_provinces()
    assert (len(provinces.old), len(provinces.new)) == (63, 34)
    names = {each.code: each.name for each in provinces.old}
    for new in provinces.new:
        kept = names[new.same_name_old_code]
        assert kept.split(" ")[-2:] == new.name.split(" ")[-2:]
        assert any(
            each.code == new.same_name_old_code and each.successor_code == new.code
            for each in provinces.old
        )


def test_minority_languages_are_not_foreign_except_khmer_and_lao() -> None:
    languages = load_languages()
    both = {code for code, each in languages.items() if each.foreign and each.minority}
    assert both == {"km", "lo"}
    assert languages["en"].foreign
    assert not languages["vi"].foreign
    assert not languages["tyz"].foreign
