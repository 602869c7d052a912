"""One JSON row from bytes, with its faults put as issues with JSON pointers."""

from __future__ import annotations

import re
from typing import Any, Final, Generic, TypeVar

import msgspec

from shared.contracts.problem import repeatable
from shared.imports.issues import Issue, issue
from shared.imports.legacy_text import LegacyEncoding, from_legacy
from shared.imports.repeated_keys import repeated_key

T = TypeVar("T")

_PATH: Final = re.compile(r"(?:^(?P<what>.*) - at `\$(?P<path>[^`]*)`$)|(?P<whole>^.*$)", re.DOTALL)
_STEP: Final = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_NAMED: Final = re.compile(r"`([^`]*)`")
_FORM: Final = re.compile(r"Expected `str` matching regex '\^(?:\[0-9\]\{(?P<digits>\d+)\})?")
# msgspec's names of types and its sentences, in words.
_KINDS: Final = {
    "str": ("chuỗi ký tự", "text"),
    "int": ("số nguyên", "a whole number"),
    "float": ("số", "a number"),
    "decimal": ("số", "a number"),
    "bool": ("true hoặc false", "true or false"),
    "date": ("ngày dạng YYYY-MM-DD", "a day as YYYY-MM-DD"),
    "object": ("đối tượng", "an object"),
    "array": ("danh sách", "a list"),
    "null": ("null", "null"),
}
_ANOTHER: Final = ("kiểu khác", "another type")
_REASONS: Final = {
    "Invalid RFC3339 encoded date": ("không phải ngày dạng YYYY-MM-DD", "not a day as YYYY-MM-DD"),
    "Invalid UUID": ("không phải UUID", "not a UUID"),
    "Number out of range": ("số ngoài phạm vi", "a number out of range"),
}
_BOUND: Final = re.compile(r"`(?P<length> of length)? (?P<sign>[<>]=?) (?P<limit>[0-9.e+-]+)")


class RowError(Exception):
    """The row cannot be decoded; carries what is wrong with it."""

    def __init__(self, found: Issue) -> None:
        super().__init__(found.code)
        self.issue = found


def from_validation(error: msgspec.ValidationError) -> Issue:
    """msgspec tells the first fault only, as a sentence ending in a path."""
    match = _PATH.match(str(error))
    assert match is not None
    what = match["what"] if match["what"] is not None else match["whole"]
    # msgspec writes [...] for a key of a dictionary: the pointer ends at the dictionary then.
    path = (match["path"] or "").partition("[...]")[0]
    pointer = "".join("/" + (name or index) for name, index in _STEP.findall(path))
    named = _NAMED.findall(what)
    if what.startswith("Object missing required field"):
        return issue("field_required", f"{pointer}/{named[0]}")
    if what.startswith("Object contains unknown field"):
        return issue("unknown_field", f"{pointer}/{repeatable(named[0])}")
    if what.startswith("Invalid enum value"):
        return issue("not_in_list", pointer)
    form = _FORM.match(what)
    if form is not None and form["digits"]:
        return issue("code_wrong_length", pointer, length=int(form["digits"]))
    if form is not None:
        return issue("wrong_form", pointer)
    if what.startswith("Expected") and ", got" in what and named:
        vi, en = zip(*(_KINDS.get(kind, _ANOTHER) for kind in named[0].split(" | ")), strict=True)
        return issue(
            "wrong_type", pointer, expected_vi=" hoặc ".join(vi), expected_en=" or ".join(en)
        )
    vi_reason, en_reason = _reason(what)
    return issue("invalid_value", pointer, reason_vi=vi_reason, reason_en=en_reason)


def _reason(what: str) -> tuple[str, str]:
    for start, said in _REASONS.items():
        if what.startswith(start):
            return said
    bound = _BOUND.search(what)
    if bound is None:
        return "sai quy định", "it is not allowed"
    limit, upper = bound["limit"], bound["sign"].startswith("<")
    if bound["length"] is None:
        return (
            (f"lớn hơn {limit}", f"above {limit}") if upper else (f"dưới {limit}", f"below {limit}")
        )
    vi, en = ("ký tự", "characters") if "`str`" in what else ("phần tử", "items")
    if upper:
        return f"dài quá {limit} {vi}", f"longer than {limit} {en}"
    return f"ngắn hơn {limit} {vi}", f"shorter than {limit} {en}"


def unstorable_character(value: Any, pointer: str = "") -> Issue | None:
    """The first NUL or lone surrogate in any text of the row: no database can keep them."""
    if isinstance(value, str):
        if "\x00" in value:
            return issue("control_character", pointer)
        if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
            return issue("invalid_character", pointer)
        return None
    parts: Any = ()
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list):
        parts = enumerate(value)
    for key, part in parts:
        found = unstorable_character(key, pointer) if isinstance(key, str) else None
        found = found or unstorable_character(part, f"{pointer}/{key}")
        if found is not None:
            return found
    return None


def _from_legacy_deep(value: Any, encoding: LegacyEncoding) -> Any:
    if isinstance(value, str):
        return from_legacy(value, encoding)
    if isinstance(value, list):
        return [_from_legacy_deep(part, encoding) for part in value]
    if isinstance(value, dict):
        return {key: _from_legacy_deep(part, encoding) for key, part in value.items()}
    return value


class RowDecoder(Generic[T]):
    """Decodes rows to ``shape``; every fault is a ``RowError``."""

    def __init__(self, shape: type[T], encoding: LegacyEncoding | None = None) -> None:
        self._shape = shape
        self._encoding = encoding
        self._typed = msgspec.json.Decoder(shape)
        self._plain = msgspec.json.Decoder()

    def decode(self, raw: bytes) -> T:
        try:
            # The typed reading comes first, because it says best where a fault lies.
            typed = self._typed.decode(raw) if self._encoding is None else None
            plain = self._plain.decode(raw)
            twice = repeated_key(raw, plain)
            if twice is not None:
                raise RowError(issue("key_repeated", twice))
            # Only an escape can bring a NUL in: a bare one is malformed JSON already.
            if b"\\u0000" in raw:
                found = unstorable_character(plain)
                if found is not None:
                    raise RowError(found)
            if self._encoding is None:
                assert typed is not None
                return typed
            return self.convert(_from_legacy_deep(plain, self._encoding))
        except msgspec.ValidationError as error:
            raise RowError(from_validation(error)) from error
        except UnicodeDecodeError as error:
            raise RowError(issue("row_not_utf8")) from error
        except (msgspec.DecodeError, RecursionError) as error:
            raise RowError(issue("row_malformed")) from error

    def loosely(self, raw: bytes) -> Any:
        """Whatever JSON the row is, of any shape; null if it is none."""
        try:
            return self._plain.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    def convert(self, value: Any) -> T:
        """The same for a row of a sheet, already in JSON's shape."""
        try:
            return msgspec.convert(value, self._shape)
        except msgspec.ValidationError as error:
            raise RowError(from_validation(error)) from error
