"""What certification's feed tells enrolment of certificates."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import msgspec

from services.enrolment.callers import WORKER
from services.enrolment.certification_feed import apply
from shared.contracts.events import (
    TYPE_OF,
    CertificateIssued,
    Envelope,
    Payload,
)
from shared.persistence.unit_of_work import background_work
from shared.security.person_key import PersonIdentity, PersonKeys
from tests.making.rosters import citizen
from tests.running import PERSON_KEY, RunningService

KEYS = PersonKeys(bytes.fromhex(PERSON_KEY))


def issued(number: int, birth_date: str = "1985-03-02", serial: str = "S-1") -> CertificateIssued:
    identity = PersonIdentity.citizen(citizen(number))
    return CertificateIssued(
        version=1,
        certificate_id=UUID(int=1),
        serial=serial,
        register_number="1",
        register_book="VINH/2026",
        institution_code="VINH",
        result_id=None,
        exam_session=None,
        held_on=None,
        format="VSTEP.3-5",
        person_key=KEYS.person_key(identity),
        birth_check=KEYS.birth_check(identity, birth_date),
        framework="KNLNNVN-2014",
        level=4,
        language="en",
        issued_on=dt.date(2026, 5, 1),
        valid_until=None,
        rule=None,
    )


async def tell(service: RunningService, *payloads: Payload) -> None:
    """What certification's feed would have brought."""
    envelopes = [
        Envelope(
            specversion="1.0",
            id=str(n),
            source="/certification",
            type=TYPE_OF[type(payload)].name,
            subject="x",
            time=service.clock.now(),
            datacontenttype="application/json",
            data=msgspec.to_builtins(payload),
        )
        for n, payload in enumerate(payloads)
    ]
    async with background_work(service.database, WORKER, service.clock) as work:
        await apply(work.connection, envelopes, service.clock)


def kinds(events: list[Any]) -> list[str]:
    names = (e["type"].removeprefix("vn.bac.official.") for e in events)
    return [name for name in names if name.startswith("certifi")]
