"""How identity numbers are shown to those who must not read them whole."""

from __future__ import annotations

_MOST_SHOWN = 4
_TOO_SHORT = 4


def masked(number: str) -> str:
    """Stars but for the last characters: four, and never more than half; none of a short number."""
    hidden = _hidden(number)
    return "*" * hidden + number[hidden:]


def is_masked(number: str) -> bool:
    """Whether this is what :func:`masked` shows of some number."""
    if not number.startswith("*"):
        return False
    hidden = _hidden(number)
    return number[:hidden] == "*" * hidden and "*" not in number[hidden:]


def _hidden(number: str) -> int:
    length = len(number)
    return length if length <= _TOO_SHORT else length - min(_MOST_SHOWN, length // 2)
