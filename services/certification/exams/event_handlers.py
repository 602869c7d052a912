"""Facts of enrolment's feed that judging results needs."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import msgspec

from services.certification.exams import repository
from shared.contracts.events import InstitutionChanged, Payload


async def apply_institutions(connection: asyncpg.Connection, payloads: Sequence[Payload]) -> None:
    for payload in payloads:
        if isinstance(payload, InstitutionChanged):
            await repository.put_institution(
                connection,
                payload.institution_code,
                payload.version,
                payload.kind,
                msgspec.json.encode(payload.authorisations).decode(),
                payload.institution_name,
            )
