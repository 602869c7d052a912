"""Refusals are read by people: whole sentences, whatever they begin with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.problem import sentence


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("điểm phải từ 0 đến 10", "Điểm phải từ 0 đến 10."),
        ("Chỉ được gồm chữ số.", "Chỉ được gồm chữ số."),
        ("citizen_id or identity is needed", "citizen_id or identity is needed."),
        ("why?", "Why?"),
        ("", ""),
    ],
)
def test_a_text_becomes_a_sentence(text: str, read: str) -> None:
    assert sentence(text) == read


@given(st.text(max_size=40))
def test_a_sentence_stays_as_it_is(text: str) -> None:
    assert sentence(sentence(text)) == sentence(text)
