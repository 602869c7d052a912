"""The glossary owns the words: a code term it names is used in the code."""

from __future__ import annotations

import re
from pathlib import Path

from tests.house.source_rules import PRODUCT

ROOT = Path(__file__).parents[2]


def code_terms() -> set[str]:
    terms: set[str] = set()
    for line in (ROOT / "docs" / "glossary.md").read_text().splitlines():
        cells = line.split("|")
        if len(cells) == 6:
            terms |= set(re.findall(r"`([^`]+)`", cells[4]))
    return terms


def test_every_code_term_of_the_glossary_occurs_in_the_code() -> None:
    code = "\n".join(path.read_text() for top in PRODUCT for path in (ROOT / top).rglob("*.py"))
    words = set(re.findall(r"[A-Za-z_]+", code))
    assert len(code_terms()) > 40
    assert code_terms() - words == set()
