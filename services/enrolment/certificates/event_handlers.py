"""What certification's feed says of certificates: issued, revoked, superseded."""

from __future__ import annotations

from collections.abc import Iterable

from services.enrolment.certificates import use_cases
from services.enrolment.certificates.matching import Certificate, Ending
from shared.contracts.events import (
    CertificateIssued,
    CertificateRevoked,
    CertificateSuperseded,
    Payload,
)
from shared.persistence.unit_of_work import UnitOfWork

HANDLED = (CertificateIssued, CertificateRevoked, CertificateSuperseded)


async def apply(work: UnitOfWork, payloads: Iterable[Payload]) -> None:
    """The caller holds :func:`certificates.use_cases.lock`."""
    found: dict[str, Certificate] = {}
    endings: list[Ending] = []
    for payload in payloads:
        if isinstance(payload, CertificateIssued):
            found[payload.serial] = _certificate(payload)
        elif (ending := _ending(payload)) is not None:
            endings.append(ending)
    if found or endings:
        await use_cases.take_news(work, list(found.values()), endings)


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
