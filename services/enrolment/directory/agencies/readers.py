"""Names under which readers of the feed look for events (see ``shared.feed.sequencer``)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

SEPARATOR: Final = "|"
BLOCS: Final = ("party", "state")


def entry(agency_code: str, bloc: str) -> str:
    """``CODE|bloc``: one body as the holder of an official, by an assignment in that bloc."""
    return f"{agency_code}{SEPARATOR}{bloc}"


def reader_names(entries: Iterable[str]) -> set[str]:
    """Who may read what these bodies may: whoever acts for one of them, confined to the bloc or not, and whoever
    is confined to the bloc alone."""
    found: set[str] = set()
    for each in entries:
        code, _, bloc = each.rpartition(SEPARATOR)
        found |= {f"agency:{code}", f"agency:{code}|{bloc}", f"bloc:{bloc}"}
    return found


def confined_to(bloc: str, names: Iterable[str]) -> set[str]:
    """Of these names, those of readers who are confined to the bloc."""
    return {name for name in names if name == f"bloc:{bloc}" or name.endswith(f"{SEPARATOR}{bloc}")}
