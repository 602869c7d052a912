"""Who may read an event: the one place where readers of a feed get their names.

A reader sees an event when one of the reader's names is in its audience. Whoever acts for a body has the name
:func:`agency`; an authority that acts for it has the name :func:`authority` besides. One who is confined to a
reporting bloc goes by the name with that bloc instead: an event for both is addressed to both names. A body's
event is addressed to the names of the body and of all bodies above it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NewType

from shared.contracts.blocs import BlocName

Reader = NewType("Reader", str)
"""A name under which a caller finds events. Made by the functions below only: a typing error in a name sends a
person's data to the wrong reader."""

EVERYBODY: Final = Reader("*")
ALL_AGENCIES: Final = Reader("agencies")
"""Every agency, authority and auditor."""
BLOCS: Final[tuple[BlocName, ...]] = ("party", "state")


def agency(code: str, bloc: str | None = None) -> Reader:
    """Whoever acts for the body; with ``bloc`` whoever is confined to that bloc besides."""
    return Reader(f"agency:{code}" if bloc is None else f"agency:{code}|{bloc}")


def authority(code: str, bloc: str | None = None) -> Reader:
    """An authority or auditor that acts for the body."""
    return Reader(f"authority:{code}" if bloc is None else f"authority:{code}|{bloc}")


def of_bloc(bloc: str) -> Reader:
    """Whoever is confined to the bloc and to no body."""
    return Reader(f"bloc:{bloc}")


def institution(code: str) -> Reader:
    return Reader(f"institution:{code}")


def agencies(codes: Iterable[str], *blocs: str) -> set[Reader]:
    """All who act for one of the bodies, and all who are confined to one of the blocs."""
    return _all_of(agency, codes, blocs)


def authorities(codes: Iterable[str], *blocs: str) -> set[Reader]:
    """The authorities alone that act for one of the bodies; readers of the blocs as with :func:`agencies`."""
    return _all_of(authority, codes, blocs)


def _all_of(
    name: Callable[[str, str | None], Reader], codes: Iterable[str], blocs: Sequence[str]
) -> set[Reader]:
    found = {of_bloc(bloc) for bloc in blocs}
    for code in codes:
        found.add(name(code, None))
        found.update(name(code, bloc) for bloc in blocs)
    return found


def confined_to(bloc: str, readers: Iterable[Reader]) -> set[Reader]:
    """The readers among these who are confined to the bloc."""
    return {name for name in readers if name == of_bloc(bloc) or name.endswith(f"|{bloc}")}


SCOPED: Final = "scoped"
"""As stored: the event speaks of the scope of those named with it (somebody joined it, or left it) and says
nothing to readers of the whole nation. Administrators see it all the same."""
PART: Final = "part"
"""As stored: the event says to those named with it a part of what another event says whole. Whoever reads
everything, administrators included, is not shown it."""


@dataclass(frozen=True, slots=True)
class Audience:
    readers: frozenset[Reader]
    mark: str | None = None

    def stored(self) -> list[str]:
        """The names in the database's form, the mark first."""
        names: list[str] = sorted(self.readers)
        return names if self.mark is None else [self.mark, *names]


def whole(readers: Iterable[Reader]) -> Audience:
    """The audience of an event that says the same to all of its readers."""
    return Audience(frozenset(readers))


def scoped(readers: Iterable[Reader]) -> Audience:
    """The audience of an event about the readers' own scope, see :data:`SCOPED`."""
    return Audience(frozenset(readers), SCOPED)


def part(readers: Iterable[Reader]) -> Audience:
    """The audience of an event that says a part, see :data:`PART`."""
    return Audience(frozenset(readers), PART)


def is_scoped(stored: Iterable[str] | None) -> bool:
    return stored is not None and SCOPED in stored
