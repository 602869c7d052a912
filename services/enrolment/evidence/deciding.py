"""Whose acceptance of a paper counts for an official, and whom an undecided paper waits for (CONTRACT §4.9)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from services.enrolment.directory.agencies.scope import Belonging
from services.enrolment.directory.officials.posts import Post
from shared.contracts.events import Bloc

BodyOnDay = tuple[str, dt.date]
"""A body, and the day whose tree says what stands above it."""


class Acceptance(msgspec.Struct, frozen=True, kw_only=True):
    """What one authority decided of one paper; ``accepted_by`` null: the whole nation."""

    acceptance_id: UUID
    evidence_id: UUID
    accepted_by: str | None
    bloc: Bloc | None
    decided_on: dt.date
    level: int | None
    specialised: bool
    valid_until: dt.date | None
    ended_on: dt.date | None = None

    @property
    def of_the_whole_nation(self) -> bool:
        return self.accepted_by is None and self.bloc is None


def deciding_place(posts: Sequence[Post], day: dt.date) -> BodyOnDay | None:
    """The body of the primary assignment in force on ``day``; else of the latest that ended before; else of
    the earliest that begins after."""
    primaries = sorted(
        (post for post in posts if post.given.primary), key=lambda post: post.given.valid_from
    )
    begun = [post for post in primaries if post.given.valid_from <= day]
    if begun:
        last = begun[-1]
        ended = last.valid_to is not None and last.valid_to < day
        return last.given.agency_code, last.valid_to if ended and last.valid_to else day
    if primaries:
        return primaries[0].given.agency_code, primaries[0].given.valid_from
    return None


def counts(
    acceptance: Acceptance, posts: Sequence[Post], places: Mapping[BodyOnDay, Belonging]
) -> bool:
    """``places``: where the bodies stand in the tree of their day; absent when they are not in it."""
    if acceptance.of_the_whole_nation:
        return True
    place = deciding_place(posts, acceptance.decided_on)
    belonging = None if place is None else places.get(place)
    return (
        belonging is not None
        and (acceptance.accepted_by is None or acceptance.accepted_by in belonging.path)
        and acceptance.bloc in (None, belonging.bloc)
    )


def telling(acceptances: Sequence[Acceptance]) -> Acceptance | None:
    """The acceptance that counts: the highest in force, otherwise the one that ended last."""
    lasting = [each for each in acceptances if each.ended_on is None]
    if lasting:
        return max(lasting, key=lambda each: -1 if each.level is None else each.level)
    return max(acceptances, key=lambda each: each.ended_on or dt.date.min, default=None)
