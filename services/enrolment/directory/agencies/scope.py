"""Whether a body lies within what a caller may see, by where it stands today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.security.principal import Principal


@dataclass(frozen=True, slots=True)
class Belonging:
    """Where a body belongs today: itself and all above it, and its bloc."""

    path: Sequence[str]
    bloc: str


def sees_directory(principal: Principal) -> bool:
    """Institutions have no business with agencies and officials; an official sees own data only."""
    return principal.may("directory:read")


def sees_body(principal: Principal, belonging: Belonging | None) -> bool:
    """The body itself is in scope. A body nobody knows is in nobody's."""
    if belonging is None or not sees_directory(principal):
        return False
    return principal.is_nationwide or principal.agency in belonging.path


def sees_persons_of(principal: Principal, belonging: Belonging | None) -> bool:
    """Person-level data of the body: within the caller's bloc too, where the caller has one."""
    return sees_body(principal, belonging) and within_bloc(principal, belonging)


def within_bloc(principal: Principal, belonging: Belonging | None) -> bool:
    """Not behind the border between the reporting blocs; true of every body for whoever is confined to none."""
    return principal.bloc is None or (belonging is not None and belonging.bloc == principal.bloc)
