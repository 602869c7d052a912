"""JSON arrays and NDJSON: rows come out the same however the bytes are cut."""

from __future__ import annotations

import json
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.imports.errors import (
    BodyEncodingUnreadable,
    BodyTooLarge,
    JsonArrayMalformed,
    UnsupportedMediaType,
)
from shared.imports.json_array import ArrayScanner
from shared.imports.limits import Limits
from shared.imports.reading import rows

NASTY = st.text(alphabet=st.sampled_from(list('"\\{}[],:  aễ\n\u0001')), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | NASTY,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NASTY, inner, max_size=4),
    max_leaves=25,
)


def scan(body: bytes, cuts: list[int], limit: int = 1 << 20) -> list[bytes | None]:
    scanner = ArrayScanner(limit)
    out: list[bytes | None] = []
    start = 0
    for cut in [*sorted(cut % (len(body) + 1) for cut in cuts), len(body)]:
        out += scanner.feed(body[start:cut])
        start = cut
    scanner.close()
    return out


@settings(max_examples=60)
@given(
    values=st.lists(VALUES, max_size=8),
    cuts=st.lists(st.integers(0, 10_000), max_size=12),
    indent=st.none() | st.integers(0, 2),
    ascii_only=st.booleans(),
)
def test_elements_are_the_same_for_every_cut(
    values: list[Any], cuts: list[int], indent: int | None, ascii_only: bool
) -> None:
    body = json.dumps(values, indent=indent, ensure_ascii=ascii_only).encode()
    found = scan(body, cuts)
    assert [json.loads(element) for element in found if element is not None] == values


@settings(max_examples=20)
@given(values=st.lists(st.dictionaries(NASTY, NASTY, max_size=3), min_size=1, max_size=3))
def test_every_single_byte_may_be_a_chunk(values: list[Any]) -> None:
    body = json.dumps(values).encode()
    found = scan(body, list(range(len(body))))
    assert [json.loads(element) for element in found if element is not None] == values


@settings(max_examples=60)
@given(
    sizes=st.lists(st.integers(0, 300), min_size=1, max_size=10),
    cuts=st.lists(st.integers(0, 10_000), max_size=12),
    filler=st.sampled_from(["x", '"', "\\", "{", "]", ","]),
)
def test_an_element_over_the_limit_is_dropped_alone(
    sizes: list[int], cuts: list[int], filler: str
) -> None:
    elements = [json.dumps({"t": filler * size}).encode() for size in sizes]
    found = scan(b"[" + b",".join(elements) + b"]", cuts, limit=120)
    assert found == [element if len(element) <= 120 else None for element in elements]


def test_depth_beyond_the_fast_way_is_read_too() -> None:
    deep: Any = 1
    for _ in range(30):
        deep = {"a": [deep, "]}"]}
    body = json.dumps([deep, {"b": 2}, deep]).encode()
    assert [json.loads(element or b"") for element in scan(body, [50, 99])] == [
        deep,
        {"b": 2},
        deep,
    ]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "empty"),
        (b"   ", "empty"),
        (b'{"a": 1}', "must be a JSON array"),
        (b'[{"a": 1}', "ends early, after 0"),
        (b'[{"a": 1}, {"b": "', "ends early, after 1"),
        (b'[{"a": 1}] []', "more after"),
        (b'[{"a": 1}}]', "stray"),
    ],
)
async def test_a_broken_array_is_refused_by_name(read: Any, body: bytes, sentence: str) -> None:
    with pytest.raises(JsonArrayMalformed) as refusal:
        await read(body, "application/json")
    assert sentence in refusal.value.detail_en


async def test_rows_before_a_cut_have_been_given(read: Any) -> None:
    seen = []

    async def stream() -> Any:
        yield b'[{"a": 1}, {"a": 2}, {"a'

    with pytest.raises(JsonArrayMalformed):
        async for item in rows(stream(), "application/json"):
            seen.append(item.value)
    assert seen == [{"a": 1}, {"a": 2}]


async def test_broken_elements_are_row_problems(read: Any) -> None:
    body = b'[{"a": 1}, {"a": }, {"a": 2} {"a": 3}, , {"a": 4},]'
    items = await read(body, "application/json")
    assert [(item.number, hasattr(item, "value")) for item in items] == [
        (1, True), (2, False), (3, False), (4, False), (5, True), (6, False),
    ]  # fmt: skip
    assert {item.issues[0].code for item in items if not hasattr(item, "value")} == {
        "row_malformed"
    }


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("media_type", ["application/json", "application/x-ndjson"])
async def test_other_unicode_forms_are_named(read: Any, codec: str, media_type: str) -> None:
    with pytest.raises(BodyEncodingUnreadable):
        await read('[{"a": "Nguyễn"}]'.encode(codec), media_type)


@pytest.mark.parametrize("piece", [1, 3, 100])
async def test_a_byte_order_mark_is_no_matter(read: Any, piece: int) -> None:
    assert (await read(b'\xef\xbb\xbf[{"a":1}]', "application/json", piece=piece))[0].value == {
        "a": 1
    }
    assert (await read(b'\xef\xbb\xbf{"a":1}\n', "application/x-ndjson", piece=piece))[0].value == {
        "a": 1
    }


class Sheet(msgspec.Struct, forbid_unknown_fields=True):
    number: str
    scores: dict[str, float] = {}
    kinds: list[int] = []
    citizen_id: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{12}(?![\s\S])")] | None = None
    country: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}(?![\s\S])")] = "VN"


@pytest.mark.parametrize(
    ("line", "code", "pointer"),
    [
        (b'{"number": "1"', "row_malformed", ""),
        (b'{"scores": {}}', "field_required", "/number"),
        (b'{"number": 1}', "wrong_type", "/number"),
        (b'{"number": "1", "x": 1}', "unknown_field", "/x"),
        (b'{"number": "1", "kinds": [1, "b"]}', "wrong_type", "/kinds/1"),
        (b'{"number": "1", "scores": {"a": 1e999}}', "invalid_value", "/scores"),
        (b'{"number": "1", "citizen_id": "38190000001"}', "code_wrong_length", "/citizen_id"),
        (b'{"number": "1", "country": "vn"}', "wrong_form", "/country"),
        (b'{"number": "a\\u0000b"}', "control_character", "/number"),
        (b'{"number": "a\\ud800"}', "row_malformed", ""),
        (b'{"number": "\xff"}', "row_not_utf8", ""),
        (b'{"number": "\xed\xa0\x80"}', "row_not_utf8", ""),
        (b'{"number": "a\x00b"}', "row_malformed", ""),
        (b'"text"', "wrong_type", ""),
    ],
)
async def test_a_bad_line_is_one_row_problem(
    read: Any, line: bytes, code: str, pointer: str
) -> None:
    body = b'{"number": "1"}\n' + line + b'\n\n  \n{"number": "2"}'
    first, bad, last = await read(body, "application/x-ndjson", shape=Sheet)
    assert (first.number, first.place, first.value) == (1, 1, Sheet("1"))
    assert (bad.number, bad.place) == (2, 2)
    assert (bad.issues[0].code, bad.issues[0].pointer) == (code, pointer)
    assert bad.issues[0].message_vi
    assert bad.issues[0].message_en
    # Blank lines have a place, but no number.
    assert (last.number, last.place) == (3, 5)


async def test_absurd_depth_is_a_row_problem(read: Any) -> None:
    (bad,) = await read(b'{"a": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", "application/x-ndjson")
    assert bad.issues[0].code == "row_malformed"


def test_a_backslash_before_u0000_is_plain_text() -> None:
    from shared.imports.decoding import RowDecoder

    assert RowDecoder(dict).decode(b'{"a": "\\\\u0000"}') == {"a": "\\u0000"}


@pytest.mark.parametrize("piece", [1, 7, 4096])
async def test_long_lines_are_dropped_as_they_come(read: Any, piece: int) -> None:
    body = b'{"a":1}\n{"a":"' + b"x" * 5000 + b'"}\r\n{"a":2}\r\n'
    first, bad, last = await read(
        body,
        "application/x-ndjson",
        piece=piece,
        limits=Limits(max_row_bytes=1000, chunk_bytes=512),
    )
    assert (first.value, last.value) == ({"a": 1}, {"a": 2})
    assert bad.issues[0].code == "row_too_large"
    assert (bad.number, last.number) == (2, 3)


async def test_a_body_over_its_limit_is_refused(read: Any) -> None:
    with pytest.raises(BodyTooLarge) as refusal:
        await read(
            b"[" + b" " * 5000 + b"]", "application/json", limits=Limits(max_body_bytes=4000)
        )
    assert refusal.value.status == 413


@pytest.mark.parametrize(
    "media_type", ["", "text/plain", "application/xml", "text/csv", "multipart/form-data"]
)
def test_other_media_types_are_refused_before_the_body_is_touched(media_type: str) -> None:
    with pytest.raises(UnsupportedMediaType) as refusal:
        rows(None, media_type)  # type: ignore[arg-type]
    assert refusal.value.status == 415
    assert "application/x-ndjson" in refusal.value.detail_vi


async def test_media_type_parameters_and_case_are_understood(read: Any) -> None:
    assert len(await read(b"[1]", 'Application/JSON; charset="UTF-8"', shape=int)) == 1
    with pytest.raises(BodyEncodingUnreadable):
        await read(b"[1]", "application/json; charset=windows-1258")


async def test_legacy_text_in_json_is_converted_on_demand(read: Any) -> None:
    body = '[{"name": "NguyÔn V¨n A", "codes": ["CB-01"]}]'.encode()
    (row,) = await read(body, "application/json", encoding="tcvn3")
    assert row.value == {"name": "Nguyễn Văn A", "codes": ["CB-01"]}
