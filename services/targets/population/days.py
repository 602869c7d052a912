"""Days as proleptic ordinals, in intervals that are half open: ``[first, until)``."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import Final

from services.targets.plans.schemas import LAST_DAY_OF_DISTRICTS

END: Final = dt.date.max.toordinal() + 1
"""``until`` of what has no end."""

CUT: Final = LAST_DAY_OF_DISTRICTS.toordinal() + 1
"""First day without districts and with the merged provinces (2025-07-01)."""


def until_after(valid_to: dt.date | None) -> int:
    """End of an interval whose last day is ``valid_to``."""
    return END if valid_to is None else valid_to.toordinal() + 1


def birthday(born: dt.date, years: int) -> int:
    """The day on which ``years`` are completed; 29 February falls on the 28th in common years."""
    year = born.year + years
    if year > dt.MAXYEAR:
        return END
    if born.month == 2 and born.day == 29 and not calendar.isleap(year):
        return dt.date(year, 2, 28).toordinal()
    return born.replace(year=year).toordinal()


def months_later(day: dt.date, months: int) -> dt.date:
    """Same day of the month ``months`` later, or that month's last day where there is none.

    Terms end so by the Civil Code 2015, articles 147 and 148.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > dt.MAXYEAR:
        return dt.date.max
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
