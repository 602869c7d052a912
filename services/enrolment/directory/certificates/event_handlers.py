"""Applies certification's feed: what was issued, accepted, revoked, superseded, withdrawn."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from services.enrolment.directory.certificates import use_cases
from services.enrolment.directory.certificates.matching import Certificate, Ending
from services.enrolment.directory.reach.repository import lock_reach
from shared.clock import Clock
from shared.contracts.events import (
    CertificateIssued,
    CertificateRevoked,
    CertificateSuperseded,
    Envelope,
    EvidenceAcceptedV1,
    EvidenceWithdrawn,
    Payload,
    UnknownEvent,
    decode,
)
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal

WORKER = Principal(subject="worker:enrolment", role="admin")


async def apply(
    connection: asyncpg.Connection, envelopes: Sequence[Envelope], clock: Clock
) -> None:
    """Runs in the transaction that moves the cursor."""
    work = UnitOfWork(connection, principal=WORKER, clock=clock, correlation_id="feed")
    found: dict[str, Certificate] = {}
    endings: list[Ending] = []
    for envelope in envelopes:
        try:
            payload = decode(envelope)
        except UnknownEvent:
            continue
        certificate = _certificate(payload)
        if certificate is not None:
            found[certificate.reference] = certificate
        ending = _ending(payload)
        if ending is not None:
            endings.append(ending)
    if found or endings:
        await lock_reach(connection)
        await use_cases.take_news(work, list(found.values()), endings)
        await work.flush()


def _certificate(payload: Payload) -> Certificate | None:
    if isinstance(payload, CertificateIssued):
        return Certificate(
            reference=payload.serial,
            kind="certificate",
            version=payload.version,
            person_key=bytes.fromhex(payload.person_key),
            birth_check=bytes.fromhex(payload.birth_check) if payload.birth_check else None,
            language=payload.language,
            level=payload.level,
            specialised=False,
            issued_on=payload.issued_on,
            counts_from=payload.counts_from or payload.issued_on,
            valid_until=payload.valid_until,
        )
    if isinstance(payload, EvidenceAcceptedV1):
        return Certificate(
            reference=str(payload.evidence_id),
            kind="evidence",
            version=payload.version,
            person_key=bytes.fromhex(payload.person_key),
            birth_check=bytes.fromhex(payload.birth_check) if payload.birth_check else None,
            language=payload.language,
            level=payload.level,
            specialised=payload.specialised,
            issued_on=payload.dated,
            counts_from=payload.dated,
            valid_until=payload.expires_on,
        )
    return None


def _ending(payload: Payload) -> Ending | None:
    if isinstance(payload, CertificateRevoked):
        return Ending(payload.serial, payload.decided_on, payload.effect, "revoked")
    if isinstance(payload, CertificateSuperseded):
        return Ending(payload.serial, payload.decided_on, "from_decision", "superseded")
    if isinstance(payload, EvidenceWithdrawn):
        return Ending(str(payload.evidence_id), payload.decided_on, "from_decision", "withdrawn")
    return None
