"""Matching certificates with officials, whichever of the two came first."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from services.enrolment.certificates import repository
from services.enrolment.certificates.matching import Certificate, Ending, agrees
from shared.contracts.events import OfficialCertificateWithdrawn, OfficialCertified
from shared.persistence.unit_of_work import UnitOfWork

Owned = tuple[Certificate, str | None, bytes | None]


async def match_officials(work: UnitOfWork, codes: Collection[str]) -> None:
    """After officials changed: certificates that waited for them, and those that are no longer theirs.
    The caller holds the lock of reach, so that a certificate arriving meanwhile is not missed."""
    await _match(work, await repository.concerning(work.connection, codes))


async def take_news(
    work: UnitOfWork, found: Sequence[Certificate], endings: Sequence[Ending]
) -> None:
    """What certification's feed told: certificates first, for an ending always follows its beginning.
    The caller holds the lock of reach."""
    if found:
        await repository.store(work.connection, found)
        references = [each.reference for each in found]
        await _match(work, await repository.owned(work.connection, references))
    if endings:
        await _end(work, endings)


async def _match(work: UnitOfWork, found: Sequence[Owned]) -> None:
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
        held = known.get(ending.reference)
        before = changed.get(ending.reference)
        ended = before is not None or (held is not None and held.ended)
        again = held is not None and (held.ended_on, held.ended_effect) == (
            ending.ended_on,
            ending.effect,
        )
        if held is not None and not again and (not ended or ending.effect == "from_issue"):
            changed[ending.reference] = held, ending
    if not changed:
        return
    await repository.end(work.connection, [ending for _, ending in changed.values()])
    holders = [held.attached_to for held, _ in changed.values() if held.attached_to is not None]
    versions = await repository.versions_of_officials(work.connection, holders)
    for held, ending in changed.values():
        if held.attached_to is not None and held.attached_to in versions:
            work.emit(
                OfficialCertificateWithdrawn(
                    version=versions[held.attached_to],
                    official_code=held.attached_to,
                    reference=held.reference,
                    decided_on=ending.ended_on,
                    effect=ending.effect,
                    cause=ending.cause,
                ),
                subject=held.attached_to,
            )
