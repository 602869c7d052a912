"""Which serial somebody may mean whose serial is in no register.

Separators, leading zeros and look-alike letters (O for 0, I and l for 1) are ignored here, in looking for what
to offer, and never in what is answered: the offer is one serial that is asked for anew.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

from services.certification.registry.written_keys import folded

_RUNS: Final = re.compile(r"\d+|[^\W\d_]+")
_ALIKE: Final = str.maketrans({"o": "0", "i": "1", "l": "1"})
_DIGITS: Final = "[0-9oil]"
_OURS: Final = re.compile(rf"(.+\.)({_DIGITS}{{4}}\.{_DIGITS}{{6,}})\.([0-9a-z])", re.DOTALL)


class Guess(NamedTuple):
    """A serial of the system's form, taken apart: ``institution`` and ``check`` in the form of
    :func:`search_form`."""

    institution: str
    year: int
    line: int
    check: str


def safe_spellings(typed: str) -> tuple[str, ...]:
    """What else a serial of the system's form can be: letters in the place of digits, or a check character that
    looks like another one. Only one spelling has the check character that belongs to it. So the one that is
    in the register may be answered as if somebody had typed it."""
    plain = folded(unicodedata.normalize("NFKC", typed))
    found = _OURS.fullmatch(plain)
    if found is None:
        return ()
    body = found[1] + found[2].translate(_ALIKE)
    checks = next((group for group in ("0o", "1il") if found[3] in group), found[3])
    return tuple(each for check in checks if (each := f"{body}.{check}") != folded(typed))


def search_form(serial: str) -> str:
    """Serials that are alike in this form may be taken for each other."""
    alike = unicodedata.normalize("NFKC", serial).casefold().translate(_ALIKE)
    runs = _RUNS.findall(unicodedata.normalize("NFC", alike))
    return "".join(run.lstrip("0") or "0" if run.isdecimal() else run for run in runs)


def guesses(typed: str) -> list[Guess]:
    """How a text can be read as institution, year, line and check character."""
    text = "".join(_RUNS.findall(folded(unicodedata.normalize("NFKC", typed))))
    alike = text.translate(_ALIKE)
    found = []
    for place in range(1, len(text) - 5):
        year, line = alike[place : place + 4], alike[place + 4 : -1]
        if not re.fullmatch("[0-9]{5,13}", year + line):
            continue
        if 1990 <= int(year) <= 2200 and int(line) > 0:
            found.append(Guess(alike[:place], int(year), int(line), alike[-1]))
    return found


def is_meant(guess: Guess, institution: str, serial: str) -> bool:
    """Whether a guess is this serial of the system's form, check character included."""
    squashed = "".join(_RUNS.findall(folded(institution))).translate(_ALIKE)
    return squashed == guess.institution and folded(serial)[-1].translate(_ALIKE) == guess.check
