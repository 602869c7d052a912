"""The catalogues in docs/ say what the code says."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.catalogues import CATALOGUES, DOCS, problem_classes


@pytest.mark.parametrize("name", sorted(CATALOGUES))
def test_the_catalogue_is_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text() == CATALOGUES[name](), "run `make docs`"


def test_one_code_has_one_status_and_one_title() -> None:
    meanings = defaultdict(set)
    for kind in problem_classes():
        meanings[kind.code].add((kind.status, kind.title_vi, kind.title_en))
    assert {code: said for code, said in meanings.items() if len(said) > 1} == {}
