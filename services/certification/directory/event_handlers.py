"""Institutions and agencies of enrolment's feed."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import msgspec

from services.certification.directory import repository
from services.certification.directory.rows import AgencyVersionRow, InstitutionRow
from shared.contracts.events import AgencyChanged, InstitutionChanged, Payload


async def apply_institutions(connection: asyncpg.Connection, payloads: Sequence[Payload]) -> None:
    for payload in payloads:
        if isinstance(payload, InstitutionChanged):
            await repository.put_institution(
                connection,
                InstitutionRow(
                    institution_code=payload.institution_code,
                    version=payload.version,
                    kind=payload.kind,
                    authorisations=msgspec.json.encode(payload.authorisations).decode(),
                    name=payload.institution_name,
                ),
            )


async def apply_agencies(connection: asyncpg.Connection, payloads: Sequence[Payload]) -> None:
    for payload in payloads:
        if isinstance(payload, AgencyChanged):
            await repository.put_agency(
                connection,
                payload.agency_code,
                payload.version,
                [
                    AgencyVersionRow(
                        agency_code=payload.agency_code,
                        valid_from=each.valid_from,
                        valid_to=each.valid_to,
                        parent_code=each.parent_code,
                        bloc=each.bloc,
                        system=each.system,
                    )
                    for each in payload.versions
                ],
            )
