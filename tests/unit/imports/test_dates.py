"""Dates as text and as Excel serials."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.imports.dates import DateError, from_serial, from_text, year_from_text

DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2200, 12, 31))


@given(DAYS)
def test_every_usual_spelling_of_a_day_is_read(day: dt.date) -> None:
    d, m, y = day.day, day.month, day.year
    for text in (
        f"{d:02}/{m:02}/{y}", f"{d}/{m}/{y}", f"{d}-{m}-{y}", f"{d}.{m}.{y}", f"{d} / {m} / {y}",
        day.isoformat(), f"{day.isoformat()} 00:00:00", f"{day.isoformat()}T00:00:00", f"{y}/{m}/{d}",
        f"ngày {d} tháng {m} năm {y}", f"Ngày {d:02} tháng {m:02} năm {y}",
    ):  # fmt: skip
        assert from_text(text) == (day, None), text


@given(st.dates(dt.date(1900, 3, 1), dt.date(2200, 12, 31)))
def test_serials_of_the_1900_system(day: dt.date) -> None:
    serial = Decimal((day - dt.date(1899, 12, 30)).days)
    assert from_serial(serial, epoch_1904=False) == day
    assert from_serial(serial + Decimal("0.000005"), epoch_1904=False) == day
    for fraction in ("0.75", "0.708333333332", "0.99537037037", "0.0007"):
        with pytest.raises(DateError, match="date_has_time"):
            from_serial(serial + Decimal(fraction), epoch_1904=False)


@given(st.dates(dt.date(1904, 1, 1), dt.date(2200, 12, 31)))
def test_serials_of_the_1904_system(day: dt.date) -> None:
    serial = Decimal((day - dt.date(1904, 1, 1)).days)
    assert from_serial(serial, epoch_1904=True) == day


def test_the_leap_day_that_never_was() -> None:
    assert from_serial(Decimal(1), epoch_1904=False) == dt.date(1900, 1, 1)
    assert from_serial(Decimal(59), epoch_1904=False) == dt.date(1900, 2, 28)
    with pytest.raises(DateError, match="date_invalid"):
        from_serial(Decimal(60), epoch_1904=False)
    assert from_serial(Decimal(61), epoch_1904=False) == dt.date(1900, 3, 1)


@pytest.mark.parametrize("serial", ["-1", "200000", "NaN", "Infinity", "1e300"])
def test_absurd_serials_are_refused(serial: str) -> None:
    with pytest.raises(DateError):
        from_serial(Decimal(serial), epoch_1904=False)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("30/02/2020", "date_invalid"),
        ("29/02/2023", "date_invalid"),
        ("02/13/2020", "date_month_first"),
        ("00/00/2020", "date_invalid"),
        ("5/3/80", "date_year_short"),
        ("5/3/1080", "date_out_of_range"),
        ("5/3/2999", "date_out_of_range"),
        ("2020-13-01", "date_invalid"),
        ("2020-01-01 07:30", "date_has_time"),
        ("1985-03-04T17:00:00.000Z", "date_has_time"),
        ("05/03/1985 8:15", "date_has_time"),
        ("43344,708", "date_has_time"),
        ("19800315", "date_invalid"),
        ("15031980", "date_invalid"),
        ("hôm qua", "date_invalid"),
        ("", "date_invalid"),
    ],
)
def test_what_a_reader_could_not_be_sure_of_is_refused(text: str, code: str) -> None:
    with pytest.raises(DateError) as refusal:
        from_text(text)
    assert refusal.value.code == code


def test_a_serial_as_text_is_read_with_a_warning() -> None:
    assert from_text("29285") == (dt.date(1980, 3, 5), "date_from_serial")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1975", (1975, None)),
        ("năm 1975", (1975, None)),
        ("00/00/1975", (1975, None)),
        ("--/--/1975", (1975, None)),
        ("03/1975", (1975, "date_reduced_to_year")),
        ("00/03/1975", (1975, "date_reduced_to_year")),
        ("tháng 3 năm 1975", (1975, "date_reduced_to_year")),
        ("13/1975", None),
        ("05/03/1975", None),
        ("75", None),
    ],
)
def test_years_without_a_day(text: str, expected: tuple[int, str | None] | None) -> None:
    assert year_from_text(text) == expected


def test_a_year_out_of_range_is_refused() -> None:
    with pytest.raises(DateError, match="date_out_of_range"):
        year_from_text("1075")


@settings(max_examples=50)
@given(st.text(alphabet="0123456789/-. aTổ", max_size=20))
def test_no_text_breaks_the_reader(text: str) -> None:
    for reader in (from_text, year_from_text):
        try:
            reader(text)
        except DateError as refusal:
            assert refusal.code.startswith("date_")
