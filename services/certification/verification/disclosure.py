"""When public verification names the holder."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Final

from services.certification.names import folded_name

_DAY: Final = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4})")


def knows_holder(
    full_name: str,
    birth_date: dt.date | str,
    claimed_name: str | None,
    claimed_birth_date: dt.date | None,
) -> bool:
    """Whether what was claimed, at least one of the two, fits the holder wholly."""
    if claimed_name is None and claimed_birth_date is None:
        return False
    name_fits = claimed_name is None or folded_name(claimed_name) == folded_name(full_name)
    text = birth_date if isinstance(birth_date, str) else birth_date.isoformat()
    return name_fits and (claimed_birth_date is None or claimed_birth_date.isoformat() == text)


def day_of(typed: str) -> dt.date | None:
    """A day as people type it: day/month/year, or as programs write it."""
    text = unicodedata.normalize("NFKC", typed).strip()
    found = _DAY.fullmatch(text)
    try:
        if found is not None:
            return dt.date(int(found[3]), int(found[2]), int(found[1]))
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
