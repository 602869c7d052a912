"""Undoing a move."""

from __future__ import annotations

from services.enrolment.directory.agencies import repository as agencies
from services.enrolment.directory.agencies.scope import sees_persons_of
from services.enrolment.directory.joinings.use_cases.recording import withdraw_joinings
from services.enrolment.directory.moves import repository
from services.enrolment.directory.moves.errors import (
    MoveAlreadyReversed,
    MoveBuiltUpon,
    ReversalTooLate,
)
from services.enrolment.directory.moves.move import Move
from services.enrolment.directory.moves.use_cases.reading import as_known, visible
from services.enrolment.directory.officials.official import shown_version
from services.enrolment.directory.officials.posts import establishment
from services.enrolment.directory.officials.use_cases.changing import change_posts
from services.enrolment.directory.officials.visibility import confined
from shared.contracts.problem import Forbidden, NotFound
from shared.persistence.keys import uuid7
from shared.persistence.unit_of_work import UnitOfWork


async def reverse(
    work: UnitOfWork, code: str, move_id: object, decision_number: str
) -> tuple[Move, int]:
    """Puts the assignments back as they were, within 30 days of the move's recording or of its day,
    whichever is later, and if nothing was built upon it."""
    official, known = await visible(work, code, lock=True)
    move = next((each for each in known if each.move_id == move_id), None)
    if move is None:
        raise NotFound
    if move.reversed or move.reverses is not None:
        raise MoveAlreadyReversed
    today = work.clock.today()
    if today > move.undone_until:
        raise ReversalTooLate
    bodies = {post.given.agency_code for post in (*official.posts, *move.before)}
    bodies |= {move.received_by or ""}
    belongings = await agencies.belongings(work.connection, bodies, today)
    concerned = {post.given.agency_code for post in establishment(official.posts, today)}
    concerned |= {post.given.agency_code for post in establishment(move.before, today)}
    concerned |= {move.received_by or ""}
    if not any(sees_persons_of(work.principal, belongings.get(body)) for body in concerned):
        raise Forbidden(
            "Chỉ cơ quan quản lý biên chế hoặc cơ quan tiếp nhận hủy được biến động",
            "Only the body of the primary assignment or the receiving body undoes a move",
        )
    if tuple(official.posts) != move.after:
        raise MoveBuiltUpon
    changed = await change_posts(work, official, list(move.before))
    version = shown_version(confined(work.principal, changed, belongings), work.principal)
    await withdraw_joinings(work, code, move.before, belongings)
    reversal = Move(
        move_id=uuid7(),
        official_code=code,
        kind=move.kind,
        effective_on=move.effective_on,
        decision_number=decision_number,
        to_agency=move.to_agency,
        recorded_on=today,
        before=move.after,
        after=move.before,
        reverses=move.move_id,
    )
    if not await repository.add(work.connection, reversal, work.clock.now()):
        raise MoveAlreadyReversed
    work.audit("official.move_reversed", code, {"move_id": str(move.move_id)})
    return await as_known(work, reversal), version
