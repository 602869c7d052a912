"""Decisions are referred to by their number: each has one of its own, in its name and in its title."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

DECISIONS = sorted((Path(__file__).parents[2] / "docs" / "decisions").glob("*.md"))


def test_every_decision_has_a_number_of_its_own() -> None:
    numbers = Counter(path.name[:4] for path in DECISIONS)
    assert [number for number, times in numbers.items() if times > 1] == []
    assert sorted(numbers) == [f"{number:04d}" for number in range(1, len(DECISIONS) + 1)]
    for path in DECISIONS:
        assert path.read_text().startswith(f"# {path.name[:4]} ")
