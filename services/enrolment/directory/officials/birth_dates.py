"""What a birth date looks like, and which ones no official can have."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from services.enrolment.directory.fields import is_plausible_day
from services.enrolment.directory.officials.posts import GivenPost
from shared.imports.issues import Issue

YOUNGEST: Final = 15
"""Years. The lowest age of any employment (Bộ luật Lao động 45/2019/QH14, Điều 3)."""
OLDEST: Final = 120
"""Years. Beyond it a birth date is a slip of the pen."""

_BIRTH_DATE: Final = re.compile(r"\d{4}(?:-\d{2}-\d{2})?")


@lru_cache(maxsize=1 << 15)
def is_birth_date(text: str) -> bool:
    """A day, or a year alone, as old records have it."""
    if not _BIRTH_DATE.fullmatch(text) or not text.isascii():
        return False
    if len(text) == 4:
        return 1900 <= int(text) <= 2200
    try:
        return is_plausible_day(dt.date.fromisoformat(text))
    except ValueError:
        return False


@lru_cache(maxsize=1 << 15)
def impossible_birth(birth_date: str, today: dt.date) -> Issue | None:
    """A birth date that no official of today can have. A bare year is refused if all its days are impossible."""
    year = int(birth_date[:4])
    earliest = birth_date if len(birth_date) == 10 else f"{birth_date}-01-01"
    latest = birth_date if len(birth_date) == 10 else f"{birth_date}-12-31"
    if earliest > today.isoformat():
        vi, en = "Ngày sinh ở tương lai.", "The birth date is in the future."
    elif today.isoformat() < _birthday(earliest, year + YOUNGEST):
        vi = f"Người này chưa đủ {YOUNGEST} tuổi; hãy kiểm tra ngày sinh."
        en = f"This person is younger than {YOUNGEST}; check the birth date."
    elif today.isoformat() >= _birthday(latest, year + OLDEST + 1):
        vi = f"Người này đã quá {OLDEST} tuổi; hãy kiểm tra ngày sinh."
        en = f"This person is older than {OLDEST}; check the birth date."
    else:
        return None
    return Issue("/birth_date", "birth_date_implausible", vi, en)


def begun_too_young(birth_date: str, posts: Sequence[GivenPost]) -> Iterator[Issue]:
    """Warnings about assignments that begin before the person was old enough to work."""
    year = int(birth_date[:4]) + YOUNGEST
    for n, post in enumerate(posts):
        if post.valid_from.year > year:
            continue
        whole = birth_date if len(birth_date) == 10 else f"{birth_date}-01-01"
        if post.valid_from.isoformat() < _birthday(whole, year):
            yield Issue(
                f"/assignments/{n}/valid_from",
                "begun_too_young",
                f"Vị trí bắt đầu khi người này chưa đủ {YOUNGEST} tuổi; hãy kiểm tra hai ngày.",
                f"The assignment begins before the age of {YOUNGEST}; check both days.",
                "warning",
            )


def _birthday(birth_date: str, year: int) -> str:
    """The birthday in that year, to be compared as text. One of 29 February falls on 1 March in other years."""
    return f"{year:04d}{birth_date[4:]}"
