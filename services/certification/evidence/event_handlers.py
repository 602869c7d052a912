"""The tree of agencies from enrolment's feed, and who may read events of evidence by it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from services.certification.evidence import repository
from shared.contracts.events import AgencyChanged, Payload
from shared.feed.repository import PendingEvent


async def apply_agencies(connection: asyncpg.Connection, payloads: Sequence[Payload]) -> None:
    for payload in payloads:
        if isinstance(payload, AgencyChanged):
            await repository.put_agency(
                connection,
                payload.agency_code,
                payload.version,
                [
                    (each.valid_from, each.valid_to, each.parent_code, each.bloc, each.system)
                    for each in payload.versions
                ],
            )


async def evidence_audiences(
    connection: asyncpg.Connection, events: Sequence[PendingEvent], today: dt.date
) -> dict[int, list[str]]:
    """By outbox number: the body that filed it and all above it today. A reader confined to a bloc sees
    what bodies of that bloc filed."""
    if not events:
        return {}
    filers = await repository.filers_of(connection, [UUID(event.subject) for event in events])
    codes = {code for code in filers.values() if code is not None}
    chains = await repository.chains_of(connection, codes, today)
    found: dict[int, list[str]] = {}
    for event in events:
        filer = filers.get(UUID(event.subject))
        if filer is None:
            found[event.seq] = []
            continue
        chain = chains[filer]
        bloc = repository.bloc_of(chain)
        names = [f"agency:{link.agency_code}" for link in chain] or [f"agency:{filer}"]
        found[event.seq] = [*names, *(f"{name}|{bloc}" for name in names), f"bloc:{bloc}"]
    return found
