"""Which readers of the feed hold an official: the bodies of the assignments that count today, and all
above them, each in the bloc of the body of the assignment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from services.enrolment.directory.agencies.scope import Belonging
from services.enrolment.directory.officials.posts import Post, scope_giving
from shared.contracts.audiences import BLOCS, Reader, agencies

SEPARATOR = "|"


class Holders(NamedTuple):
    """``readers``: ``CODE|bloc`` of the bodies that hold an official. ``across``: the same of the bodies of
    all assignments, past ones included, where they lie in both blocs; else empty."""

    readers: Sequence[str]
    across: Sequence[str]


def holders(
    posts: Sequence[Post], belongings: Mapping[str, Belonging], today: dt.date
) -> dict[str, Post]:
    """``CODE|bloc`` of every body that holds the official, with the assignment that brought it about; a
    primary assignment goes before others."""
    found: dict[str, Post] = {}
    for post in sorted(scope_giving(posts, today), key=lambda each: not each.given.primary):
        belonging = belongings.get(post.given.agency_code)
        if belonging is None:
            continue
        for code in belonging.path:
            found.setdefault(f"{code}{SEPARATOR}{belonging.bloc}", post)
    return found


def readers_of(entries: Iterable[str]) -> set[Reader]:
    """Who may read what is told to these bodies, each given as ``CODE|bloc``."""
    found: set[Reader] = set()
    for entry in entries:
        code, _, bloc = entry.rpartition(SEPARATOR)
        found |= agencies([code], bloc)
    return found


def readers_gained(before: Collection[str], after: Collection[str]) -> set[Reader]:
    """Readers who have the official in scope now and did not before."""
    return readers_of(after) - readers_of(before)


def across(bodies: Iterable[str], belongings: Mapping[str, Belonging]) -> list[str]:
    """``CODE|bloc`` of the bodies, in order, if they lie in both blocs; else empty."""
    blocs = {body: belongings[body].bloc for body in bodies if body in belongings}
    if len(set(blocs.values())) < len(BLOCS):
        return []
    return sorted(f"{body}{SEPARATOR}{bloc}" for body, bloc in blocs.items())
