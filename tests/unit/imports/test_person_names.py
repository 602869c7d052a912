"""What a name cannot be is found, however names are told apart from nearly all others in one look."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.imports.person_names import fault_of_name

LETTERS = "".join(
    chr(code)
    for code in range(0x41, 0x1EFA)
    if chr(code).isalpha() and (code < 0x1B1 or code > 0x1E9F)
)
BEYOND = "ź"
"""A Latin letter that no Vietnamese name has: a name with it gets the long look."""


@given(
    st.from_regex(r"[A-Za-zÀ-ỹ][A-Za-zÀ-ỹ0-9 .,'()\-]*", fullmatch=True), st.sampled_from(LETTERS)
)
def test_the_short_look_passes_only_what_the_long_look_passes(text: str, letter: str) -> None:
    name = "".join(char for char in letter + text if not char.isalpha() or char in LETTERS)
    if fault_of_name(name) is None:
        assert fault_of_name(name + BEYOND) is None
