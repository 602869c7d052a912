"""What a header such as Accept asks for."""

from __future__ import annotations

import pytest

from shared.contracts.accept import wishes_in
from shared.contracts.problem import preferred_language


@pytest.mark.parametrize(
    ("header", "wishes"),
    [
        (None, [("", 1.0)]),
        ("text/html", [("text/html", 1.0)]),
        ("Text/HTML;level=1;q=0.4, */*;q=0", [("text/html", 0.4), ("*/*", 0.0)]),
        ("text/csv; q = 0.5 ", [("text/csv", 0.5)]),
        ("text/html;q=2,text/csv;q=x", [("text/html", None), ("text/csv", None)]),
        ("text/csv;charset=utf-8", [("text/csv", 1.0)]),
    ],
)
def test_names_come_in_order_with_their_weights(
    header: str | None, wishes: list[tuple[str, float | None]]
) -> None:
    assert list(wishes_in(header)) == wishes


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "vi"),
        ("en", "en"),
        ("en-GB;q=0.9, vi;q=0.8", "en"),
        ("en, vi", "vi"),
        ("vi;q=0, en;q=0.1", "en"),
        ("en;q=9", "vi"),
        ("fr", "vi"),
    ],
)
def test_english_is_spoken_where_it_outweighs_vietnamese(header: str | None, language: str) -> None:
    assert preferred_language(header) == language
