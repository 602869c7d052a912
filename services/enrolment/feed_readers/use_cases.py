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
from services.enrolment.directory.agencies.use_cases.telling import tell_newcomers
from services.enrolment.directory.officials.announcements import changed_event, part_of_bloc
from services.enrolment.directory.officials.official import Official
from services.enrolment.directory.officials.posts import Post
from services.enrolment.directory.officials.use_cases.reading import assignments_of, officials_of
from services.enrolment.evidence import use_cases as evidence
from services.enrolment.feed_readers import repository
from services.enrolment.feed_readers.readers import (
    Reach,
    across,
    entries,
    names,
    newcomers,
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
class Compared:
    """What holds today beside what readers were told."""

    reach: dict[str, set[Reader]]
    """By official: the names under which readers hold them."""
    told: Mapping[str, Reach]
    changed: dict[str, Reach]
    moved: dict[str, dict[str, Post]]
    """Officials who joined or left scopes, with the assignments that hold them now."""
    reparted: set[str]
    """Officials of whose assignments others lie behind the border between the blocs than before."""
    belongings: Mapping[str, Belonging]
    day: dt.date | None


async def compare(work: UnitOfWork, codes: Collection[str], *, of_today: bool = False) -> Compared:
    """``of_today``: the day is the cause, or the tree, and not an assignment. A first registration needs no
    telling: ``official.changed`` itself reaches its readers.

    The caller holds :func:`certificates.use_cases.lock`.
    """
    today = work.clock.today()
    posts = await assignments_of(work, codes)
    bodies = {post.given.agency_code for each in posts.values() for post in each}
    belongings = await agencies.belongings(work, bodies)
    told = await repository.told(work.connection, codes)
    found = Compared({}, told, {}, {}, set(), belongings, today if of_today else None)
    for code in codes:
        own = posts.get(code, [])
        held = entries(own, belongings, today)
        found.reach[code] = names(held)
        now = Reach(sorted(held), across({post.given.agency_code for post in own}, belongings))
        before = told.get(code)
        if before is None:
            if not of_today:
                found.changed[code] = now
            continue
        if set(before.readers) != set(now.readers):
            found.moved[code] = held
        if of_today and list(before.across) != list(now.across):
            found.reparted.add(code)
        if code in found.moved or list(before.across) != list(now.across):
            found.changed[code] = now
    return found


async def tell(work: UnitOfWork, compared: Compared) -> None:
    """Tells readers who joined and who left, and remembers what they were told."""
    codes = sorted(compared.moved.keys() | compared.reparted)
    if codes:
        known = await officials_of(work, codes)
        lasting = await certificates.lasting_of(work, list(compared.moved))
        for code in codes:
            official = known.get(code)
            if official is None:
                continue
            if code in compared.reparted:
                stayed = names(compared.told[code].readers) & compared.reach[code]
                _tell_confined(work, changed_event(official), stayed, compared.belongings)
            if code in compared.moved:
                _tell_moved(work, official, compared, lasting.get(code, ()))
    if compared.changed:
        await repository.keep(work.connection, compared.changed)


def _tell_moved(
    work: UnitOfWork,
    official: Official,
    compared: Compared,
    lasting: Sequence[CertificateStanding],
) -> None:
    code, day = official.official_code, compared.day
    held, told = compared.moved[official.official_code], compared.told[official.official_code]
    left = newcomers(held, told.readers)
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
    joined = newcomers(told.readers, held)
    by_post: dict[Post, set[Reader]] = defaultdict(set)
    for entry, post in held.items():
        mine = names([entry]) & joined
        by_post[post] |= mine
        joined -= mine
    for post, audience in by_post.items():
        event = _joined(official, post, day, lasting)
        whole = tell_parts(work, event, audience, compared.belongings)
        if whole:
            work.emit(event, subject=code, audience=scoped(whole))


def tell_parts(
    work: UnitOfWork, told: OfficialState, readers: set[Reader], belongings: Mapping[str, Belonging]
) -> set[Reader]:
    """Of an official with assignments in both blocs: tells those of the readers who are confined to a bloc
    what it may know. Returns whom the whole is for."""
    if not across({each.agency_code for each in told.assignments}, belongings):
        return readers
    return readers - _tell_confined(work, told, readers, belongings)


def _tell_confined(
    work: UnitOfWork, told: OfficialState, readers: set[Reader], belongings: Mapping[str, Belonging]
) -> set[Reader]:
    found: set[Reader] = set()
    for bloc in BLOCS:
        confined = confined_to(bloc, readers)
        if confined:
            work.emit(
                part_of_bloc(told, bloc, belongings),
                subject=told.official_code,
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
        await tell_newcomers(work, begun, done, today)
    codes = await repository.take_due(work.connection, DUE_AT_ONCE)
    if codes:
        await tell(work, await compare(work, codes, of_today=True))
        await evidence.settle_officials(work, codes)
    return len(codes)
