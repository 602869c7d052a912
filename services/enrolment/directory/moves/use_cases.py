"""Recording moves and undoing them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec

from services.enrolment.directory.agencies import repository as agencies
from services.enrolment.directory.agencies.scope import (
    Standing,
    sees_directory,
    sees_persons_of,
    within_bloc,
)
from services.enrolment.directory.moves import repository
from services.enrolment.directory.moves.moving import (
    ARRIVALS,
    DEPARTURES,
    MoveImpossible,
    moved,
)
from services.enrolment.directory.moves.repository import Move
from services.enrolment.directory.officials import repository as officials
from services.enrolment.directory.officials.announcements import changed_event
from services.enrolment.directory.officials.doubts import not_in_force
from services.enrolment.directory.officials.errors import (
    AgencyNotInForce,
    AgencyUnknown,
    MoveAlreadyReversed,
    MoveBuiltUpon,
    MoveRefused,
    ReversalTooLate,
)
from services.enrolment.directory.officials.official import Official
from services.enrolment.directory.officials.posts import (
    GivenPost,
    Post,
    PrimaryConflict,
    primary_on,
)
from services.enrolment.directory.officials.sight import in_scope
from shared.contracts.problem import FieldError, Forbidden, InvalidRequest, NotFound
from shared.persistence.keys import uuid7
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal


async def record(
    work: UnitOfWork, code: str, move: Move, given: GivenPost | None, offered_key: bytes | None
) -> tuple[Move, int]:
    """The move as recorded and the official's version after it. An official out of the caller's scope is
    received by whoever shows the identity's key, else unknown."""
    official = (await officials.officials(work.connection, [code], lock=True)).get(code)
    if official is None:
        raise NotFound
    if move.kind == "death" and move.effective_on > work.clock.today():
        vi, en = "Không ghi việc qua đời ở ngày tương lai", "A death cannot lie in the future"
        raise InvalidRequest(
            vi, en, errors=[FieldError("/effective_on", "death_in_future", vi, en)]
        )
    bodies = {post.given.agency_code for post in official.posts} | {move.to_agency or ""}
    standings = await agencies.standings(work.connection, bodies, work.clock.today())
    arrives = move.to_agency is not None and move.kind in (*ARRIVALS, "other")
    if not in_scope(work.principal, official, standings, work.clock.today()) and not (
        arrives and offered_key in {each.key for each in official.identities}
    ):
        raise NotFound
    if arrives and not sees_persons_of(work.principal, standings.get(move.to_agency or "")):
        raise AgencyUnknown(
            "Không có cơ quan tiếp nhận này trong phạm vi của bạn",
            "There is no such receiving body in your scope",
        )
    if arrives:
        arrival = (move.to_agency or "", move.effective_on)
        absent = await agencies.absent_on(work.connection, [arrival])
        if arrival in absent:
            vi, en = not_in_force(*arrival, absent[arrival])
            raise AgencyNotInForce(
                vi, en, errors=[FieldError("/to_agency", AgencyNotInForce.code, vi, en)]
            )
    if move.kind in DEPARTURES or (move.kind == "other" and not arrives):
        primary = _establishment(official.posts, move.effective_on)
        if not sees_persons_of(work.principal, standings.get(primary.given.agency_code)):
            raise Forbidden(
                "Chỉ cơ quan quản lý biên chế ghi việc nghỉ, thôi việc",
                "Only the body of the primary assignment records a departure",
            )
    try:
        after = moved(official.posts, move.kind, move.effective_on, move.to_agency, given, uuid7)
    except MoveImpossible as impossible:
        raise MoveRefused(impossible.vi, impossible.en) from None
    except PrimaryConflict:
        raise MoveRefused(
            "Đã có vị trí chính khác bắt đầu cùng ngày",
            "Another primary assignment begins on the same day",
        ) from None
    before = tuple(official.posts)
    version = await _write(work, official, after)
    recorded = Move(
        move_id=uuid7(),
        official_code=code,
        kind=move.kind,
        effective_on=move.effective_on,
        decision_number=move.decision_number,
        to_agency=move.to_agency,
        recorded_on=work.clock.today(),
        before=before,
        after=tuple(after),
    )
    await repository.add(work.connection, recorded, work.clock.now())
    work.audit("official.moved", code, {"move_id": str(recorded.move_id), "kind": move.kind})
    return recorded, version


def _establishment(posts: Sequence[Post], day: dt.date) -> Post:
    """The primary assignment of the day, else the last one; of somebody who never had any, the last of all."""
    primaries = [post for post in posts if post.given.primary]
    return primary_on(primaries, day) or (primaries or posts)[-1]


async def visible(
    work: UnitOfWork, code: str, *, lock: bool = False
) -> tuple[Official, Sequence[Move]]:
    """The official and the moves the caller may see, in the order of their recording: all of an official
    in scope, for whoever is confined to a bloc those that changed an assignment in its bodies; else those to a body in scope that can still be undone, since whoever recorded a move to
    come must be able to take it back before the official is theirs. Raises :class:`NotFound`."""
    caller = work.principal
    if not sees_directory(caller) and caller.role != "official":
        raise NotFound
    official = (await officials.officials(work.connection, [code], lock=lock)).get(code)
    if official is None:
        raise NotFound
    moves = await repository.moves_of(work.connection, code)
    today = work.clock.today()
    bodies = {post.given.agency_code for post in official.posts}
    bodies |= {post.given.agency_code for move in moves for post in (*move.before, *move.after)}
    bodies |= {move.received_by for move in moves if move.received_by is not None}
    standings = await agencies.standings(work.connection, bodies, today)
    if in_scope(caller, official, standings, today):
        return official, [move for move in moves if _concerns(caller, move, standings)]
    received = [
        move
        for move in moves
        if today <= move.undone_until
        and move.received_by is not None
        and sees_persons_of(caller, standings.get(move.received_by))
    ]
    if not received:
        raise NotFound
    return official, received


def _concerns(caller: Principal, move: Move, standings: Mapping[str, Standing]) -> bool:
    if caller.bloc is None or caller.role == "official":
        return True
    changed = {*move.before} ^ {*move.after}
    return any(within_bloc(caller, standings.get(post.given.agency_code)) for post in changed)


async def listed(work: UnitOfWork, code: str) -> tuple[Official, Sequence[Move]]:
    """As :func:`visible`; of moves that led into a body of the other bloc, whoever is confined to one is told
    that the official went, and not where to."""
    official, moves = await visible(work, code)
    return official, [await _as_seen(work, move) for move in moves]


async def _as_seen(work: UnitOfWork, move: Move) -> Move:
    if move.to_agency is None or work.principal.bloc is None:
        return move
    standings = await agencies.standings(work.connection, [move.to_agency], work.clock.today())
    if within_bloc(work.principal, standings.get(move.to_agency)):
        return move
    return msgspec.structs.replace(move, to_agency=None)


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
    if tuple(official.posts) != move.after:
        raise MoveBuiltUpon
    version = await _write(work, official, list(move.before))
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
    return await _as_seen(work, reversal), version


async def _write(work: UnitOfWork, official: Official, after: list[Post]) -> int:
    before = {post.assignment_id: post for post in official.posts}
    changed = [(official.official_code, p) for p in after if before.pop(p.assignment_id, None) != p]
    official.posts = after
    official.version += 1
    if before:
        gone = [(official.official_code, identifier) for identifier in before]
        await officials.remove_posts(work.connection, gone)
    await officials.save_posts(work.connection, changed)
    await officials.change_officials(work.connection, [official])
    work.emit(changed_event(official), subject=official.official_code)
    return official.version
