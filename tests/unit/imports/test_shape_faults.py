"""All faults of one row's shape are told at once, each at its place."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta

from shared.imports.decoding import RowDecoder, RowError


class Part(msgspec.Struct, forbid_unknown_fields=True):
    code: Annotated[str, Meta(min_length=1, max_length=3)]
    until: dt.date | None = None


class Whole(msgspec.Struct, forbid_unknown_fields=True):
    number: int
    kind: Literal["a", "b"]
    parts: list[Part] = []
    first: Part | None = None
    flags: dict[str, bool] = {}
    pair: tuple[Part, ...] = ()
    few: Annotated[list[int], Meta(max_length=2)] = []


def faults(value: Any) -> list[tuple[str, str]]:
    with pytest.raises(RowError) as refused:
        RowDecoder(Whole).decode(msgspec.json.encode(value))
    assert refused.value.issues[0].code
    with pytest.raises(RowError) as again:
        RowDecoder(Whole).convert(value)
    assert again.value.issues == refused.value.issues
    return [(one.pointer, one.code) for one in refused.value.issues]


def test_faults_at_every_depth_are_told() -> None:
    value = {
        "number": "1",
        "parts": [{"code": "long"}, {"code": "ok", "until": "2020-02-31"}, {"until": 3, "x": 1}, 7],
        "first": {"code": ""},
        "flags": {"a": "yes"},
        "pair": [{"code": 1}],
        "few": [1, 2, 3],
        "more": 1,
    }
    assert faults(value) == [
        ("/number", "wrong_type"),
        ("/kind", "field_required"),
        ("/parts/0/code", "invalid_value"),
        ("/parts/1/until", "invalid_value"),
        ("/parts/2/code", "field_required"),
        ("/parts/2/until", "wrong_type"),
        ("/parts/2/x", "unknown_field"),
        ("/parts/3", "wrong_type"),
        ("/first/code", "invalid_value"),
        ("/flags", "wrong_type"),
        ("/pair/0/code", "wrong_type"),
        ("/few", "invalid_value"),
        ("/more", "unknown_field"),
    ]


def test_what_may_be_null_is_no_fault_and_what_may_not_is() -> None:
    good = {"number": 1, "kind": "a", "first": None, "parts": [{"code": "x", "until": None}]}
    assert RowDecoder(Whole).convert(good).first is None
    assert faults({**good, "number": None}) == [("/number", "wrong_type")]
    assert faults({**good, "parts": None}) == [("/parts", "wrong_type")]


@pytest.mark.parametrize("value", [[], "x", 7, None])
def test_a_row_that_is_no_object_has_one_fault(value: Any) -> None:
    assert faults(value) == [("", "wrong_type")]


def test_faults_of_one_row_are_bounded() -> None:
    value = {"number": 1, "kind": "a", "parts": [{"code": 1}] * 5_000}
    assert len(faults(value)) == 50
