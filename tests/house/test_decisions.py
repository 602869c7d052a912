"""Decisions are referred to by their number. Each says when it was made, whether it holds, and what keeps it true."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
HEAD = re.compile(
    r"# (?P<number>\d{4}) .+\n\nDecided (?P<day>\d{4}-\d{2}-\d{2})\. "
    r"Status: (?P<status>in force|replaced by (?P<by>\d{4}))\.\n\n"
)
KEPT = re.compile(r"\*\*Kept true by\*\*(?P<what>.*?)(?:\n\n|\Z)", re.DOTALL)


def contracts() -> set[str]:
    configured = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return {each["id"] for each in configured["tool"]["importlinter"]["contracts"]}


def test_every_decision_has_a_number_of_its_own() -> None:
    numbers = Counter(path.name[:4] for path in DECISIONS)
    assert [number for number, times in numbers.items() if times > 1] == []
    assert sorted(numbers) == [f"{number:04d}" for number in range(1, len(DECISIONS) + 1)]


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.name[:4])
def test_a_decision_says_when_it_was_made_and_whether_it_holds(path: Path) -> None:
    head = HEAD.match(path.read_text())
    assert head is not None, "title, then: Decided 2026-11-23. Status: in force."
    assert head["number"] == path.name[:4]
    assert dt.date.fromisoformat(head["day"]) >= dt.date(2026, 11, 1)
    if head["by"]:
        assert list(path.parent.glob(f"{head['by']}-*.md"))


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.name[:4])
def test_what_keeps_a_decision_true_is_there(path: Path) -> None:
    """A test by its path, or an import contract by its id."""
    kept = KEPT.search(path.read_text())
    assert kept is not None, "**Kept true by** `tests/…`"
    named = re.findall(r"`([^`]+)`", kept["what"])
    keepers = [each for each in named if each.startswith("tests/") or each in contracts()]
    assert keepers
    for each in keepers:
        assert each in contracts() or list(ROOT.glob(each)), each
