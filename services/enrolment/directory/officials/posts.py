"""An official's assignments as dated facts, and the rule of one primary assignment per day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from uuid import UUID

import msgspec

from shared.contracts.events import (
    LanguageBasis,
    Leadership,
    OfficialStatus,
    Posting,
)

DAY = dt.timedelta(days=1)


class GivenPost(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An assignment as somebody gave it; ``given_to`` null: no end was given."""

    agency_code: str
    valid_from: dt.date
    given_to: dt.date | None
    status: OfficialStatus
    position_title: str
    leadership: Leadership | None
    requires_language: bool
    requires_language_basis: LanguageBasis | None
    job_position_code: str | None
    posting: Posting
    primary: bool
    language_teacher: bool | None
    foreign_affairs: bool | None
    language_qualified_post: bool | None

    @property
    def key(self) -> tuple[str, dt.date]:
        return self.agency_code, self.valid_from


class Post(msgspec.Struct, frozen=True, gc=False):
    """An assignment as it stands: ``valid_to`` is its real last day, null while open."""

    assignment_id: UUID
    given: GivenPost
    valid_to: dt.date | None

    def in_force(self, day: dt.date) -> bool:
        return self.given.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class PrimaryConflict(ValueError):
    """Two primary assignments begin on one day in different bodies: nobody can say which one it is."""

    def __init__(self, key: tuple[str, dt.date]) -> None:
        super().__init__(key)
        self.key = key


def overlapping_primaries(posts: Sequence[GivenPost]) -> list[tuple[int, int]]:
    """Pairs of indexes whose primary assignments share a day as given."""
    primaries = [
        (post.valid_from, post.given_to or dt.date.max, n)
        for n, post in enumerate(posts)
        if post.primary
    ]
    if len(primaries) < 2:
        return []
    primaries.sort()
    pairs = []
    latest, index = primaries[0][1], primaries[0][2]
    for first, last, n in primaries[1:]:
        if first <= latest:
            pairs.append((index, n))
        if last > latest:
            latest, index = last, n
    return pairs


def merged(
    before: Iterable[Post],
    given: Iterable[GivenPost],
    *,
    replaces: Callable[[str], bool] | None,
    new_id: Callable[[], UUID],
) -> list[Post]:
    """Assignments after a submission, in order of their first day.

    ``replaces`` null: nothing is removed; else what stands in bodies for which it is true and was not
    given again is removed. An assignment given again keeps its id. Each primary assignment ends at the
    latest on the day before the next one begins, whoever gave that one: so a body that takes somebody
    over closes the post left behind, and the old roster sent again does not open it anew.

    Raises :class:`PrimaryConflict`.
    """
    after = {post.given.key: post for post in before}
    if not after:
        return settled([Post(new_id(), each, each.given_to) for each in given])
    if replaces is not None:
        after = {key: post for key, post in after.items() if not replaces(key[0])}
    known = {post.given.key: post.assignment_id for post in before}
    for each in given:
        identifier = known.get(each.key) or new_id()
        after[each.key] = Post(identifier, each, each.given_to)
    return settled(after.values())


def settled(posts: Iterable[Post]) -> list[Post]:
    ordered = sorted(posts, key=_order)
    if len(ordered) == 1:
        only = ordered[0]
        if only.valid_to != only.given.given_to:
            return [Post(only.assignment_id, only.given, only.given.given_to)]
        return ordered
    primaries = [n for n, post in enumerate(ordered) if post.given.primary]
    ends: dict[int, dt.date] = {}
    for n, following in pairwise(primaries):
        begins = ordered[following].given.valid_from
        if begins == ordered[n].given.valid_from:
            raise PrimaryConflict(ordered[following].given.key)
        ends[n] = begins - DAY
    result = []
    for n, post in enumerate(ordered):
        last = post.given.given_to
        if n in ends and (last is None or last > ends[n]):
            last = ends[n]
        result.append(post if post.valid_to == last else Post(post.assignment_id, post.given, last))
    return result


def _order(post: Post) -> tuple[dt.date, str]:
    return post.given.valid_from, post.given.agency_code


def primary_on(posts: Iterable[Post], day: dt.date) -> Post | None:
    return next((post for post in posts if post.given.primary and post.in_force(day)), None)


def establishment(posts: Sequence[Post], today: dt.date) -> list[Post]:
    """The assignments whose bodies answer for the official's own facts: the primary one of today; without one
    the latest that ended, else the earliest to begin; of somebody who never had any, those that give scope.
    """
    primaries = [post for post in posts if post.given.primary]
    current = primary_on(primaries, today)
    if current is None and primaries:
        begun = [post for post in primaries if post.given.valid_from <= today]
        current = begun[-1] if begun else primaries[0]
    return scope_giving(posts, today) if current is None else [current]


def ends_earlier(before: Iterable[Post], after: Iterable[Post]) -> list[tuple[Post, Post]]:
    """Assignments that stay and end earlier than they did, each with the primary one that ends it."""
    now = {post.assignment_id: post for post in after}
    begin = {post.given.valid_from: post for post in now.values() if post.given.primary}
    found = []
    for post in before:
        kept = now.get(post.assignment_id)
        if kept is None or kept.valid_to is None or kept.valid_to == post.valid_to:
            continue
        if post.valid_to is None or kept.valid_to < post.valid_to:
            by = begin.get(kept.valid_to + DAY)
            if by is not None:
                found.append((post, by))
    return found


def cut_short(posts: Sequence[Post]) -> list[tuple[Post, Post]]:
    """Primary assignments that end earlier than they were given, each with the primary one that ends it."""
    begin = {post.given.valid_from: post for post in posts if post.given.primary}
    return [
        (post, begin[post.valid_to + DAY])
        for post in posts
        if post.given.primary
        and post.valid_to is not None
        and post.valid_to != post.given.given_to
        and post.valid_to + DAY in begin
    ]


def scope_giving(posts: Sequence[Post], today: dt.date) -> list[Post]:
    """Assignments whose bodies hold the official today: those in force; without any, those that ended
    last (a retired official's record still belongs to somebody); without any, those that begin first."""
    current = [post for post in posts if post.in_force(today)]
    if current:
        return current
    ended = [post.valid_to for post in posts if post.valid_to is not None and post.valid_to < today]
    if ended:
        latest = max(ended)
        return [post for post in posts if post.valid_to == latest]
    begins = min((post.given.valid_from for post in posts), default=None)
    return [post for post in posts if post.given.valid_from == begins]
