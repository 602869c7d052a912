"""Papers meet their persons, and wait for the authority of the person's body until it has decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from services.enrolment.certificates import repository as certificates
from services.enrolment.certificates.matching import Certificate, agrees
from services.enrolment.directory.agencies.scope import (
    Belonging,
    sees_directory,
    sees_persons_of,
)
from services.enrolment.directory.agencies.use_cases import reading as agencies
from services.enrolment.directory.officials.posts import Post
from services.enrolment.directory.officials.use_cases.reading import assignments_of
from services.enrolment.evidence import repository
from services.enrolment.evidence.deciding import (
    Acceptance,
    BodyOnDay,
    counts,
    deciding_place,
    telling,
)
from services.enrolment.evidence.papers import Known, Recorded, Referral
from services.enrolment.evidence.schemas import WaitingView
from shared.contracts.audiences import Reader, authorities, whole
from shared.contracts.events import (
    EvidenceReferred,
    OfficialCertificateWithdrawn,
    OfficialCertified,
)
from shared.contracts.problem import Forbidden, NotFound
from shared.persistence.unit_of_work import UnitOfWork

_QUEUE_PORTION: Final = 501


async def take_news(
    work: UnitOfWork,
    recorded: Sequence[Recorded],
    acceptances: Sequence[Acceptance],
    endings: Sequence[tuple[UUID, UUID, dt.date]],
) -> None:
    """What certification's feed says; an ending names paper, acceptance and day. The caller holds
    :func:`certificates.use_cases.lock`."""
    if recorded:
        await repository.store(
            work.connection, {each.evidence_id: each for each in recorded}.values()
        )
    if acceptances:
        await repository.store_acceptances(work.connection, acceptances)
    if endings:
        await repository.end_acceptances(
            work.connection, [(acceptance, day) for _, acceptance, day in endings]
        )
    ids = {each.evidence_id for each in recorded} | {paper for paper, _, _ in endings}
    ids |= {each.evidence_id for each in acceptances}
    if ids:
        await _settle(work, await repository.known(work.connection, evidence_ids=ids))


async def settle_officials(work: UnitOfWork, codes: Collection[str]) -> None:
    """After officials, or the tree they stand in, changed. The caller holds
    :func:`certificates.use_cases.lock`."""
    await _settle(work, await repository.known(work.connection, officials=codes))


class _Settled(NamedTuple):
    paper: Known
    certificate: Certificate | None
    """As enrolment keeps it; null while nobody accepted the paper."""
    official_code: str | None
    agency_code: str | None
    """Whom it waits for."""


async def _settle(work: UnitOfWork, papers: Sequence[Known]) -> None:
    if not papers:
        return
    owners = {paper.owner for paper in papers if paper.owner is not None}
    posts = await assignments_of(work, owners)
    decided = await repository.acceptances_of(
        work.connection, [paper.recorded.evidence_id for paper in papers]
    )
    today = work.clock.today()
    wanted: set[BodyOnDay] = set()
    for paper in papers:
        own = posts.get(paper.owner or "", [])
        days = [each.decided_on for each in decided.get(paper.recorded.evidence_id, ())]
        wanted.update(place for day in days if (place := deciding_place(own, day)) is not None)
    places = await agencies.belongings_on(work, wanted)
    settled = [
        _judge(
            paper,
            posts.get(paper.owner or "", []),
            decided.get(paper.recorded.evidence_id, []),
            places,
            today,
        )
        for paper in papers
    ]
    await _refer(work, settled)
    await _announce(work, [each.certificate for each in settled if each.certificate is not None])


def _judge(
    paper: Known,
    posts: Sequence[Post],
    acceptances: Sequence[Acceptance],
    places: Mapping[BodyOnDay, Belonging],
    today: dt.date,
) -> _Settled:
    recorded, owner = paper.recorded, paper.owner
    fits = owner is not None and agrees(recorded.birth_check, paper.owner_check)
    counting = [each for each in acceptances if fits and counts(each, posts, places)]
    said = telling(counting) or telling(acceptances)
    certificate = None
    if said is not None:
        ended = said.ended_on is not None
        certificate = Certificate(
            reference=str(recorded.evidence_id),
            kind="evidence",
            version=len(acceptances) + 1,
            person_key=recorded.person_key,
            birth_check=recorded.birth_check,
            language=recorded.language,
            level=said.level,
            specialised=said.specialised,
            issued_on=recorded.dated,
            counts_from=recorded.dated,
            valid_until=said.valid_until,
            ended_on=said.ended_on,
            ended_effect="from_decision" if ended else None,
            ended_cause="withdrawn" if ended else None,
            attached_to=owner if counting else None,
            mismatched_with=None if fits else owner,
        )
    place = deciding_place(posts, today) if fits and not counting else None
    return _Settled(paper, certificate, owner if place else None, place[0] if place else None)


async def _refer(work: UnitOfWork, settled: Sequence[_Settled]) -> None:
    """Tells the authorities for whom a paper waits, or waits no more."""
    changed = [
        each
        for each in settled
        if (each.official_code, each.agency_code)
        != (each.paper.official_code if each.paper.agency_code else None, each.paper.agency_code)
    ]
    if not changed:
        return
    bodies = {
        body for each in changed for body in (each.agency_code, each.paper.agency_code) if body
    }
    belongings = await agencies.belongings(work, bodies)
    for each in changed:
        bodies = {body for body in (each.agency_code, each.paper.agency_code) if body}
        audience: set[Reader] = set().union(
            *(_authorities(belongings[body]) for body in bodies if body in belongings)
        )
        evidence_id = each.paper.recorded.evidence_id
        work.emit(
            EvidenceReferred(
                version=each.paper.version + 1,
                evidence_id=evidence_id,
                official_code=each.official_code,
                agency_code=each.agency_code,
            ),
            subject=str(evidence_id),
            audience=whole(audience),
        )
    await repository.refer(
        work.connection,
        [
            Referral(
                each.paper.recorded.evidence_id,
                each.paper.version + 1,
                each.official_code,
                each.agency_code,
            )
            for each in changed
        ],
    )


def _authorities(belonging: Belonging) -> set[Reader]:
    """The authorities at and above a body, and those confined to its bloc."""
    return authorities(belonging.path, belonging.bloc)


async def _announce(work: UnitOfWork, found: Sequence[Certificate]) -> None:
    """Keeps what the papers are worth to their holders, and tells what changed of that."""
    known = await certificates.by_reference(work.connection, [each.reference for each in found])
    changed = [each for each in found if known.get(each.reference) != each]
    if not changed:
        return
    await certificates.put(work.connection, changed)
    holders = {
        holder
        for each in changed
        for one in (each, known.get(each.reference))
        if one is not None and (holder := one.attached_to) is not None
    }
    versions = await certificates.versions_of_officials(work.connection, holders)
    for after in changed:
        before = known.get(after.reference)
        former_holder = None if before is None or before.ended else before.attached_to
        holds = None if after.ended else after.attached_to
        if former_holder is not None and former_holder != holds and former_holder in versions:
            ended = after.attached_to == former_holder and after.ended_on is not None
            work.emit(
                OfficialCertificateWithdrawn(
                    version=versions[former_holder],
                    official_code=former_holder,
                    reference=after.reference,
                    decided_on=after.ended_on if ended and after.ended_on else work.clock.today(),
                    effect="from_decision" if ended else "from_issue",
                    cause="withdrawn"
                    if ended
                    else "identity_mismatch"
                    if after.mismatched_with is not None
                    else "not_accepted",
                ),
                subject=former_holder,
            )
        unchanged = (
            before is not None and former_holder == holds and before.summary() == after.summary()
        )
        if holds is not None and not unchanged and holds in versions:
            work.emit(
                OfficialCertified(
                    version=versions[holds],
                    official_code=holds,
                    certificate=after.summary(),
                ),
                subject=holds,
            )


def require_authority(work: UnitOfWork) -> None:
    if not sees_directory(work.principal):
        raise NotFound
    if work.principal.role == "agency":
        raise Forbidden(
            "Hàng chờ này dành cho cơ quan có thẩm quyền công nhận",
            "This queue is that of the authority which accepts evidence",
        )


async def waiting(
    work: UnitOfWork, _: None, after: tuple[str, UUID] | None, limit: int
) -> tuple[list[WaitingView], tuple[str, UUID] | None]:
    """The queue as far as the caller may see, and the key of the last item, if more follow. It is read until the
    page is full: a short page would tell of officials elsewhere."""
    items: list[WaitingView] = []
    while len(items) <= limit:
        found = await repository.waiting(work.connection, after, _QUEUE_PORTION)
        belongings = await agencies.belongings(work, {each.agency_code for each in found})
        items += [
            WaitingView(**each._asdict())
            for each in found
            if sees_persons_of(work.principal, belongings.get(each.agency_code))
        ]
        if len(found) < _QUEUE_PORTION:
            break
        after = (found[-1].official_code, found[-1].evidence_id)
    more = len(items) > limit
    items = items[:limit]
    if items:
        codes = sorted({item.official_code for item in items})
        work.audit("evidence_waiting.listed", f"{len(codes)} officials", {"officials": codes})
    return items, (items[-1].official_code, items[-1].evidence_id) if more else None
