"""A document that does not hold together is refused, and the refusal says why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from services.targets.plans.loading import (
    DOCUMENTS,
    DocumentError,
    load_languages,
    load_plan,
    load_plans,
    load_provinces,
)

PROVINCES = load_provinces()
TEXT = (DOCUMENTS / "daklak-2020.yaml").read_text(encoding="utf-8")


def document() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(TEXT)
    return content


def refused(content: dict[str, Any] | str) -> str:
    text = content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True)
    with pytest.raises(DocumentError) as caught:
        load_plan(text, PROVINCES, "x.yaml")
    assert str(caught.value).startswith("x.yaml: ")
    return str(caught.value)


def test_a_sixth_province_is_one_more_document(tmp_path: Path) -> None:
    content = document()
    content["id"] = "phutho-2026"
    content["body"]["agency_code"] = "H45"
    content["province"] = {
        "name": "Phú Thọ",
        "code_until_2025_06_30": "25",
        "code_from_2025_07_01": "25",
    }
    path = tmp_path / "phutho-2026.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    plans = load_plans(tmp_path)
    assert plans["phutho-2026"].body.agency_code == "H45"
    assert len(plans["phutho-2026"].indicators) == 10


def test_document_under_another_file_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other-2020.yaml").write_text(TEXT, encoding="utf-8")
    with pytest.raises(DocumentError, match="differs from the file's name"):
        load_plans(tmp_path)


def test_unknown_key_is_refused_with_its_place() -> None:
    content = document()
    content["indicators"][0]["cohort"]["grade"] = "senior"
    assert "grade" in (said := refused(content))
    assert "indicators" in said


@pytest.mark.parametrize(
    ("field", "value"),
    [("status", ["official"]), ("admin_level", ["huyen"]), ("leadership", "boss")],
)
def test_unknown_predicate_value_is_refused(field: str, value: object) -> None:
    content = document()
    content["indicators"][0]["cohort"][field] = value
    assert f"cohort.{field}" in refused(content)


def test_missing_key_is_refused() -> None:
    content = document()
    del content["indicators"][1]["source"]
    assert "source" in refused(content)


def test_every_fault_is_named_at_once() -> None:
    content = document()
    content["indicators"][0]["required_percent"] = 0
    content["indicators"][1]["required_level"] = 7
    content["body"]["agency_code"] = "no code"
    said = refused(content)
    assert "I1-2025: required_percent 0" in said
    assert "I2-2025: required_level 7" in said
    assert "body.agency_code" in said


@pytest.mark.parametrize("percent", [0, 101, -5])
def test_percent_out_of_range_is_refused(percent: int) -> None:
    content = document()
    content["indicators"][0]["required_percent"] = percent
    assert "must lie in 1..100" in refused(content)


def test_indicator_id_twice_is_refused() -> None:
    content = document()
    content["indicators"].append(content["indicators"][0])
    assert "id I1-2025 stands twice" in refused(content)


def test_clause_code_twice_is_refused() -> None:
    content = document()
    content["excludes"].append(content["excludes"][0])
    assert "clause FL_TEACHER stands twice" in refused(content)


@pytest.mark.parametrize(
    ("sentence", "fault"),
    [
        ("", "must be given"),
        ("viên chức đạt bậc 4", "does not say 60%"),
        ("60% viên chức đạt bậc 3", "does not say bậc 4"),
        ("60% viên chức đạt bậc 4 và ngoại ngữ chuyên ngành", "differ on"),
    ],
)
def test_source_sentence_must_bear_out_the_indicator(sentence: str, fault: str) -> None:
    content = document()
    content["indicators"][1]["source"]["sentence"] = sentence
    assert fault in refused(content)


def test_words_of_the_focus_must_stand_in_the_sentence() -> None:
    content = document()
    content["indicators"][0]["focus"]["words"] = "ưu tiên"
    assert "words of the focus" in refused(content)


def test_milestone_outside_the_plan_or_of_another_year_is_refused() -> None:
    content = document()
    content["indicators"][0]["milestone"] = content["indicators"][0]["milestone"].replace(year=2031)
    said = refused(content)
    assert "is not of the id's year" in said
    assert "outside the plan's period" in said


def test_neighbour_that_is_no_indicator_is_refused() -> None:
    content = document()
    content["indicators"][3]["qualifiers_may_extend_from"] = "I9-2025"
    content["indicators"][1]["leaders_indicator"] = "I2-2025"
    said = refused(content)
    assert "names I9-2025" in said
    assert "names I2-2025" in said


def test_reading_that_acts_on_the_plan_must_be_declared_where_it_acts() -> None:
    content = document()
    del content["readings"]["R3_leader_bracket_scope"]
    content["readings"]["R10_xa_wording"]["applies_to"] = ["I4-2025"]
    said = refused(content)
    assert "R3_leader_bracket_scope acts on this plan" in said
    assert "R10_xa_wording: the indicators make it act on I4-2025, I4-2030" in said


def test_readings_of_unknown_key_option_or_default_are_refused() -> None:
    content = document()
    content["readings"]["R99"] = {"options": ["a"], "default": "a"}
    content["readings"]["R7_age_reference_date"]["default"] = "yesterday"
    content["readings"]["L1_abolished_district"]["options"].append("plan_amended")
    said = refused(content)
    assert "no switch R99" in said
    assert "default yesterday is not among its options" in said
    assert "L1_abolished_district: no option plan_amended" in said


def test_cadre_scope_and_r11_go_together() -> None:
    content = document()
    content["readings"]["R11_cadre_scope"] = {"options": ["as_listed"], "default": "as_listed"}
    assert "go together" in refused(content)


def test_province_that_became_another_is_refused() -> None:
    content = document()
    content["province"]["code_until_2025_06_30"] = "54"
    content["province"]["code_from_2025_07_01"] = "54"
    assert "54 became 66, not 54" in refused(content)
    content["province"]["code_until_2025_06_30"] = "99"
    assert "no province 99" in refused(content)


def test_rules_that_cover_nobody_are_refused() -> None:
    content = document()
    content["applies"][0]["system"] = []
    content["applies"][1]["status"] = []
    said = refused(content)
    assert "an empty list covers nobody" in said
    assert "names no status" in said


def test_validity_out_of_range_is_refused() -> None:
    content = document()
    content["validity"] = [
        {"test": "IELTS", "months": 0, "certainty": "uncertain", "source": "x"},
        {"test": "IELTS", "months": 24, "certainty": "uncertain", "source": "x"},
    ]
    said = refused(content)
    assert "months must lie in 1..600" in said
    assert "test IELTS stands twice" in said


@pytest.mark.parametrize(
    "text", ["", "[1, 2]", "{unclosed", "? [a]\n: b\n", "id: !!python/object:x {}"]
)
def test_what_is_no_document_is_refused(text: str) -> None:
    refused(text)


def test_key_that_stands_twice_is_refused_rather_than_the_first_forgotten() -> None:
    assert "key 'id' stands twice" in refused(TEXT + "\nid: other-2020\n")


def test_language_twice_and_unknown_province_are_refused(tmp_path: Path) -> None:
    languages = tmp_path / "languages.yaml"
    entry = "- {code: en, name: {vi: a, en: b}, foreign: true}\n"
    languages.write_text(entry * 2, encoding="utf-8")
    with pytest.raises(DocumentError, match="language en stands twice"):
        load_languages(languages)
    provinces = tmp_path / "provinces.yaml"
    provinces.write_text(
        "old: [{code: '01', name: A, successor_code: '02'}, {code: '01', name: B, successor_code: '01'}]\n"
        "new: [{code: '01', name: A, same_name_old_code: '03'}]\n",
        encoding="utf-8",
    )
    with pytest.raises(DocumentError) as caught:
        load_provinces(provinces)
    assert len(caught.value.faults) == 3
