"""Matching certificates with officials, whichever of the two came first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from services.enrolment.certificates import repository
from services.enrolment.certificates.matching import (
    Certificate,
    Ending,
    OwnedCertificate,
    agrees,
)
from services.enrolment.certificates.schemas import CertificateView, MismatchView
from services.enrolment.directory.agencies.scope import sees_directory
from services.enrolment.directory.officials.use_cases.reading import codes_in_scope, find
from shared.contracts.events import (
    CertificateStanding,
    OfficialCertificateWithdrawn,
    OfficialCertified,
)
from shared.contracts.problem import NotFound
from shared.persistence.unit_of_work import UnitOfWork

_QUEUE_PORTION: Final = 501


async def lock(work: UnitOfWork) -> None:
    """Whoever matches officials with certificates and papers goes alone, until the transaction ends: so that a
    certificate that arrives while an official changes is not missed."""
    await repository.lock_matching(work.connection)


async def match_officials(work: UnitOfWork, codes: Collection[str]) -> None:
    """After officials changed: certificates that waited for them, and those that are no longer theirs.
    The caller holds :func:`lock`, so that a certificate arriving meanwhile is not missed."""
    await _match(work, await repository.concerning(work.connection, codes))


async def take_news(
    work: UnitOfWork, found: Sequence[Certificate], endings: Sequence[Ending]
) -> None:
    """What certification's feed told: certificates first, for an ending always follows its beginning.
    The caller holds :func:`lock`."""
    if found:
        await repository.store(work.connection, found)
        references = [each.reference for each in found]
        await _match(work, await repository.owned(work.connection, references))
    if endings:
        await _end(work, endings)


async def _match(work: UnitOfWork, found: Sequence[OwnedCertificate]) -> None:
    changed: list[Certificate] = []
    gained: list[tuple[str, Certificate]] = []
    lost: list[tuple[str, Certificate]] = []
    for certificate, owner, check in found:
        fits = owner is not None and agrees(certificate.birth_check, check)
        after = msgspec.structs.replace(
            certificate,
            attached_to=owner if fits else None,
            mismatched_with=None if fits else owner,
        )
        if after == certificate:
            continue
        changed.append(after)
        if certificate.attached_to is not None and not certificate.ended:
            lost.append((certificate.attached_to, certificate))
        if after.attached_to is not None and not after.ended:
            gained.append((after.attached_to, after))
    if not changed:
        return
    await repository.attach(work.connection, changed)
    versions = await repository.versions_of_officials(
        work.connection, [code for code, _ in (*gained, *lost)]
    )
    for code, certificate in lost:
        if code in versions:
            work.emit(
                OfficialCertificateWithdrawn(
                    version=versions[code],
                    official_code=code,
                    reference=certificate.reference,
                    decided_on=work.clock.today(),
                    effect="from_issue",
                    cause="identity_mismatch",
                ),
                subject=code,
            )
    for code, certificate in gained:
        if code in versions:
            work.emit(
                OfficialCertified(
                    version=versions[code],
                    official_code=code,
                    certificate=certificate.summary(),
                ),
                subject=code,
            )


async def _end(work: UnitOfWork, endings: Sequence[Ending]) -> None:
    """The ending a certificate had before is kept, unless the new one declares it void from its issue."""
    known = await repository.by_reference(work.connection, [each.reference for each in endings])
    changed: dict[str, tuple[Certificate, Ending]] = {}
    for ending in endings:
        stored = known.get(ending.reference)
        before = changed.get(ending.reference)
        ended = before is not None or (stored is not None and stored.ended)
        again = stored is not None and (stored.ended_on, stored.ended_effect) == (
            ending.ended_on,
            ending.effect,
        )
        if stored is not None and not again and (not ended or ending.effect == "from_issue"):
            changed[ending.reference] = stored, ending
    if not changed:
        return
    await repository.end(work.connection, [ending for _, ending in changed.values()])
    holders = [
        stored.attached_to for stored, _ in changed.values() if stored.attached_to is not None
    ]
    versions = await repository.versions_of_officials(work.connection, holders)
    for stored, ending in changed.values():
        if stored.attached_to is not None and stored.attached_to in versions:
            work.emit(
                OfficialCertificateWithdrawn(
                    version=versions[stored.attached_to],
                    official_code=stored.attached_to,
                    reference=stored.reference,
                    decided_on=ending.ended_on,
                    effect=ending.effect,
                    cause=ending.cause,
                ),
                subject=stored.attached_to,
            )


async def of_official(work: UnitOfWork, code: str) -> list[CertificateView]:
    """Certificates of an official in the caller's scope, newest first."""
    await find(work, code)
    if work.principal.official_code != code:
        work.audit("official.certificates_read", code)
    return [
        CertificateView(
            reference=each.reference,
            kind=each.kind,
            language=each.language,
            level=each.level,
            specialised=each.specialised,
            issued_on=each.issued_on,
            valid_until=each.valid_until,
            standing=not each.ended,
            ended_on=each.ended_on,
            ended_cause=each.ended_cause,
            ended_effect=each.ended_effect,
        )
        for each in await repository.attached(work.connection, code)
    ]


def require_reader(work: UnitOfWork) -> None:
    if not sees_directory(work.principal):
        raise NotFound


async def mismatched(
    work: UnitOfWork, _: None, after: tuple[str, str] | None, limit: int
) -> tuple[list[MismatchView], tuple[str, str] | None]:
    """The queue as far as the caller may see, and the key of the last item, if more follow. It is read until the
    page is full: a short page would tell of officials elsewhere."""
    items: list[MismatchView] = []
    while len(items) <= limit:
        found = await repository.mismatched(work.connection, after, _QUEUE_PORTION)
        visible = await codes_in_scope(work, {official_code for official_code, _ in found})
        items += [
            MismatchView(
                reference=each.reference,
                kind=each.kind,
                official_code=official_code,
                language=each.language,
                level=each.level,
                issued_on=each.issued_on,
            )
            for official_code, each in found
            if official_code in visible
        ]
        if len(found) < _QUEUE_PORTION:
            break
        after = (found[-1][0], found[-1][1].reference)
    more = len(items) > limit
    items = items[:limit]
    if items:
        codes = [item.official_code for item in items]
        work.audit("identity_mismatches.listed", f"{len(codes)} officials", {"officials": codes})
    return items, (items[-1].official_code, items[-1].reference) if more else None


async def lasting_of(
    work: UnitOfWork, codes: Collection[str]
) -> dict[str, list[CertificateStanding]]:
    """Those of each official that have not ended."""
    return await repository.lasting_of(work.connection, codes)
