"""Who may read each event of enrolment's feed, decided when it gets its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import asyncpg
import msgspec

from services.enrolment.callers import WORKER
from services.enrolment.certificates import use_cases as certificates
from services.enrolment.directory.agencies.use_cases import reading as agencies
from services.enrolment.evidence import use_cases as evidence
from services.enrolment.feed_readers import repository, use_cases
from shared.clock import Clock
from shared.contracts.audiences import (
    ALL_AGENCIES,
    EVERYBODY,
    Audience,
    Reader,
    is_scoped,
    whole,
)
from shared.contracts.events import (
    TYPE_OF,
    AgencyChanged,
    JobPositionChanged,
    OfficialCertificateWithdrawn,
    OfficialCertified,
    OfficialChanged,
    OfficialIdentitiesLinked,
)
from shared.feed.repository import PendingEvent
from shared.persistence.unit_of_work import UnitOfWork

_CHANGED = TYPE_OF[OfficialChanged].name
_OF_OFFICIALS = frozenset(
    TYPE_OF[payload].name
    for payload in (
        OfficialChanged,
        OfficialIdentitiesLinked,
        OfficialCertified,
        OfficialCertificateWithdrawn,
    )
)
_AGENCY = TYPE_OF[AgencyChanged].name
_JOB_POSITION = TYPE_OF[JobPositionChanged].name


class _Version(msgspec.Struct):
    version: int


class _Placed(msgspec.Struct):
    agency_code: str


class _Places(msgspec.Struct):
    assignments: list[_Placed]


_VERSION = msgspec.json.Decoder(_Version)
_PLACES = msgspec.json.Decoder(_Places)
_STATE = msgspec.json.Decoder(OfficialChanged)


async def audiences(
    connection: asyncpg.Connection, events: Sequence[PendingEvent], clock: Clock
) -> dict[int, Audience]:
    """Also compares holders and certificates of every official that changed, and adds what follows from it
    (joined, left, certified) behind these events."""
    work = UnitOfWork(connection, principal=WORKER, clock=clock, correlation_id="feed")
    codes = {e.subject for e in events if e.type in _OF_OFFICIALS and e.audience is None}
    readers_by_official: dict[str, set[Reader]] = {}
    rest: dict[int, set[Reader]] = {}
    if codes:
        await certificates.lock(work)
        comparison = await use_cases.compare(work, sorted(codes))
        readers_by_official = comparison.readers
        # Before the telling: to a newcomer, what is told on joining is the last word, as to all others.
        rest = await _announced_in_parts(work, events, readers_by_official)
        await use_cases.announce(work, comparison)
        changed = {event.subject for event in events if event.type == _CHANGED}
        await certificates.match_officials(work, sorted(changed))
        await evidence.settle_officials(work, sorted(changed))
    # A new body has nobody below it yet.
    trees = [
        event.subject
        for event in events
        if event.type == _AGENCY
        and not is_scoped(event.audience)
        and _VERSION.decode(event.data).version > 1
    ]
    if trees:
        await repository.officials_below_are_due(connection, trees)
    await work.flush()
    found = {}
    for event in events:
        if event.audience is not None:
            continue
        if event.type in _OF_OFFICIALS:
            readers = rest.get(event.seq, readers_by_official[event.subject])
        else:
            readers = {ALL_AGENCIES if event.type == _JOB_POSITION else EVERYBODY}
        found[event.seq] = whole(readers)
    return found


async def _announced_in_parts(
    work: UnitOfWork, events: Sequence[PendingEvent], readers_by_official: Mapping[str, set[Reader]]
) -> dict[int, set[Reader]]:
    """Changes of officials with assignments in both blocs: readers of each bloc get an event with their part.
    Returns, by sequence number, the readers of the whole."""
    bodies: dict[int, set[str]] = {}
    for event in events:
        if event.type == _CHANGED and event.audience is None:
            placed = {each.agency_code for each in _PLACES.decode(event.data).assignments}
            if len(placed) > 1:  # else there is no border to lie across, as with most officials
                bodies[event.seq] = placed
    if not bodies:
        return {}
    belongings = await agencies.belongings(work, set().union(*bodies.values()))
    return {
        event.seq: use_cases.announce_parts(
            work, _STATE.decode(event.data), readers_by_official[event.subject], belongings
        )
        for event in events
        if event.seq in bodies
    }
