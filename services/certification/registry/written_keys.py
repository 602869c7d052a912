"""When two keys that people type are the same key: serials, register numbers, codes of sessions, numbers of
candidates, numbers of decisions.

A space more, a small letter or another way to write an accent makes no other key. Separators and leading
zeros do: whoever leaves them out may mean another one, and is asked (``did_you_mean.py``).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_RUNS: Final = re.compile(r"\d+|[^\W\d_]+")


def folded(text: str) -> str:
    """Keys that are alike in this form are one: composed letters, no case, no white space."""
    if text.isascii():
        return "".join(text.lower().split())
    composed = unicodedata.normalize("NFC", text)
    return "".join(unicodedata.normalize("NFC", composed.casefold()).split())


def same_key(one: str | None, other: str | None) -> bool:
    return one == other or (one is not None and other is not None and folded(one) == folded(other))


def number_key(register_number: str, year: int) -> str:
    """A register number (số vào sổ) within its book, which has a year of its own: "0012/2026", "2026-12" and
    "12" are number 12 of the book of 2026; "12A" and "A12" are others."""
    text = folded(unicodedata.normalize("NFKC", register_number))
    runs = [str(int(run)) if run.isdecimal() else run for run in _RUNS.findall(text)]
    numbers = sum(run.isdecimal() for run in runs)
    if numbers > 1 and str(year) in runs:
        runs.remove(str(year))
    return "/".join(runs) or text
