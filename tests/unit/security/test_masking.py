"""One rule for both services: a number read in the register and in the directory looks the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.security.masking import is_masked, masked
from shared.security.principal import Principal


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("038085000001", "********0001"),
        ("012345678", "*****5678"),
        ("C1234567", "****4567"),
        ("B12345", "***345"),
        ("A1234", "***34"),
        ("1234", "****"),
        ("1", "*"),
        ("", ""),
    ],
)
def test_the_last_four_are_shown_but_never_more_than_half(number: str, shown: str) -> None:
    assert masked(number) == shown


@given(st.text("0123456789ABC", min_size=1, max_size=40))
def test_what_is_masked_is_known_as_such_and_nothing_else_is(number: str) -> None:
    assert is_masked(masked(number))
    assert not is_masked(number)
    assert len(masked(number)) == len(number)


@pytest.mark.parametrize(
    "text", ["", "*38085000001", "***********1", "*********0*1", "0380850000**"]
)
def test_stars_in_other_places_are_no_masked_number(text: str) -> None:
    assert not is_masked(text)


def test_whole_numbers_are_for_those_with_the_scope() -> None:
    clerk = Principal(subject="a", role="agency", agency="H56")
    trusted = Principal(subject="b", role="auditor", extra_scopes=frozenset({"pii:read"}))
    assert clerk.shown_number("038085000001") == "********0001"
    assert trusted.shown_number("038085000001") == "038085000001"
