"""Telling readers of the feed when an official, or a body, comes into their scope or leaves it, whatever the
cause."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from services.enrolment.certificates import use_cases as certificates
from services.enrolment.directory.agencies.scope import Belonging
from services.enrolment.directory.agencies.use_cases import reading as agencies
from services.enrolment.directory.agencies.use_cases.announcing import announce_to_newcomers
from services.enrolment.directory.officials.announcements import changed_event, part_of_bloc
from services.enrolment.directory.officials.official import Official
from services.enrolment.directory.officials.posts import Post
from services.enrolment.directory.officials.use_cases.reading import assignments_of, officials_of
from services.enrolment.evidence import use_cases as evidence
from services.enrolment.feed_readers import repository
from services.enrolment.feed_readers.readers import (
    Holders,
    across,
    holders,
    readers_gained,
    readers_of,
)
from shared.contracts.audiences import BLOCS, Reader, confined_to, part, scoped
from shared.contracts.events import (
    CertificateStanding,
    OfficialJoined,
    OfficialLeft,
    OfficialState,
)
from shared.persistence.unit_of_work import UnitOfWork

DUE_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Comparison:
    """Who holds officials today, beside who held them when the feed last said so."""

    readers: dict[str, set[Reader]]
    """By official: who may read of them today."""
    before: Mapping[str, Holders]
    """As the feed said last."""
    changed: dict[str, Holders]
    moved: dict[str, dict[str, Post]]
    """Officials who joined or left scopes, with the assignments that hold them now."""
    crossing: set[str]
    """Officials of whose assignments others lie behind the border between the blocs than before."""
    belongings: Mapping[str, Belonging]
    day: dt.date | None


async def compare(
    work: UnitOfWork, codes: Collection[str], *, of_today: bool = False
) -> Comparison:
    """``of_today``: the day is the cause, or the tree, and not an assignment. A first registration needs no
    telling: ``official.changed`` itself reaches its readers.

    The caller holds :func:`certificates.use_cases.lock`.
    """
    today = work.clock.today()
    posts = await assignments_of(work, codes)
    bodies = {post.given.agency_code for each in posts.values() for post in each}
    belongings = await agencies.belongings(work, bodies)
    last_announced = await repository.last_announced(work.connection, codes)
    found = Comparison({}, last_announced, {}, {}, set(), belongings, today if of_today else None)
    for code in codes:
        own = posts.get(code, [])
        holding = holders(own, belongings, today)
        found.readers[code] = readers_of(holding)
        bodies = {post.given.agency_code for post in own}
        now = Holders(sorted(holding), across(bodies, belongings))
        before = last_announced.get(code)
        if before is None:
            if not of_today:
                found.changed[code] = now
            continue
        if set(before.readers) != set(now.readers):
            found.moved[code] = holding
        if of_today and list(before.across) != list(now.across):
            found.crossing.add(code)
        if code in found.moved or list(before.across) != list(now.across):
            found.changed[code] = now
    return found


async def announce(work: UnitOfWork, comparison: Comparison) -> None:
    """Tells readers who joined and who left, and stores what they were told."""
    codes = sorted(comparison.moved.keys() | comparison.crossing)
    if codes:
        known = await officials_of(work, codes)
        lasting = await certificates.lasting_of(work, list(comparison.moved))
        for code in codes:
            official = known.get(code)
            if official is None:
                continue
            if code in comparison.crossing:
                stayed = readers_of(comparison.before[code].readers) & comparison.readers[code]
                _announce_to_confined(work, changed_event(official), stayed, comparison.belongings)
            if code in comparison.moved:
                _announce_move(work, official, comparison, lasting.get(code, ()))
    if comparison.changed:
        await repository.store(work.connection, comparison.changed)


def _announce_move(
    work: UnitOfWork,
    official: Official,
    comparison: Comparison,
    lasting: Sequence[CertificateStanding],
) -> None:
    code, day = official.official_code, comparison.day
    holding, before = comparison.moved[code], comparison.before[code].readers
    left = readers_gained(holding, before)
    if left:
        work.emit(
            OfficialLeft(
                version=official.version,
                official_code=code,
                effective_on=day or _turning_day(official, work.clock.today()),
            ),
            subject=code,
            audience=scoped(left),
        )
    joined = readers_gained(before, holding)
    by_post: dict[Post, set[Reader]] = defaultdict(set)
    for entry, post in holding.items():
        by_this = readers_of([entry]) & joined
        by_post[post] |= by_this
        joined -= by_this
    for post, audience in by_post.items():
        event = _joined(official, post, day, lasting)
        whole = announce_parts(work, event, audience, comparison.belongings)
        if whole:
            work.emit(event, subject=code, audience=scoped(whole))


def announce_parts(
    work: UnitOfWork,
    state: OfficialState,
    readers: set[Reader],
    belongings: Mapping[str, Belonging],
) -> set[Reader]:
    """For an official with assignments in both blocs: announces to readers who are confined to a bloc
    what it may know. Returns whom the whole is for."""
    if not across({each.agency_code for each in state.assignments}, belongings):
        return readers
    return readers - _announce_to_confined(work, state, readers, belongings)


def _announce_to_confined(
    work: UnitOfWork,
    state: OfficialState,
    readers: set[Reader],
    belongings: Mapping[str, Belonging],
) -> set[Reader]:
    found: set[Reader] = set()
    for bloc in BLOCS:
        confined = confined_to(bloc, readers)
        if confined:
            work.emit(
                part_of_bloc(state, bloc, belongings),
                subject=state.official_code,
                audience=part(confined),
            )
        found |= confined
    return found


def _joined(
    official: Official,
    post: Post,
    day: dt.date | None,
    lasting: Sequence[CertificateStanding],
) -> OfficialJoined:
    state = changed_event(official)
    values = {name: getattr(state, name) for name in state.__struct_fields__}
    return OfficialJoined(
        **values,
        agency_code=post.given.agency_code,
        effective_on=day or post.given.valid_from,
        certificates=tuple(lasting),
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
    await certificates.lock(work)
    today = work.clock.today()
    done = await repository.days_passed(work.connection, today)
    if done is not None:
        begun = await agencies.begun_between(work, done, today)
        await announce_to_newcomers(work, begun, done, today)
    codes = await repository.take_due(work.connection, DUE_AT_ONCE)
    if codes:
        await announce(work, await compare(work, codes, of_today=True))
        await evidence.settle_officials(work, codes)
    return len(codes)
