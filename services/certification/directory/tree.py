"""The way from a body up the tree of agencies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shared.contracts import blocs


class Link(NamedTuple):
    """A body on the way up; ``bloc`` as declared."""

    agency_code: str
    bloc: str | None
    system: str


def bloc_of(chain: Sequence[Link]) -> str:
    return blocs.bloc_of((link.bloc, link.system) for link in chain)


def codes_from(body: str, chain: Sequence[Link]) -> list[str]:
    """The body and those above it; alone where nobody knows it."""
    return [link.agency_code for link in chain] or [body]
