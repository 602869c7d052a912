"""Telling readers of the feed of bodies that changed, or came into their scope."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from services.enrolment.directory.agencies import repository
from services.enrolment.directory.agencies.announcements import changed_event, readers_of
from services.enrolment.directory.agencies.submissions import AgencyRow
from services.enrolment.directory.agencies.tree import Segment
from shared.contracts.audiences import scoped, whole
from shared.persistence.unit_of_work import UnitOfWork

_ANNOUNCED_AT_ONCE: Final = 500
"""Bodies. Between portions of these other requests are let in."""


async def announce_changes(
    work: UnitOfWork,
    changed: Mapping[str, int],
    history: Mapping[str, Mapping[dt.date, AgencyRow]],
    before: Mapping[str, Sequence[Segment]],
    after: Mapping[str, Sequence[Segment]],
) -> None:
    """A change goes to the readers who had the body in their scope and to those who have it now. A body that
    only moved along with one above it goes to the new readers alone."""
    today = work.clock.today()
    readers_before = {code: readers_of(before.get(code, ()), today) for code in after}
    readers_now = {code: readers_of(segments, today) for code, segments in after.items()}
    for number, code in enumerate(sorted(changed)):
        if number % _ANNOUNCED_AT_ONCE == 0:
            await asyncio.sleep(0)
        event = changed_event(code, changed[code], history[code].values())
        work.emit(event, subject=code, audience=whole(readers_before[code] | readers_now[code]))
    taken_along = {
        code: readers_now[code] - readers_before[code]
        for code in sorted(after.keys() - changed.keys())
        if readers_now[code] - readers_before[code]
    }
    versions = await repository.versions_of(work.connection, taken_along)
    for code, newcomers in taken_along.items():
        event = changed_event(code, versions[code], history[code].values())
        work.emit(event, subject=code, audience=scoped(newcomers))


async def announce_to_newcomers(
    work: UnitOfWork, codes: Collection[str], since: dt.date, today: dt.date
) -> None:
    """Tells of these bodies to readers in whose scope they stand ``today`` and did not on the day ``since``."""
    paths = await repository.paths_of(work.connection, codes)
    newcomers = {
        code: found
        for code, ordered in paths.items()
        if (found := readers_of(ordered, today) - readers_of(ordered, since))
    }
    histories = await repository.histories(work.connection, newcomers)
    versions = await repository.versions_of(work.connection, newcomers)
    for code, found in sorted(newcomers.items()):
        event = changed_event(code, versions[code], histories[code])
        work.emit(event, subject=code, audience=scoped(found))
