"""When public verification names the holder."""

from __future__ import annotations

import datetime as dt
import unicodedata


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


def folded_name(name: str) -> str:
    """Names that are alike in this form are the same name."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
