"""What a header such as `Accept` or `Accept-Language` asks for (RFC 9110 §12.5): the one reader of such headers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_WEIGHT: Final = re.compile(r"q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")


class Wish(NamedTuple):
    """``name`` in small letters. ``weight`` is null where it is malformed."""

    name: str
    weight: float | None


def wishes_in(header: str | None) -> Iterator[Wish]:
    """In the order of the header. Parameters other than the weight do not count."""
    for part in (header or "").split(","):
        name, *parameters = (each.strip() for each in part.split(";"))
        yield Wish(name.lower(), _weight(parameters))


def _weight(parameters: list[str]) -> float | None:
    for each in parameters:
        if each.partition("=")[0].strip() == "q":
            found = _WEIGHT.fullmatch(each)
            return None if found is None else float(found[1])
    return 1.0
