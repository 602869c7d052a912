"""What codes, texts and days of the directory may look like."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from shared.imports.issues import issue
from shared.imports.unseen import first_unseen

FIRST_DAY: Final = dt.date(1900, 1, 1)
LAST_DAY: Final = dt.date(2200, 12, 31)

CODE_PATTERN: Final = r"^[0-9A-Za-z][0-9A-Za-z._\-]{0,63}$"
CODE: Final = re.compile(rf"(?!(?:import|lookup)$){CODE_PATTERN}")
"""What a code is stored under: it can always be asked for by its address, where `import` and `lookup`
are words of their own."""
CODE_FORM: Final = (
    "Mã gồm 1–64 chữ cái không dấu, chữ số, dấu chấm, gạch; không dùng “import”, “lookup”.",
    "A code has 1–64 letters, digits, dots and dashes; “import” and “lookup” are taken.",
)
"""In Vietnamese and English."""

AGENCY_CODE_STYLE: Final = re.compile(
    r"[A-Z]\d{2}(?:\.[0-9A-Z]+)*|[0-9A-Z]{3}(?:\.[0-9A-Z]{2,3}){2}\.[A-Z]\d{2}"
)
"""The form of QĐ 20/2020/QĐ-TTg, and the older one of QCVN 102:2016 read from right to left."""

_UNSTORABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def clean(text: str) -> str:
    """NFC with single spaces."""
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


def is_storable(text: str) -> bool:
    """No control character and no lone surrogate."""
    return text.isprintable() or _UNSTORABLE.search(text) is None


def is_plausible_day(day: dt.date) -> bool:
    return FIRST_DAY <= day <= LAST_DAY


def _clean_text(value: str) -> str:
    if not is_storable(value):
        raise PydanticCustomError(
            "control_character",
            "Contains a control character",
            {"vi": "có ký tự điều khiển (NUL hoặc tương tự)"},
        )
    unseen = first_unseen(value)
    if unseen is not None:
        fault = issue("invisible_character", "", **unseen)
        raise PydanticCustomError(
            fault.code, "{en}", {"vi": fault.message_vi, "en": fault.message_en}
        )
    cleaned = clean(value)
    if not cleaned:
        raise PydanticCustomError("blank", "Must not be blank", {"vi": "không được để trống"})
    return cleaned


def _plausible(value: dt.date) -> dt.date:
    if not is_plausible_day(value):
        raise PydanticCustomError(
            "date_out_of_range",
            "The year must lie between 1900 and 2200",
            {"vi": "năm phải từ 1900 đến 2200"},
        )
    return value


def _not_before_valid_from(last: dt.date | None, info: ValidationInfo) -> dt.date | None:
    """For a ``valid_to`` that follows its ``valid_from``."""
    first = info.data.get("valid_from")
    if last is not None and first is not None and last < first:
        raise PydanticCustomError(
            "valid_to_before_valid_from",
            "The last day is before the first",
            {"vi": "ngày kết thúc trước ngày bắt đầu"},
        )
    return last


def _only_text(value: Any) -> Any:
    """pydantic would take 20200101 for a number of seconds."""
    if value is None or isinstance(value, str | dt.date):
        return value
    raise PydanticCustomError(
        "date_type", "Must be a date YYYY-MM-DD", {"vi": "phải là ngày dạng YYYY-MM-DD"}
    )


Code = Annotated[str, Field(pattern=CODE_PATTERN, examples=["H56.09"])]
ShortText = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_clean_text)]
Day = Annotated[dt.date, BeforeValidator(_only_text), AfterValidator(_plausible)]
LastDay = Annotated[Day | None, AfterValidator(_not_before_valid_from)]
