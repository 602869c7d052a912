"""What the body before, and an authority above both, do about an official who was taken over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

import msgspec

from services.enrolment.directory.agencies import repository as agencies
from services.enrolment.directory.agencies.scope import (
    Belonging,
    sees_directory,
    sees_persons_of,
    within_bloc,
)
from services.enrolment.directory.joinings import repository
from services.enrolment.directory.joinings.errors import JoiningDecided
from services.enrolment.directory.joinings.joining import ACTS, Act, Joining, Party
from services.enrolment.directory.joinings.taking_over import without_arrival
from services.enrolment.directory.joinings.use_cases.recording import settle_joining, take_over
from services.enrolment.directory.officials import repository as officials
from services.enrolment.directory.officials.errors import PrimaryConflict
from services.enrolment.directory.officials.official import Official
from services.enrolment.directory.officials.posts import PrimaryConflict as Clash
from services.enrolment.directory.officials.posts import cut_short, merged, settled
from services.enrolment.directory.officials.use_cases.changing import change_posts
from shared.contracts.problem import FieldError, Forbidden, InvalidRequest, NotFound
from shared.persistence.keys import uuid7
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal


class KnownJoining(msgspec.Struct, frozen=True):
    """A joining as a caller knows it. ``acts``: what this caller may do about it today."""

    joining: Joining
    from_agency: str | None
    to_agency: str | None
    acts: tuple[Act, ...]


def parties(caller: Principal, joining: Joining, belongings: Mapping[str, Belonging]) -> set[Party]:
    """On whose side the caller stands."""
    former = sees_persons_of(caller, belongings.get(joining.from_agency))
    receiving = sees_persons_of(caller, belongings.get(joining.to_agency))
    found: set[Party] = set()
    if former:
        found.add("former")
    if receiving:
        found.add("receiving")
    if former and receiving:
        found.add("common")
    return found


def require_reader(work: UnitOfWork) -> None:
    if not sees_directory(work.principal):
        raise NotFound


async def listed(
    work: UnitOfWork, _: None, after: tuple[UUID] | None, limit: int
) -> tuple[list[KnownJoining], tuple[UUID] | None]:
    """Those of bodies in the caller's scope, the latest first; and the key of the last, if more follow."""
    caller = work.principal
    found = await repository.page(
        work.connection,
        scope=None if caller.is_nationwide else caller.agency or "",
        bloc=caller.bloc,
        today=work.clock.today(),
        after=after[0] if after else None,
        limit=limit + 1,
    )
    more = (found[limit - 1].joining_id,) if len(found) > limit else None
    found = found[:limit]
    if found:
        codes = sorted({each.official_code for each in found})
        work.audit("joinings.listed", f"{len(found)} joinings", {"officials": codes})
    belongings = await _belongings(work, *found)
    return [_known(work, each, belongings) for each in found], more


async def find(work: UnitOfWork, joining_id: UUID) -> KnownJoining:
    joining, belongings = await _find(work, joining_id)
    work.audit("joining.read", joining.official_code, {"joining_id": str(joining_id)})
    return _known(work, joining, belongings)


async def act(
    work: UnitOfWork,
    joining_id: UUID,
    what: Act,
    *,
    reason: str | None = None,
    decision_number: str | None = None,
    decided_on: dt.date | None = None,
) -> KnownJoining:
    """The state that the act leads to, once and for all: done again it changes nothing. A contest gives the body
    before its assignment back; a contest that is not upheld leaves it so."""
    joining, belongings = await _find(work, joining_id)
    official = await _lock(work, joining.official_code)
    joining, belongings = await _find(work, joining_id)
    _, by, leads_to = ACTS[what]
    if by not in parties(work.principal, joining, belongings):
        raise Forbidden(
            "Việc này của cơ quan cũ, hoặc của cơ quan quản lý chung của hai bên khi quyết định",
            "This is for the body before, or, to decide, for an authority above both",
        )
    if what in ("upholding", "dismissal") and not work.principal.may("agencies:write"):
        raise Forbidden(
            "Vai trò này không quyết định việc tiếp nhận", "This role decides no arrivals"
        )
    today = work.clock.today()
    if joining.stored == leads_to:
        return _known(work, joining, belongings)
    if joining.after(what, today) is None:
        vi, en = f"Trạng thái hiện nay: {joining.state(today)}", f"State: {joining.state(today)}"
        raise JoiningDecided(vi, en)
    if decided_on is not None and not joining.recorded_on <= decided_on <= today:
        vi, en = (
            "ngày quyết định trước ngày tiếp nhận hoặc ở tương lai",
            "the decision precedes the arrival or lies in the future",
        )
        raise InvalidRequest(
            vi, en, errors=[FieldError("/decided_on", "decision_date_impossible", vi, en)]
        )
    if what == "contest":
        joining = await _take_back(work, official, joining, belongings)
    elif what == "upholding":
        await _set_up_again(work, official, joining)
    after = await settle_joining(
        work,
        joining,
        leads_to,
        belongings,
        reason=reason,
        decision_number=decision_number,
        decided_on=decided_on,
    )
    return _known(work, after, belongings)


async def _take_back(
    work: UnitOfWork, official: Official, joining: Joining, belongings: Mapping[str, Belonging]
) -> Joining:
    """Without the arriving assignment and those that followed it, so that those it ended are open again. Where one
    of a third body now ends them, that is a taking over of its own."""
    bodies = {post.given.agency_code for post in official.posts}
    around = {
        **belongings,
        **await agencies.belongings(work.connection, bodies, work.clock.today()),
    }

    def of_former(body: str) -> bool:
        belonging = around.get(body)
        return belonging is not None and joining.from_agency in belonging.path

    others = await repository.of_official(work.connection, official.official_code)
    before = cut_short(official.posts)
    kept, gone = without_arrival(official.posts, joining, others, of_former)
    after = settled(kept)
    if not gone or not after:
        return joining
    await change_posts(work, official, after)
    known = {(left.assignment_id, by.assignment_id) for left, by in before}
    cut = [
        (left, by)
        for left, by in cut_short(after)
        if left.given.agency_code == joining.from_agency
        and not of_former(by.given.agency_code)
        and (left.assignment_id, by.assignment_id) not in known
    ]
    await take_over(work, {official.official_code: cut}, around)
    return msgspec.structs.replace(joining, arrivals=tuple(post.given for post in gone))


async def _set_up_again(work: UnitOfWork, official: Official, joining: Joining) -> None:
    ids = iter((joining.assignment_id,))
    try:
        after = merged(
            official.posts,
            joining.arrivals,
            replaces=None,
            new_id=lambda: next(ids, None) or uuid7(),
        )
    except Clash:
        raise PrimaryConflict(
            "Đã có vị trí chính khác bắt đầu cùng ngày",
            "Another primary assignment begins on the same day",
        ) from None
    if after != official.posts:
        await change_posts(work, official, after)


async def _find(work: UnitOfWork, joining_id: UUID) -> tuple[Joining, dict[str, Belonging]]:
    """Raises :class:`NotFound` for one that is unknown, or of no body in the caller's scope."""
    require_reader(work)
    joining = await repository.find(work.connection, joining_id)
    if joining is None:
        raise NotFound
    belongings = await _belongings(work, joining)
    if not parties(work.principal, joining, belongings):
        raise NotFound
    return joining, belongings


async def _lock(work: UnitOfWork, code: str) -> Official:
    return (await officials.officials(work.connection, [code], lock=True))[code]


async def _belongings(work: UnitOfWork, *joinings: Joining) -> dict[str, Belonging]:
    bodies = {body for each in joinings for body in (each.from_agency, each.to_agency)}
    return await agencies.belongings(work.connection, bodies, work.clock.today())


def _known(work: UnitOfWork, joining: Joining, belongings: Mapping[str, Belonging]) -> KnownJoining:
    caller, today = work.principal, work.clock.today()
    sides = parties(caller, joining, belongings)
    acts = tuple(
        act
        for act, (_, by, _) in ACTS.items()
        if by in sides
        and by != "receiving"
        and joining.after(act, today) is not None
        and caller.may("agencies:write" if by == "common" else "directory:write")
    )

    def known(body: str) -> str | None:
        return body if within_bloc(caller, belongings.get(body)) else None

    return KnownJoining(joining, known(joining.from_agency), known(joining.to_agency), acts)
