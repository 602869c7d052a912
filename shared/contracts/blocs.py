"""The reporting bloc of a body (CONTRACT §1), the one word for it that all services share.

A body has the bloc it declares, else the one its own system says. A public service unit's system says
nothing: the unit goes with the nearest body above it that declares a bloc or is no public service unit.
Where there is none, the bloc is the State's. The tree is that of the day asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

BlocName = Literal["party", "state"]

WITHOUT_ANY: Final[BlocName] = "state"
"""Where no body up to the top says more."""

_OF_SYSTEM: Final[dict[str, BlocName]] = {
    "party": "party",
    "socio_political": "party",
    "state": "state",
}


def own_bloc(declared: str | None, system: str) -> str | None:
    """What the body itself says; null: ask the one above it."""
    return declared or _OF_SYSTEM.get(system)


def bloc_of(upwards: Iterable[tuple[str | None, str]]) -> str:
    """By declared bloc and system of the body, then of each one above it."""
    for declared, system in upwards:
        if found := own_bloc(declared, system):
            return found
    return WITHOUT_ANY
