"""Recording moves and undoing them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from services.enrolment.directory.agencies import repository as agencies
from services.enrolment.directory.agencies.scope import (
    Belonging,
    sees_directory,
    sees_persons_of,
    within_bloc,
)
from services.enrolment.directory.joinings import repository as joinings
from services.enrolment.directory.joinings.joining import Joining
from services.enrolment.directory.joinings.taking_over import taken_over
from services.enrolment.directory.joinings.use_cases.recording import take_over, withdraw_joinings
from services.enrolment.directory.moves import repository
from services.enrolment.directory.moves.errors import (
    MoveAlreadyReversed,
    MoveBuiltUpon,
    MoveRefused,
    ReversalTooLate,
)
from services.enrolment.directory.moves.move import DEPARTURES, Move, MoveOrder
from services.enrolment.directory.moves.moving import MoveImpossible, moved
from services.enrolment.directory.officials import repository as officials
from services.enrolment.directory.officials.doubts import not_in_force
from services.enrolment.directory.officials.errors import (
    AgencyNotInForce,
    AgencyUnknown,
    JoiningContested,
    OfficialCodeInUse,
)
from services.enrolment.directory.officials.official import Official, shown_version
from services.enrolment.directory.officials.posts import (
    Post,
    PrimaryConflict,
    establishment,
    primary_on,
)
from services.enrolment.directory.officials.refusals import (
    arrival_past,
    code_in_use,
    code_of_another,
)
from services.enrolment.directory.officials.use_cases.changing import change_posts
from services.enrolment.directory.officials.use_cases.reading import belongings_of
from services.enrolment.directory.officials.visibility import confined, in_scope
from shared.contracts.problem import FieldError, Forbidden, InvalidRequest, NotFound
from shared.persistence.keys import uuid7
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal


async def record(
    work: UnitOfWork, code: str, move: MoveOrder, proof: Proof | None
) -> tuple[Move, int]:
    """The move as recorded, and the official's version after it as the caller knows it. Whoever shows the number
    and the whole birth date receives an official from outside the own scope; to others there is no such
    official. What can be said without a look at the official is said first."""
    caller, today = work.principal, work.clock.today()
    if move.kind == "death" and move.effective_on > today:
        vi, en = "Không ghi việc qua đời ở ngày tương lai", "A death cannot lie in the future"
        raise InvalidRequest(
            vi, en, errors=[FieldError("/effective_on", "death_in_future", vi, en)]
        )
    arrives = move.arrives
    if arrives:
        await _require_receiving(work, move)
    seen = await _in_scope(work, await _find(work, code))
    if not seen:
        if not arrives or proof is None:
            raise NotFound
        await work.questions.require()  # before anybody's row is locked
    official = await _find(work, code, lock=True)
    if official is None or not await _in_scope(work, official):
        seen = False
        if not arrives or official is None or not _proves(proof, official):
            if proof is not None:
                _refused(work, code, official)
            raise NotFound
    if seen and proof is not None and _contradicts(proof, official):
        issue = code_of_another()
        raise OfficialCodeInUse(issue.message_vi, issue.message_en)
    undecided = (await joinings.undecided(work.connection, [code])).get(code, ())
    bodies = {post.given.agency_code for post in official.posts} | {move.to_agency or ""}
    bodies.update(body for each in undecided for body in (each.from_agency, each.to_agency))
    belongings = await agencies.belongings(work.connection, bodies, today)

    def _at(post: Post) -> Belonging | None:
        return belongings.get(post.given.agency_code)

    def own_body(body: str) -> bool:
        return sees_persons_of(caller, belongings.get(body))

    def own(post: Post) -> bool:
        return own_body(post.given.agency_code)

    proven = _proves(proof, official)
    home = _establishment(official.posts, move.effective_on)
    if (move.kind in DEPARTURES or (move.kind == "other" and not arrives)) and not own(home):
        raise Forbidden(
            "Chỉ cơ quan quản lý biên chế ghi việc nghỉ, thôi việc",
            "Only the body of the primary assignment records a departure",
        )
    elsewhere = [post for post in official.posts if not own(post)]
    try:
        after = moved(
            official.posts,
            move.kind,
            move.effective_on,
            move.to_agency,
            move.given,
            uuid7,
            is_known=lambda post: proven or within_bloc(caller, _at(post)),
            own=lambda post: own(post) or own(home),
        )
    except MoveImpossible as impossible:
        raise MoveRefused(impossible.vi, impossible.en) from None
    except PrimaryConflict as conflict:
        begins = conflict.key[1]
        if any(each.given.primary and each.given.valid_from == begins for each in elsewhere):
            _require_proof(work, official, proof)
        raise MoveRefused(
            "Đã có vị trí chính khác bắt đầu cùng ngày",
            "Another primary assignment begins on the same day",
        ) from None
    taken = []
    if arrives and elsewhere:
        taken = taken_over(official.posts, after, own_body, today, undecided)
    if taken:
        _require_proof(work, official, proof)
        _require_open(taken, undecided, today)
    changed = await change_posts(work, official, after)
    recorded = Move(
        move_id=uuid7(),
        official_code=code,
        kind=move.kind,
        effective_on=move.effective_on,
        decision_number=move.decision_number,
        to_agency=move.to_agency,
        recorded_on=today,
        before=tuple(official.posts),
        after=tuple(after),
    )
    await repository.add(work.connection, recorded, work.clock.now())
    work.audit("official.moved", code, {"move_id": str(recorded.move_id), "kind": move.kind})
    if not seen:
        work.audit("official.received_elsewhere", code, {"of": [home.given.agency_code]})
    await take_over(work, {code: taken}, belongings)
    if undecided:
        await withdraw_joinings(work, code, after, belongings)
    return recorded, shown_version(confined(caller, changed, belongings), caller)


class Proof(NamedTuple):
    """What a receiving body shows that it knows of the official."""

    key: bytes
    birth_date: str | None


def _proves(proof: Proof | None, official: Official) -> bool:
    return (
        proof is not None
        and proof.key in {each.key for each in official.identities}
        and len(official.birth_date) == 10
        and proof.birth_date == official.birth_date
    )


def _contradicts(proof: Proof, official: Official) -> bool:
    """Whether a number or a birth date given beside a code is another person's."""
    return proof.key not in {each.key for each in official.identities} or (
        proof.birth_date is not None and proof.birth_date != official.birth_date
    )


def _require_proof(work: UnitOfWork, official: Official, proof: Proof | None) -> None:
    """To end an assignment elsewhere, of somebody in scope by another one."""
    if not _proves(proof, official):
        _refused(work, official.official_code, official)
        issue = code_in_use()
        raise OfficialCodeInUse(issue.message_vi, issue.message_en)


def _refused(work: UnitOfWork, code: str, official: Official | None) -> None:
    """The same for a code that nobody has: the count and the trail tell nothing more than the answer."""
    work.questions.count()
    work.audit("official.refused", code, {"code": "move"}, lasting=True)
    if official is not None:
        detail = {"code": "move", "by_agency": work.principal.agency}
        work.audit("official.asked_about", code, detail, lasting=True)


def _require_open(
    taken: Sequence[tuple[Post, Post]], undecided: Sequence[Joining], today: dt.date
) -> None:
    """Nobody is taken over in the past, nor from a body that has contested it before the decision."""
    for left, arrival in taken:
        if arrival.valid_to is not None and arrival.valid_to < today:
            issue = arrival_past()
            raise MoveRefused(issue.message_vi, issue.message_en)
        for joining in undecided:
            if joining.stored == "contested" and joining.from_agency == left.given.agency_code:
                raise JoiningContested


async def _require_receiving(work: UnitOfWork, move: MoveOrder) -> None:
    """The receiving body is the caller's and stands on that day."""
    agency, day = move.to_agency or "", move.effective_on
    belongings = await agencies.belongings(work.connection, [agency], work.clock.today())
    if not sees_persons_of(work.principal, belongings.get(agency)):
        raise AgencyUnknown(
            "Không có cơ quan tiếp nhận này trong phạm vi của bạn",
            "There is no such receiving body in your scope",
        )
    absent = await agencies.absent_on(work.connection, [(agency, day)])
    if (agency, day) in absent:
        vi, en = not_in_force(agency, day, absent[agency, day])
        raise AgencyNotInForce(
            vi, en, errors=[FieldError("/to_agency", AgencyNotInForce.code, vi, en)]
        )


async def _find(work: UnitOfWork, code: str, *, lock: bool = False) -> Official | None:
    return (await officials.officials(work.connection, [code], lock=lock)).get(code)


async def _in_scope(work: UnitOfWork, official: Official | None) -> bool:
    if official is None:
        return False
    belongings = await belongings_of(work, [official])
    return in_scope(work.principal, official, belongings, work.clock.today())


def _establishment(posts: Sequence[Post], day: dt.date) -> Post:
    """The primary assignment of the day, else the last one; of somebody who never had any, the last of all."""
    primaries = [post for post in posts if post.given.primary]
    return primary_on(primaries, day) or (primaries or posts)[-1]


async def visible(
    work: UnitOfWork, code: str, *, lock: bool = False
) -> tuple[Official, Sequence[Move]]:
    """The official, whole, and the moves the caller may see, in the order of their recording.

    Of an official in scope these are all moves; whoever is confined to a bloc sees those that changed an assignment in
    its bodies. Of others they are moves to a body in scope that can still be undone: whoever recorded a move to come
    must be able to take it back before the official is theirs. Raises :class:`NotFound`."""
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
    belongings = await agencies.belongings(work.connection, bodies, today)
    if in_scope(caller, official, belongings, today):
        return official, [move for move in moves if _concerns(caller, move, belongings)]
    received = [
        move
        for move in moves
        if today <= move.undone_until
        and move.received_by is not None
        and sees_persons_of(caller, belongings.get(move.received_by))
    ]
    if not received:
        raise NotFound
    return official, received


def _concerns(caller: Principal, move: Move, belongings: Mapping[str, Belonging]) -> bool:
    if caller.bloc is None or caller.role == "official":
        return True
    changed = {*move.before} ^ {*move.after}
    return any(within_bloc(caller, belongings.get(post.given.agency_code)) for post in changed)


async def listed(work: UnitOfWork, code: str) -> tuple[int, Sequence[Move]]:
    """The official's version as the caller knows it, and the moves as :func:`visible`.

    Of a move into a body of the other bloc, whoever is confined to one is told that the official went, and not
    where to."""
    official, moves = await visible(work, code)
    known = confined(work.principal, official, await belongings_of(work, [official]))
    return shown_version(known, work.principal), [await _as_seen(work, move) for move in moves]


async def _as_seen(work: UnitOfWork, move: Move) -> Move:
    if move.to_agency is None or work.principal.bloc is None:
        return move
    belongings = await agencies.belongings(work.connection, [move.to_agency], work.clock.today())
    if within_bloc(work.principal, belongings.get(move.to_agency)):
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
    return await _as_seen(work, reversal), version
