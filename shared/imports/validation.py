"""msgspec's sentences about one fault, as an issue with a JSON pointer."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from shared.contracts.problem import repeatable
from shared.imports.issues import Issue, issue

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


def from_validation(error: msgspec.ValidationError) -> Issue:
    """msgspec reports the first fault only, as a sentence that ends in a path."""
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
    for start, reason in _REASONS.items():
        if what.startswith(start):
            return reason
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
