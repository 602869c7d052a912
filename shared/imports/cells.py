"""What a cell says, made certain: one value in JSON's terms, or an issue.

Where a reader could not be sure the cell is refused; where something was mended it is told.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

from shared.imports import dates
from shared.imports.issues import Issue, issue, not_in_list
from shared.imports.layout import (
    Boolean,
    Choice,
    Code,
    Date,
    Integer,
    Kind,
    Number,
    Text,
    YearOrDate,
    folded_case,
)
from shared.imports.legacy_text import LABELS, LegacyEncoding, from_legacy, suspected, unknown_to


class NumberCell(NamedTuple):
    """A number as the file spells it. ``is_date``: its format shows it as a date."""

    digits: str
    is_date: bool = False


class ErrorCell(NamedTuple):
    code: str


class TextCell(NamedTuple):
    """Text in a font that tells its encoding: ``.VnTimeH`` draws small letters as capitals."""

    text: str
    font: str


Cell = str | bool | NumberCell | TextCell | ErrorCell | None


class Context(NamedTuple):
    """What the file says about all its cells."""

    encoding: LegacyEncoding | None = None
    epoch_1904: bool = False


_YES: Final = frozenset({"x", "v", "có", "co", "đúng", "yes", "y", "true", "1", "✓", "✔", "☑", "☒"})
_NO: Final = frozenset({"không", "khong", "ko", "k", "sai", "no", "n", "false", "0", "-", "☐"})
_SPACES: Final = re.compile(r"[\s\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_FULL_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
# The Icelandic and the African letter look like Đ in every font and are typed for it.
_CLEAN: Final[dict[int, Any]] = {**_INVISIBLE, **_FULL_WIDTH, 0xD0: "Đ", 0xF0: "đ", 0x189: "Đ"}
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff\ufffe\uffff]")
_LOST: Final = re.compile(r"[^\W\d_]\?+[^\W\d_]|\ufffd")
_EXPONENT: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+")
_MASKED: Final = re.compile(r"\*+\d*")
_CODE_FILLERS: Final = re.compile(r"[\s.'’`\-]")
_INTEGER: Final = re.compile(r"[+-]?\d{1,15}")
_THOUSANDS: Final = re.compile(r"[+-]?\d{1,3}(?:[.,\s]\d{3})+")
_DECIMAL: Final = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,15})?")
# The guard that exports put before text a spreadsheet would take for a formula.
_GUARDED: Final = re.compile(r"'(?=[=+\-@])")


def clean_text(text: str) -> str:
    """NFC, full-width letters to plain ones, invisible characters out, every space single."""
    if text.isascii():
        return " ".join(text.split())
    composed = unicodedata.normalize("NFC", text).translate(_CLEAN)
    return _SPACES.sub(" ", composed).strip()


def is_blank(cell: Cell) -> bool:
    if cell is None:
        return True
    text = cell if isinstance(cell, str) else cell.text if isinstance(cell, TextCell) else None
    return text is not None and (not text or not clean_text(text))


def read_text(cell: str | TextCell, pointer: str, context: Context, found: list[Issue]) -> str:
    """Clean Unicode text of a text cell; issues are added to ``found``."""
    raw, font = (cell.text, cell.font) if isinstance(cell, TextCell) else (cell, "")
    if raw.isascii() and raw.isprintable() and "?" not in raw and not font:
        return " ".join(raw.split())
    if _CONTROL.search(raw):
        found.append(issue("control_character", pointer))
        return ""
    if not raw.isascii() and _SURROGATE.search(raw):
        found.append(issue("invalid_character", pointer))
        return ""
    if context.encoding is not None:
        if unknown_to(raw, context.encoding):
            label = LABELS[context.encoding]
            found.append(issue("legacy_character_unknown", pointer, encoding=label))
        capitals = font.startswith(".Vn") and font.endswith("H")
        raw = from_legacy(raw, context.encoding, capitals=capitals)
    elif not raw.isascii():
        looks_like = suspected(unicodedata.normalize("NFC", raw))
        if looks_like is not None:
            label = LABELS[looks_like]
            found.append(issue("legacy_encoding_suspected", pointer, encoding=label))
            return _SPACES.sub(" ", raw).strip()
    if _LOST.search(raw):
        found.append(issue("characters_lost", pointer))
    return clean_text(raw)


def read_cell(
    cell: Cell, kind: Kind, pointer: str, context: Context, found: list[Issue]
) -> Any | None:
    """The value, or ``None`` for an empty or refused cell (then ``found`` has an error more)."""
    if cell is None:
        return None
    if isinstance(cell, ErrorCell):
        found.append(issue("cell_error", pointer))
        return None
    if isinstance(cell, str | TextCell):
        if context.encoding is not None and isinstance(kind, Boolean | Choice):
            # Chosen from a template's list it is Unicode, whatever the names beside it are.
            plain = clean_text(cell if isinstance(cell, str) else cell.text)
            chosen = _from_text(plain, kind, pointer, []) if plain else None
            if chosen is not None:
                return chosen
        text = read_text(cell, pointer, context, found)
        return _from_text(text, kind, pointer, found) if text else None
    if isinstance(cell, bool):
        return _from_boolean(cell, kind, pointer, found)
    return _from_number(cell, kind, pointer, context, found)


def _from_boolean(cell: bool, kind: Kind, pointer: str, found: list[Issue]) -> Any | None:
    if isinstance(kind, Boolean):
        return cell
    return _from_text("true" if cell else "false", kind, pointer, found)


def _from_text(text: str, kind: Kind, pointer: str, found: list[Issue]) -> Any | None:
    match kind:
        case Text():
            return _limited(_GUARDED.sub("", text, count=1), kind.max_length, pointer, found)
        case Code():
            return _code_from_text(text, kind, pointer, found)
        case Date():
            return _date(text, pointer, found)
        case YearOrDate():
            return _year_or_date(text, pointer, found)
        case Boolean():
            return _boolean(text, pointer, found)
        case Integer():
            return _integer(text, pointer, found)
        case Number():
            return _number(text, pointer, found)
        case Choice():
            value = kind.find(text)
            if value is None:
                options = kind.options
                vi, en = [one.vi for one in options], [one.en for one in options]
                found.append(not_in_list(pointer, vi, en))
            return value


def _from_number(
    cell: NumberCell, kind: Kind, pointer: str, context: Context, found: list[Issue]
) -> Any | None:
    try:
        value = Decimal(cell.digits)
    except InvalidOperation:
        found.append(issue("not_number", pointer))
        return None
    if not value.is_finite() or abs(value.adjusted()) > 300:
        found.append(issue("not_number", pointer))
        return None
    match kind:
        case Date():
            return _serial(value, context, pointer, found)
        case YearOrDate():
            whole = value == value.to_integral_value()
            if not cell.is_date and whole and dates.FIRST_YEAR <= value <= dates.LAST_YEAR:
                return f"{int(value):04}"
            return _serial(value, context, pointer, found)
        case Code() if cell.is_date:
            found.append(issue("text_became_date", pointer))
            return None
        case Code():
            return _code_from_number(cell.digits, value, kind, pointer, found)
        case Text() | Choice() if cell.is_date:
            found.append(issue("text_became_date", pointer))
            return None
        case Number():
            return _fifteen_digits(value)
        case _:
            plain = _fifteen_digits(value)
            return _from_text(f"{plain:f}", kind, pointer, found)


def _fifteen_digits(value: Decimal) -> Decimal:
    """The decimal that Excel shows: its files spell 7.1 as 7.0999999999999996."""
    if not value:
        return Decimal(0)
    shift = value.adjusted() - 14
    rounded = value.quantize(Decimal((0, (1,), shift)), ROUND_HALF_EVEN).normalize()
    exponent = rounded.as_tuple().exponent
    return (
        rounded.quantize(Decimal(1)) if isinstance(exponent, int) and 0 < exponent < 20 else rounded
    )


def _limited(text: str, limit: int, pointer: str, found: list[Issue]) -> str | None:
    if len(text) > limit:
        found.append(issue("text_too_long", pointer, limit=limit))
        return None
    return text


def _code_from_text(text: str, kind: Code, pointer: str, found: list[Issue]) -> str | None:
    if _EXPONENT.fullmatch(text):
        found.append(issue("precision_lost", pointer))
        return None
    text = _GUARDED.sub("", text, count=1)
    named = kind.names.find(text) if kind.names is not None else None
    if named is not None:
        return str(named)
    if kind.length is None:
        return _limited(text.removeprefix("'"), kind.max_length, pointer, found)
    return _digits(_CODE_FILLERS.sub("", text), kind, kind.length, pointer, found)


def _code_from_number(
    digits: str, value: Decimal, kind: Code, pointer: str, found: list[Issue]
) -> str | None:
    exponent = value.normalize().as_tuple().exponent
    spelled_out = "e" not in digits.lower()
    # Rounded figures show as zeros that an exponent stands for; beyond 15 digits Excel keeps none.
    rounded = isinstance(exponent, int) and exponent > 0 and not spelled_out
    if rounded or value != value.to_integral_value() or abs(value) >= 10**15:
        found.append(issue("precision_lost", pointer))
        return None
    if kind.length is None:
        found.append(issue("number_in_code", pointer))
        return f"{int(value)}"
    return _digits(f"{int(value)}", kind, kind.length, pointer, found)


def _digits(text: str, kind: Code, length: int, pointer: str, found: list[Issue]) -> str | None:
    if kind.masked and len(text) == length and text.isascii() and _MASKED.fullmatch(text):
        return text
    if not (text.isascii() and text.isdigit()):
        found.append(issue("code_not_digits", pointer))
        return None
    if len(text) == length:
        return text
    # Excel drops all leading zeros or none: where one is left, the missing digit is another.
    if length - kind.lost_zeros <= len(text) < length and text[0] != "0":
        found.append(issue("leading_zeros_restored", pointer, length=length))
        return text.zfill(length)
    found.append(issue("code_wrong_length", pointer, length=length))
    return None


def _date(text: str, pointer: str, found: list[Issue]) -> str | None:
    try:
        day, warning = dates.from_text(text)
    except dates.DateError as refused:
        found.append(issue(refused.code, pointer))
        return None
    if warning is not None:
        found.append(issue(warning, pointer))
    return day.isoformat()


def _year_or_date(text: str, pointer: str, found: list[Issue]) -> str | None:
    try:
        year = dates.year_from_text(text)
    except dates.DateError as refused:
        found.append(issue(refused.code, pointer))
        return None
    if year is None:
        return _date(text, pointer, found)
    if year[1] is not None:
        found.append(issue(year[1], pointer))
    return f"{year[0]:04}"


def _serial(value: Decimal, context: Context, pointer: str, found: list[Issue]) -> str | None:
    try:
        return dates.from_serial(value, epoch_1904=context.epoch_1904).isoformat()
    except dates.DateError as refused:
        found.append(issue(refused.code, pointer))
        return None


def _boolean(text: str, pointer: str, found: list[Issue]) -> bool | None:
    key = folded_case(text)
    if key in _YES:
        return True
    if key in _NO:
        return False
    found.append(issue("not_boolean", pointer))
    return None


def _integer(text: str, pointer: str, found: list[Issue]) -> int | None:
    if _INTEGER.fullmatch(text):
        return int(text)
    found.append(
        issue("number_ambiguous" if _THOUSANDS.fullmatch(text) else "not_integer", pointer)
    )
    return None


def _number(text: str, pointer: str, found: list[Issue]) -> Decimal | None:
    if _THOUSANDS.fullmatch(text) and not text.lstrip("+-").startswith("0"):
        found.append(issue("number_ambiguous", pointer))
        return None
    if _DECIMAL.fullmatch(text):
        return Decimal(text.replace(",", "."))
    found.append(issue("not_number", pointer))
    return None
