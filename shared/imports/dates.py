"""Dates as clerks write them and as Excel stores them."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Final

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2200
_SEPARATOR: Final = r"\s*[/.\-\s]\s*"
_TIME: Final = r"(?:[T ]\s*00:00(?::00(?:\.0+)?)?Z?)?"
_DAY_FIRST: Final = re.compile(rf"(\d{{1,2}}){_SEPARATOR}(\d{{1,2}}){_SEPARATOR}(\d{{4}}){_TIME}")
_YEAR_FIRST: Final = re.compile(rf"(\d{{4}}){_SEPARATOR}(\d{{1,2}}){_SEPARATOR}(\d{{1,2}}){_TIME}")
_IN_WORDS: Final = re.compile(
    r"(?:ngày\s*)?(\d{1,2})\s*tháng\s*(\d{1,2})\s*năm\s*(\d{4})", re.IGNORECASE
)
_SHORT_YEAR: Final = re.compile(rf"(\d{{1,2}}){_SEPARATOR}(\d{{1,2}}){_SEPARATOR}(\d{{2}})")
_YEAR: Final = re.compile(r"(?:năm\s*)?(\d{4})", re.IGNORECASE)
_YEAR_DAY_UNKNOWN: Final = re.compile(
    rf"(?:00|--?|\?\??){_SEPARATOR}(?:00|--?|\?\??){_SEPARATOR}(\d{{4}})"
)
_MONTH_YEAR: Final = re.compile(
    rf"(?:(?:00|--?|\?\??){_SEPARATOR})?(?:tháng\s*)?(\d{{1,2}})(?:{_SEPARATOR}|\s*năm\s*)(\d{{4}})",
    re.IGNORECASE,
)
# Five digits are the days from 1927-05-18 (10000) to 2173-10-13 (99999).
_SERIAL_TEXT: Final = re.compile(r"\d{5}(?:[.,]\d+)?")
_WITH_TIME: Final = re.compile(r"(.*\d)[T ,]+(\d{1,2}:\d{2}.*)")
_HALF_SECOND: Final = Decimal(1) / 172_800
_OPEN_WORDS: Final = frozenset(
    {
        "nay", "den nay", "hien nay", "hien tai", "den hien tai", "den hien nay", "nay dang giu",
        "dang giu", "khong thoi han", "vo thoi han", "khong co thoi han", "khong xac dinh thoi han",
        "khong het han", "vinh vien", "now", "present", "to present", "till now", "current", "open",
        "no expiry", "never", "indefinite", "permanent", "", "9999", "31 12 9999", "9999 12 31",
        "01 01 9999", "1 1 9999", "9999 01 01",
    }
)  # fmt: skip


class DateError(ValueError):
    """``code`` is one of the date issues."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def from_serial(serial: Decimal, *, epoch_1904: bool) -> dt.date:
    """Day of an Excel serial number. A fraction is a time of day: programs that write local midnight in
    another time zone put it on the day before, so that the day is not certain and nothing is guessed.

    In the 1900 system Excel has a 1900-02-29 (serial 60) that never was: it is refused, and the
    days before it are counted from 1899-12-31 instead of 1899-12-30.
    """
    if not serial.is_finite() or not 0 <= serial < 200_000:
        raise DateError("date_out_of_range")
    days = int(serial.to_integral_value())
    if abs(serial - days) > _HALF_SECOND:
        raise DateError("date_has_time")
    if epoch_1904:
        return _within(dt.date(1904, 1, 1) + dt.timedelta(days))
    if days in (0, 60):
        raise DateError("date_invalid")
    first = dt.date(1899, 12, 31) if days < 60 else dt.date(1899, 12, 30)
    return _within(first + dt.timedelta(days))


def is_year_as_serial(serial: Decimal) -> bool:
    """2018 in a cell formatted as a date is the day 1905-07-10, and nobody means that day."""
    return FIRST_YEAR <= serial <= LAST_YEAR


def is_open_end(text: str, folded: str) -> bool:
    """Whether the cell says in words that there is no last day: “nay”, “Không thời hạn”, 31/12/9999."""
    return folded in _OPEN_WORDS and (bool(folded) or not text.strip("-–—._ /…"))


def from_text(text: str) -> tuple[dt.date, str | None]:
    """The day and the code of a warning. Raises ``DateError`` where a reader could not be sure."""
    if match := (_DAY_FIRST.fullmatch(text) or _IN_WORDS.fullmatch(text)):
        day, month, year = (int(part) for part in match.groups())
        if month > 12 >= day:
            raise DateError("date_month_first")
        return _day(year, month, day), None
    if match := _YEAR_FIRST.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
        return _day(year, month, day), None
    if _SHORT_YEAR.fullmatch(text):
        raise DateError("date_year_short")
    if _SERIAL_TEXT.fullmatch(text):
        serial = Decimal(text.replace(",", "."))
        return from_serial(serial, epoch_1904=False), "date_from_serial"
    if (match := _WITH_TIME.fullmatch(text)) and _is_day(match.group(1)):
        raise DateError("date_has_time")
    raise DateError("date_invalid")


def _is_day(text: str) -> bool:
    return any(form.fullmatch(text) for form in (_DAY_FIRST, _YEAR_FIRST, _SHORT_YEAR))


def year_from_text(text: str) -> tuple[int, str | None] | None:
    """A bare year, also with its day and month left open (“00/00/1975”); ``None`` if it is none."""
    if match := (_YEAR.fullmatch(text) or _YEAR_DAY_UNKNOWN.fullmatch(text)):
        return _year(int(match.group(1))), None
    if (match := _MONTH_YEAR.fullmatch(text)) and 1 <= int(match.group(1)) <= 12:
        return _year(int(match.group(2))), "date_reduced_to_year"
    return None


def _day(year: int, month: int, day: int) -> dt.date:
    try:
        return _within(dt.date(year, month, day))
    except DateError:
        raise
    except ValueError as error:
        raise DateError("date_invalid") from error


def _within(day: dt.date) -> dt.date:
    _year(day.year)
    return day


def _year(year: int) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise DateError("date_out_of_range")
    return year
