"""Who may read each event of enrolment's feed, decided when it gets its place."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import msgspec

from services.enrolment.directory.certificates import use_cases as certificates
from services.enrolment.directory.reach import repository, use_cases
from shared.clock import Clock
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
from shared.security.principal import Principal

WORKER = Principal(subject="worker:enrolment", role="admin")

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
_OF_AGENCIES = frozenset({_AGENCY, TYPE_OF[JobPositionChanged].name})


class _Version(msgspec.Struct):
    version: int


_VERSION = msgspec.json.Decoder(_Version)


async def audiences(
    connection: asyncpg.Connection, events: Sequence[PendingEvent], clock: Clock
) -> list[list[str]]:
    """Also compares reach and certificates of every official that changed, and adds what follows from it
    (joined, left, certified) behind these events."""
    work = UnitOfWork(connection, principal=WORKER, clock=clock, correlation_id="feed")
    codes = {e.subject for e in events if e.type in _OF_OFFICIALS and e.audience is None}
    reach: dict[str, set[str]] = {}
    if codes:
        await repository.lock_reach(connection)
        reach = await use_cases.refresh(work, sorted(codes))
        changed = {event.subject for event in events if event.type == _CHANGED}
        await certificates.match_officials(work, sorted(changed))
    # A new body has nobody below it yet.
    trees = [
        event.subject
        for event in events
        if event.type == _AGENCY and _VERSION.decode(event.data).version > 1
    ]
    if trees:
        await repository.officials_below_are_due(connection, trees)
    await work.flush()
    found = []
    for event in events:
        if event.audience is not None:
            found.append(event.audience)
        elif event.type in _OF_OFFICIALS:
            found.append(sorted(reach[event.subject]))
        else:
            found.append(["agencies"] if event.type in _OF_AGENCIES else ["*"])
    return found
