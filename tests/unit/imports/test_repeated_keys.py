"""Keys that stand twice in one object, wherever the object lies."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.imports.decoding import RowDecoder, RowError
from shared.imports.repeated_keys import repeated_key

TEXT = st.text(alphabet='ab:"\\\\{}[],é', max_size=6)
VALUES = st.recursive(
    st.none() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, st.sampled_from([None, 1]))
def test_what_is_written_from_an_object_repeats_no_key(value: object, indent: int | None) -> None:
    assert repeated_key(json.dumps(value, indent=indent).encode(), value) is None


@given(st.lists(st.tuples(TEXT, VALUES), min_size=1, max_size=4), st.data())
def test_a_repetition_is_found_wherever_it_stands(
    pairs: list[tuple[str, object]], data: st.DataObject
) -> None:
    twice = data.draw(st.sampled_from(pairs))
    members = [*dict(pairs).items(), twice]
    inner = ", ".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in members)
    for form in ("{%s}", '{"outer": [1, {%s}]}', "[{%s}]"):
        raw = (form % inner).encode()
        assert repeated_key(raw, json.loads(raw)) is not None


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (b'{"a": 1, "a": 2}', "/a"),
        (b'{"a": 1, "\\u0061": 2}', "/a"),
        (b'{"x": {"a": ":", "b": [{"c": 1, "c": 1}]}}', "/x/b/0/c"),
        ('{"Nguyễn Văn A": 1, "Nguyễn Văn A": 2}'.encode(), "/*"),
    ],
)
def test_the_pointer_names_the_key_and_no_person(raw: bytes, pointer: str) -> None:
    assert repeated_key(raw, json.loads(raw)) == pointer
    with pytest.raises(RowError) as refused:
        RowDecoder(dict).decode(raw)
    assert (refused.value.issues[0].code, refused.value.issues[0].pointer) == (
        "key_repeated",
        pointer,
    )
