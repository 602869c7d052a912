"""Whatever is given as a cursor is one of ours or refused; nothing in it is an unexpected error."""

from __future__ import annotations

import base64
import contextlib
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.problem import CursorUnknown
from shared.feed.cursors import decode_cursor, encode_cursor
from shared.listing.pages import RowNumber, decode_page_cursor, encode_page_cursor

FEED = UUID(int=7)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


def packed(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@given(st.text() | st.binary().map(packed) | JSON.map(msgspec.json.encode).map(packed))
def test_any_text_is_a_key_of_the_asked_types_or_refused(cursor: str) -> None:
    for types in ((str,), (RowNumber, str), (UUID,)):
        with contextlib.suppress(CursorUnknown):
            key = decode_page_cursor(cursor, *types)
            assert key is None or len(key) == len(types)
    with contextlib.suppress(CursorUnknown):
        decode_cursor(FEED, cursor)


@pytest.mark.parametrize("depth", [2_000, 100_000])
@pytest.mark.parametrize("form", [b"[%b", b"[%b]"])
def test_a_nested_cursor_is_refused(depth: int, form: bytes) -> None:
    inside = b"[" * depth + (b"]" * depth if form.endswith(b"]") else b"")
    with pytest.raises(CursorUnknown):
        decode_page_cursor(packed(form % inside), str)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_a_cursor_of_ours_comes_back_as_it_was(code: str) -> None:
    assert decode_page_cursor(encode_page_cursor(code), str) == (code,)


@given(st.integers(0, 2**63 - 1))
def test_a_feed_s_cursor_comes_back_as_it_was(position: int) -> None:
    assert decode_cursor(FEED, encode_cursor(FEED, position)) == position
