"""What certification's feed says of papers: recorded, accepted, withdrawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from services.enrolment.evidence import use_cases
from services.enrolment.evidence.deciding import Acceptance
from services.enrolment.evidence.papers import Recorded
from shared.contracts.events import (
    EvidenceAccepted,
    EvidenceAcceptedV1,
    EvidenceRecorded,
    EvidenceWithdrawn,
    Payload,
)
from shared.persistence.unit_of_work import UnitOfWork

HANDLED = (EvidenceRecorded, EvidenceAcceptedV1, EvidenceWithdrawn)


async def apply(work: UnitOfWork, payloads: Iterable[Payload]) -> None:
    """The caller holds :func:`certificates.use_cases.lock`."""
    recorded: list[Recorded] = []
    acceptances: list[Acceptance] = []
    withdrawals: list[tuple[UUID, UUID, dt.date]] = []
    for payload in payloads:
        match payload:
            case EvidenceRecorded():
                recorded.append(_recorded(payload))
            case EvidenceAcceptedV1():
                recorded.append(_recorded(payload))
                acceptances.append(_acceptance(payload))
            case EvidenceWithdrawn():
                acceptance = payload.acceptance_id or payload.evidence_id
                withdrawals.append((payload.evidence_id, acceptance, payload.decided_on))
    if recorded or withdrawals:
        await use_cases.take_news(work, recorded, acceptances, withdrawals)


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
