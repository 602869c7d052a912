"""Recording a move."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from services.enrolment.directory.agencies import repository as agencies
from services.enrolment.directory.agencies.scope import (
    sees_persons_of,
    within_bloc,
)
from services.enrolment.directory.joinings import repository as joinings
from services.enrolment.directory.joinings.joining import Joining
from services.enrolment.directory.joinings.taking_over import taken_over
from services.enrolment.directory.joinings.use_cases.recording import take_over, withdraw_joinings
from services.enrolment.directory.moves import repository
from services.enrolment.directory.moves.errors import (
    MoveRefused,
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
    if move.arrives:
        await _require_receiving(work, move)
    official, in_own_scope = await _locked(work, code, move, proof)
    undecided = (await joinings.undecided(work.connection, [code])).get(code, ())
    bodies = {post.given.agency_code for post in official.posts} | {move.to_agency or ""}
    bodies.update(body for each in undecided for body in (each.from_agency, each.to_agency))
    belongings = await agencies.belongings(work.connection, bodies, today)

    def own_body(body: str) -> bool:
        return sees_persons_of(caller, belongings.get(body))

    def own(post: Post) -> bool:
        return own_body(post.given.agency_code)

    proven = _proves(proof, official)
    home = _establishment(official.posts, move.effective_on)
    departs = move.kind in DEPARTURES or (move.kind == "other" and not move.arrives)
    if departs and not own(home):
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
            is_known=lambda post: (
                proven or within_bloc(caller, belongings.get(post.given.agency_code))
            ),
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
    if move.arrives and elsewhere:
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
    if not in_own_scope:
        work.audit("official.received_elsewhere", code, {"of": [home.given.agency_code]})
    await take_over(work, {code: taken}, belongings)
    if undecided:
        await withdraw_joinings(work, code, after, belongings)
    return recorded, shown_version(confined(caller, changed, belongings), caller)


async def _locked(
    work: UnitOfWork, code: str, move: MoveOrder, proof: Proof | None
) -> tuple[Official, bool]:
    """The official, locked, and whether the caller has it in scope. A caller who has not must prove to know the
    person. A caller who gives another person's number is refused."""
    in_own_scope = await _in_scope(work, await _find(work, code))
    if not in_own_scope:
        if not move.arrives or proof is None:
            raise NotFound
        await work.questions.require()  # before anybody's row is locked
    official = await _find(work, code, lock=True)
    if official is None or not await _in_scope(work, official):
        in_own_scope = False
        if not move.arrives or official is None or not _proves(proof, official):
            if proof is not None:
                _refused(work, code, official)
            raise NotFound
    if in_own_scope and proof is not None and _contradicts(proof, official):
        issue = code_of_another()
        raise OfficialCodeInUse(issue.message_vi, issue.message_en)
    return official, in_own_scope


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
    """Proof is needed to end an assignment elsewhere, also of somebody who is in scope by another one."""
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
