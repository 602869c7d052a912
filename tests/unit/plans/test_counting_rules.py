"""What a reading does is written down where a reader looks for it, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.targets.plans.loading import load_plans
from services.targets.plans.readings import CATALOGUE
from services.targets.progress.layout import member_list

PAGE = (Path(__file__).parents[3] / "docs" / "counting.md").read_text()
SECTIONS = {
    section.partition("\n")[0]: section
    for section in PAGE.partition("## Readings")[2].split("### ")
}


@pytest.mark.parametrize("key", CATALOGUE)
def test_every_reading_is_explained_with_each_option_in_both_languages(key: str) -> None:
    reading, section = CATALOGUE[key], SECTIONS[key]
    assert f"{reading.question} / {reading.question_en}" in section
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    expected = []
    for option, meaning in reading.meanings.items():
        note = " (default)" if option == reading.default else ""
        note = " (not available)" if option in reading.unavailable else note
        expected.append(f"| `{option}`{note} | {meaning.vi} | {meaning.en} |")
    assert rows == expected


@pytest.mark.parametrize("key", CATALOGUE)
def test_the_indicators_that_raise_a_reading_are_named(key: str) -> None:
    raised = SECTIONS[key].partition("Raised by: ")[2]
    declared = [plan.readings[key] for plan in load_plans().values() if key in plan.readings]
    if raised.startswith("every plan"):
        assert len(declared) == len(load_plans())
        assert {each.applies_to for each in declared} == {None}
    else:
        assert len(raised.split(";")) == len(declared)
        for each in declared:
            assert ", ".join(each.applies_to or ()) in raised


def test_every_reason_in_a_list_is_explained() -> None:
    for plan in load_plans().values():
        reasons = next(each for each in member_list(plan).columns if each.field == "reason").kind
        clauses = {each.code for each in plan.excludes}
        for option in reasons.options:  # type: ignore[union-attr]
            assert option.value in clauses or f"| `{option.value}` | {option.vi} |" in PAGE
