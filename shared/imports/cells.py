"""What a cell says, made certain: one value in JSON's terms, or an issue.

A cell that could be read in two ways is refused. A cell that was mended is reported.
"""

from __future__ import annotations

import html
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
    Name,
    Number,
    Text,
    YearOrDate,
    folded,
    folded_case,
)
from shared.imports.legacy_text import (
    LABELS,
    LegacyEncoding,
    font_encoding,
    from_legacy,
    suspected,
    unknown_to,
)
from shared.imports.misread_utf8 import misread_utf8
from shared.imports.person_names import fault_of_name, foreign_letter, is_excel_error
from shared.imports.unseen import UNSEEN, first_unseen


class NumberCell(NamedTuple):
    """A number as the file spells it. ``is_date``: its format shows it as a date."""

    digits: str
    is_date: bool = False


class ErrorCell(NamedTuple):
    code: str


class FormulaCell(NamedTuple):
    """A formula whose value nobody has calculated."""


class TextCell(NamedTuple):
    """Text of a workbook in which fonts tell encodings: ``.VnTimeH`` draws small letters as capitals.
    ``runs`` are parts in fonts of their own, where the cell has such."""

    text: str
    font: str
    runs: tuple[tuple[str, str], ...] = ()


Cell = str | bool | NumberCell | TextCell | ErrorCell | FormulaCell | None


class Context(NamedTuple):
    """What the file says about all its cells."""

    encoding: LegacyEncoding | None = None
    epoch_1904: bool = False
    insisted: bool = False
    """The sender says that what looks like a legacy encoding is none."""


_YES: Final = frozenset({"x", "v", "có", "co", "đúng", "yes", "y", "true", "1", "✓", "✔", "☑", "☒"})
_NO: Final = frozenset({"không", "khong", "ko", "k", "sai", "no", "n", "false", "0", "-", "☐"})
_SPACES: Final = re.compile(r"[\s\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_FULL_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
# The Icelandic and the African letter look like Đ in every font and are typed for it.
_CLEAN: Final[dict[int, Any]] = {**_FULL_WIDTH, 0xD0: "Đ", 0xF0: "đ", 0x189: "Đ", 0x256: "đ"}
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff\ufffe\uffff]")
_LOST: Final = re.compile(r"[^\W\d_]\?+[^\W\d_]|\ufffd")
# Excel writes one digit before the mark, a sign and two digits: “25E001” is a code and no number.
_EXPONENT: Final = re.compile(r"[+-]?\d{1,3}(?:[.,]\d+)?[eE][+-]\d{1,3}")
_EXPONENT_OF_DIGITS: Final = re.compile(r"\d[.,]\d+[eE]\d{1,3}")
_DOUBTFUL: Final = re.compile(r"[?&=#]")
_AS_FORMULA: Final = re.compile(r'="((?:[^"]|"")*)"')
_FORMULA: Final = re.compile(r"=\s*[-+\w$(\"']")
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
# A point or comma alone among many digits is that of a decimal: “38085000101.0” is no twelve digits.
_DECIMAL_CODE: Final = re.compile(r"(\d{4,})[.,](\d+)")
_DOT_ZERO: Final = re.compile(r"\d+\.0+")
_MONTH: Final = (
    "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
    "|thg ?\\d{1,2}|tháng ?\\d{1,2}|thang ?\\d{1,2}"
)
_LIKE_DATE: Final = re.compile(
    rf"(?:(?:{_MONTH})[-/. ]\d{{1,4}}|\d{{1,2}}[-/. ](?:{_MONTH})(?:[-/. ]\d{{2,4}})?)",
    re.IGNORECASE,
)
_DAY_AND_MONTH: Final = re.compile(r"\d{1,2}/\d{1,2}(?:/\d{2,4})?|\d{4}-\d{2}-\d{2}(?:[T ].*)?")
_LETTERS_FOR_DIGITS: Final = str.maketrans("OoIl", "0011")
_MASKED: Final = re.compile(r"\*+\d*")
_CODE_FILLERS: Final = re.compile(r"[\s.'’`\-]")
_INTEGER: Final = re.compile(r"[+-]?\d{1,15}")
_THOUSANDS: Final = re.compile(r"[+-]?\d{1,3}(?:[.,\s]\d{3})+")
_DECIMAL: Final = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,15})?")
# The guard that exports put before text a spreadsheet would take for a formula.
_GUARDED: Final = re.compile(r"'(?=[=+\-@＝＋－＠﹦﹢﹣﹫])")


def clean_text(text: str) -> str:
    """NFC, full-width letters to plain ones, invisible characters out, every space single."""
    if text.isascii():
        return " ".join(text.split())
    composed = unicodedata.normalize("NFC", UNSEEN.sub("", text)).translate(_CLEAN)
    return _SPACES.sub(" ", composed).strip()


def is_blank(cell: Cell) -> bool:
    if cell is None:
        return True
    text = cell if isinstance(cell, str) else cell.text if isinstance(cell, TextCell) else None
    return text is not None and (not text or not clean_text(text))


def read_text(
    cell: str | TextCell,
    pointer: str,
    context: Context,
    found: list[Issue],
    *,
    is_name: bool = False,
) -> str:
    """Clean Unicode text of a text cell; issues are added to ``found``. Of a name nothing is taken out."""
    raw = cell if isinstance(cell, str) else cell.text
    if isinstance(cell, str) and raw.isascii() and raw.isprintable() and not _DOUBTFUL.search(raw):
        return " ".join(raw.split())
    if raw.startswith("=") and (unwrapped := _AS_FORMULA.fullmatch(raw.strip())):
        raw = unwrapped.group(1).replace('""', '"')
        cell = raw if isinstance(cell, str) else TextCell(raw, cell.font)
    elif _FORMULA.match(raw):
        found.append(issue("formula_not_calculated", pointer))
        return ""
    if is_excel_error(raw.strip()):
        found.append(issue("cell_error", pointer))
        return ""
    if "&" in raw and _ENTITY.search(raw):
        raw = html.unescape(raw)
        cell = raw if isinstance(cell, str) else TextCell(raw, cell.font)
        found.append(issue("entities_decoded", pointer))
    if context.encoding is None and misread_utf8(raw):
        found.append(issue("utf8_misread", pointer))
        return ""
    if _CONTROL.search(raw):
        found.append(issue("control_character", pointer))
        return ""
    if not raw.isascii() and _SURROGATE.search(raw):
        found.append(issue("invalid_character", pointer))
        return ""
    text = _in_unicode(cell, pointer, context, found)
    unseen = first_unseen(text)
    if unseen is not None:
        if is_name:
            found.append(issue("invisible_character", pointer, **unseen))
            return ""
        found.append(issue("invisible_removed", pointer))
    if _LOST.search(text):
        found.append(issue("characters_lost", pointer))
    return clean_text(text)


def _in_unicode(cell: str | TextCell, pointer: str, context: Context, found: list[Issue]) -> str:
    """Where fonts are known each part is read by its own; else all by what the sender declared."""
    if isinstance(cell, TextCell) and cell.runs and context.encoding is not None:
        return "".join(
            _in_unicode(TextCell(text, font), pointer, context, found) for text, font in cell.runs
        )
    raw, font = (cell, "") if isinstance(cell, str) else (cell.text, cell.font)
    if context.encoding is None:
        looks_like = (
            None
            if context.insisted or raw.isascii()
            else suspected(unicodedata.normalize("NFC", raw))
        )
        if looks_like is not None:
            label = LABELS[looks_like]
            found.append(issue("legacy_encoding_suspected", pointer, encoding=label))
        return raw
    encoding: LegacyEncoding = context.encoding
    if font:
        drawn = font_encoding(font)
        if drawn is None:
            looks_like = suspected(unicodedata.normalize("NFC", raw))
            if looks_like is not None:
                label = LABELS[looks_like]
                found.append(issue("font_contradicts_text", pointer, encoding=label))
            return raw
        encoding = drawn
    if unknown_to(raw, encoding):
        found.append(issue("legacy_character_unknown", pointer, encoding=LABELS[encoding]))
    capitals = font.startswith(".Vn") and font.endswith("H")
    return from_legacy(raw, encoding, capitals=capitals)


def read_cell(
    cell: Cell, kind: Kind, pointer: str, context: Context, found: list[Issue]
) -> Any | None:
    """The value, or ``None`` for an empty or refused cell (then ``found`` has an error more)."""
    if cell is None:
        return None
    if isinstance(cell, ErrorCell):
        found.append(issue("cell_error", pointer))
        return None
    if isinstance(cell, FormulaCell):
        found.append(issue("formula_not_calculated", pointer))
        return None
    if isinstance(cell, str | TextCell):
        if context.encoding is not None and isinstance(kind, Boolean | Choice):
            # Chosen from a template's list it is Unicode, whatever the names beside it are.
            plain = clean_text(cell if isinstance(cell, str) else cell.text)
            chosen = _from_text(plain, kind, pointer, []) if plain else None
            if chosen is not None:
                return chosen
        mark = len(found)
        text = read_text(cell, pointer, context, found, is_name=isinstance(kind, Name))
        if len(found) > mark and any(one.severity == "error" for one in found[mark:]):
            return None
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
        case Name():
            return _name(_GUARDED.sub("", text, count=1), kind, pointer, found)
        case Code():
            return _code_from_text(text, kind, pointer, found)
        case Date():
            if kind.open_ended and dates.is_open_end(text, folded(text)):
                return None
            return _date(text, pointer, found)
        case YearOrDate():
            return _year_or_date(text, pointer, found)
        case Boolean():
            return _boolean(text, pointer, found)
        case Integer() | Number() if _LIKE_DATE.fullmatch(text) or _DAY_AND_MONTH.fullmatch(text):
            found.append(issue("text_became_date", pointer))
            return None
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
        case Code() if not cell.is_date:
            return _code_from_number(cell.digits, value, kind, pointer, found)
        case Name() if not cell.is_date:
            found.append(issue("not_a_name", pointer))
            return None
        case _ if cell.is_date:
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


def _name(text: str, kind: Name, pointer: str, found: list[Issue]) -> str | None:
    fault = fault_of_name(text)
    if fault is not None:
        found.append(issue(fault.code, pointer, **fault.values))
        return None
    if any(char.isdigit() for char in text):
        found.append(issue("name_has_digit", pointer))
    return _limited(text, kind.max_length, pointer, found)


def _code_from_text(text: str, kind: Code, pointer: str, found: list[Issue]) -> str | None:
    if _EXPONENT.fullmatch(text) or (kind.length and _EXPONENT_OF_DIGITS.fullmatch(text)):
        found.append(issue("precision_lost", pointer))
        return None
    text = _GUARDED.sub("", text, count=1)
    named = kind.names.find(text) if kind.names is not None else None
    if named is not None:
        return str(named)
    if kind.length is not None:
        if match := _DECIMAL_CODE.fullmatch(text):
            if match.group(2).strip("0"):
                found.append(issue("code_not_digits", pointer))
                return None
            text = match.group(1)
        return _digits(_CODE_FILLERS.sub("", text), kind, kind.length, pointer, found)
    if _DOT_ZERO.fullmatch(text):
        found.append(issue("code_became_decimal", pointer))
        return None
    fault = foreign_letter(text)
    if fault is not None:
        found.append(issue(fault.code, pointer, **fault.values))
        return None
    if _LIKE_DATE.fullmatch(text):
        if kind.never_a_date:
            found.append(issue("text_became_date", pointer))
            return None
        found.append(issue("code_like_date", pointer))
    return _limited(text.removeprefix("'"), kind.max_length, pointer, found)


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
        meant = text.translate(_LETTERS_FOR_DIGITS)
        typed = meant.isascii() and meant.isdigit() and len(meant) == length
        found.append(issue("letter_for_digit" if typed else "code_not_digits", pointer))
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
    if dates.is_year_as_serial(value):
        found.append(issue("date_is_year", pointer))
        return None
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
