"""Recording that a body takes an official over, and what becomes of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from services.enrolment.directory.agencies.scope import Belonging
from services.enrolment.directory.joinings import repository
from services.enrolment.directory.joinings.announcements import joining_events
from services.enrolment.directory.joinings.joining import Joining, State
from services.enrolment.directory.joinings.taking_over import primaries
from services.enrolment.directory.officials.posts import Post
from shared.persistence.keys import uuid7
from shared.persistence.unit_of_work import UnitOfWork


async def take_over(
    work: UnitOfWork,
    taken: Mapping[str, Sequence[tuple[Post, Post]]],
    belongings: Mapping[str, Belonging],
) -> None:
    """Records, and tells both bodies, that assignments of bodies elsewhere end because of primary ones that the
    caller gave; by official code, each with the one that ends it."""
    today = work.clock.today()
    made = [
        Joining(
            joining_id=uuid7(),
            official_code=code,
            assignment_id=arrival.assignment_id,
            from_agency=left.given.agency_code,
            to_agency=arrival.given.agency_code,
            effective_on=arrival.given.valid_from,
            recorded_on=today,
            arrivals=(arrival.given,),
        )
        for code, pairs in taken.items()
        for left, arrival in pairs
    ]
    if not made:
        return
    await repository.add(work.connection, made)
    for each in made:
        _announce(work, each, belongings)
        detail = {"joining_id": str(each.joining_id), "from": each.from_agency}
        work.audit("official.taken_over", each.official_code, detail)


async def settle_joining(
    work: UnitOfWork,
    joining: Joining,
    state: State,
    belongings: Mapping[str, Belonging],
    *,
    reason: str | None = None,
    decision_number: str | None = None,
    decided_on: dt.date | None = None,
) -> Joining:
    """Gives a joining its next state, and announces it to both bodies. The official must be locked."""
    after = msgspec.structs.replace(
        joining,
        stored=state,
        version=joining.version + 1,
        reason=reason or joining.reason,
        decision_number=decision_number,
        decided_on=decided_on,
    )
    await repository.keep_state(work.connection, after)
    _announce(work, after, belongings)
    detail = {"joining_id": str(joining.joining_id), "state": state}
    work.audit("official.joining_changed", joining.official_code, detail)
    return after


async def withdraw_joinings(
    work: UnitOfWork, code: str, posts: Iterable[Post], belongings: Mapping[str, Belonging]
) -> None:
    """Whose arriving assignment is no longer a primary one among ``posts``: the body that gave it took it back."""
    kept = primaries(posts)
    for each in (await repository.undecided(work.connection, [code])).get(code, ()):
        if each.stored == "open" and each.assignment_id not in kept:
            await settle_joining(work, each, "withdrawn", belongings)


def _announce(work: UnitOfWork, joining: Joining, belongings: Mapping[str, Belonging]) -> None:
    for event, audience in joining_events(joining, belongings, work.clock.today()):
        work.emit(event, subject=str(joining.joining_id), audience=audience)
