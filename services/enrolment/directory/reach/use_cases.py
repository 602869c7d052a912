"""Telling readers of the feed when an official comes into their scope or leaves it, whatever the cause."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from services.enrolment.directory.agencies import repository as agencies
from services.enrolment.directory.certificates import repository as certificates
from services.enrolment.directory.officials import repository as officials
from services.enrolment.directory.officials.announcements import changed_event
from services.enrolment.directory.officials.official import Official
from services.enrolment.directory.officials.posts import Post
from services.enrolment.directory.reach import repository
from services.enrolment.directory.reach.readers import entries, names, newcomers
from shared.contracts.events import CertificateStanding, OfficialJoined, OfficialLeft
from shared.feed.repository import SCOPED
from shared.persistence.unit_of_work import UnitOfWork

DUE_AT_ONCE = 1000


async def refresh(
    work: UnitOfWork, codes: Collection[str], *, of_today: bool = False
) -> dict[str, set[str]]:
    """Compares what holds today with what readers were told, tells them, and returns the names under
    which each official is held. A first registration needs no telling: ``official.changed`` itself
    reaches its readers. ``of_today``: the day is the cause, or the tree, and not an assignment.

    The caller holds the lock of :func:`repository.lock_reach`.
    """
    today = work.clock.today()
    posts = await officials.assignments(work.connection, codes)
    bodies = {post.given.agency_code for each in posts.values() for post in each}
    standings = await agencies.standings(work.connection, bodies, today)
    told = await repository.told(work.connection, codes)
    reach: dict[str, set[str]] = {}
    changed: dict[str, Collection[str]] = {}
    moved: dict[str, dict[str, Post]] = {}
    for code in codes:
        held = entries(posts.get(code, []), standings, today)
        reach[code] = names(held)
        before = told.get(code)
        if before is None:
            if not of_today:
                changed[code] = sorted(held)
        elif set(before) != set(held):
            changed[code] = sorted(held)
            moved[code] = held
    if moved:
        await _tell(work, moved, told, today if of_today else None)
    if changed:
        await repository.keep(work.connection, changed)
    return reach


async def _tell(
    work: UnitOfWork,
    moved: Mapping[str, dict[str, Post]],
    told: Mapping[str, Sequence[str]],
    day: dt.date | None,
) -> None:
    known = await officials.officials(work.connection, list(moved))
    standing = await certificates.standing_of(work.connection, list(moved))
    for code, held in moved.items():
        official = known.get(code)
        if official is None:
            continue
        left = newcomers(held, told[code])
        if left:
            work.emit(
                OfficialLeft(
                    version=official.version,
                    official_code=code,
                    effective_on=day or _turning_day(official, work.clock.today()),
                ),
                subject=code,
                audience=[SCOPED, *sorted(left)],
            )
        joined = newcomers(told[code], held)
        by_post: dict[Post, set[str]] = defaultdict(set)
        for entry, post in held.items():
            mine = names([entry]) & joined
            by_post[post] |= mine
            joined -= mine
        for post, audience in by_post.items():
            if audience:
                work.emit(
                    _joined(official, post, day, standing.get(code, ())),
                    subject=code,
                    audience=[SCOPED, *sorted(audience)],
                )


def _joined(
    official: Official,
    post: Post,
    day: dt.date | None,
    standing: Sequence[CertificateStanding],
) -> OfficialJoined:
    state = changed_event(official)
    values = {name: getattr(state, name) for name in state.__struct_fields__}
    return OfficialJoined(
        **values,
        agency_code=post.given.agency_code,
        effective_on=day or post.given.valid_from,
        certificates=tuple(standing),
    )


def _turning_day(official: Official, today: dt.date) -> dt.date:
    """The last day up to today on which an assignment began or had just ended."""
    turns = [post.given.valid_from for post in official.posts]
    turns += [
        post.valid_to + dt.timedelta(days=1) for post in official.posts if post.valid_to is not None
    ]
    return max((turn for turn in turns if turn <= today), default=today)


async def settle_due(work: UnitOfWork) -> int:
    """One portion of the officials that a tree change or a day concerns; returns how many there were."""
    await repository.lock_reach(work.connection)
    await repository.days_passed(work.connection, work.clock.today())
    codes = await repository.take_due(work.connection, DUE_AT_ONCE)
    if codes:
        await refresh(work, codes, of_today=True)
    return len(codes)
