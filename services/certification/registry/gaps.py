"""Which numbers are missing in a register book that its institution numbers itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_NUMBER: Final = re.compile(r"[0-9]{1,12}")


def number_in(register_number: str) -> int | None:
    """The running number inside a register number: its first group of digits ("0012/2026" is 12); null
    where there is none."""
    match = _NUMBER.search(register_number)
    return None if match is None else int(match.group())


def gaps_in(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Runs (first, last) that are missing between 1 and the highest number."""
    found: list[tuple[int, int]] = []
    expected = 1
    for number in sorted(set(numbers)):
        if number > expected:
            found.append((expected, number - 1))
        expected = max(expected, number + 1)
    return found
