"""Applies certification's feed: what was issued, accepted, revoked, superseded, withdrawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from services.enrolment.certificates import use_cases
from services.enrolment.certificates.matching import Certificate, Ending
from services.enrolment.evidence import use_cases as evidence
from services.enrolment.evidence.deciding import Acceptance
from services.enrolment.evidence.repository import Recorded
from services.enrolment.feed_readers.repository import lock_reach
from shared.clock import Clock
from shared.contracts.events import (
    CertificateIssued,
    CertificateRevoked,
    CertificateSuperseded,
    Envelope,
    EvidenceAccepted,
    EvidenceAcceptedV1,
    EvidenceRecorded,
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
    recorded: list[Recorded] = []
    acceptances: list[Acceptance] = []
    withdrawals: list[tuple[UUID, UUID, dt.date]] = []
    for envelope in envelopes:
        try:
            payload = decode(envelope)
        except UnknownEvent:
            continue
        match payload:
            case CertificateIssued():
                found[payload.serial] = _certificate(payload)
            case EvidenceRecorded():
                recorded.append(_recorded(payload))
            case EvidenceAcceptedV1():
                recorded.append(_recorded(payload))
                acceptances.append(_acceptance(payload))
            case EvidenceWithdrawn():
                acceptance = payload.acceptance_id or payload.evidence_id
                withdrawals.append((payload.evidence_id, acceptance, payload.decided_on))
            case _:
                ending = _ending(payload)
                if ending is not None:
                    endings.append(ending)
    if found or endings or recorded or withdrawals:
        await lock_reach(connection)
        await use_cases.take_news(work, list(found.values()), endings)
        await evidence.take_news(work, recorded, acceptances, withdrawals)
        await work.flush()


def _recorded(payload: EvidenceRecorded | EvidenceAcceptedV1) -> Recorded:
    return Recorded(
        evidence_id=payload.evidence_id,
        person_key=bytes.fromhex(payload.person_key),
        birth_check=bytes.fromhex(payload.birth_check) if payload.birth_check else None,
        kind=payload.kind,
        language=payload.language,
        dated=payload.dated,
    )


def _acceptance(payload: EvidenceAcceptedV1) -> Acceptance:
    """A v1 event names no authority and counts as one of the whole nation."""
    named = payload if isinstance(payload, EvidenceAccepted) else None
    return Acceptance(
        acceptance_id=named.acceptance_id if named else payload.evidence_id,
        evidence_id=payload.evidence_id,
        accepted_by=named.accepted_by if named else None,
        bloc=named.bloc if named else None,
        decided_on=payload.decided_on,
        level=payload.level,
        specialised=payload.specialised,
        valid_until=payload.expires_on,
    )


def _certificate(payload: CertificateIssued) -> Certificate:
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


def _ending(payload: Payload) -> Ending | None:
    if isinstance(payload, CertificateRevoked):
        return Ending(payload.serial, payload.decided_on, payload.effect, "revoked")
    if isinstance(payload, CertificateSuperseded):
        return Ending(payload.serial, payload.decided_on, "from_decision", "superseded")
    return None
