"""SQL of papers filed about persons and of what was decided about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

import asyncpg

from services.enrolment.evidence.deciding import Acceptance
from services.enrolment.evidence.models import EvidenceAcceptanceRecord, EvidenceRecord
from services.enrolment.evidence.papers import Known, Recorded, Referral, Waiting
from shared.persistence.rows import columns_of

_RECORDED: Final = columns_of(EvidenceRecord, Recorded)
_WAITING: Final = columns_of(EvidenceRecord, Waiting)
_ACCEPTANCES: Final = columns_of(EvidenceAcceptanceRecord)
_ACCEPTED: Final = _ACCEPTANCES.without("ended_on")


async def store(connection: asyncpg.Connection, found: Collection[Recorded]) -> None:
    """A paper is recorded once; what is told of it again is the same."""
    await connection.execute(
        f"""
        INSERT INTO evidence ({_RECORDED.listed}, version)
        SELECT {_RECORDED.of("given")}, 0 FROM {_RECORDED.given()}
        ON CONFLICT (evidence_id) DO NOTHING
        """,
        *_RECORDED.arrays(found),
    )


async def store_acceptances(connection: asyncpg.Connection, found: Sequence[Acceptance]) -> None:
    rows = [[getattr(each, name) for name in _ACCEPTED.names] for each in found]
    await connection.execute(
        f"{_ACCEPTED.insert_given()} ON CONFLICT (acceptance_id) DO NOTHING",
        *_ACCEPTED.arrays(rows),
    )


async def end_acceptances(
    connection: asyncpg.Connection, endings: Sequence[tuple[UUID, dt.date]]
) -> None:
    await connection.executemany(
        "UPDATE evidence_acceptance SET ended_on = $2 WHERE acceptance_id = $1 AND ended_on IS NULL",
        endings,
    )


async def known(
    connection: asyncpg.Connection,
    *,
    evidence_ids: Collection[UUID] = (),
    officials: Collection[str] = (),
) -> list[Known]:
    """Papers by id, and those that carry an identity of these officials or were told as theirs."""
    rows = await connection.fetch(
        f"""
        WITH near AS (
            SELECT unnest($1::uuid[]) AS evidence_id
            UNION
            SELECT e.evidence_id FROM official_identity i JOIN evidence e USING (person_key)
            WHERE i.official_code = ANY($2::text[])
            UNION
            SELECT e.evidence_id FROM evidence e
            WHERE e.official_code = ANY($2::text[]) AND e.agency_code IS NOT NULL)
        SELECT {_RECORDED.of("e")},
               e.version, e.official_code, e.agency_code, i.official_code, i.birth_check
        FROM near JOIN evidence e USING (evidence_id)
        LEFT JOIN official_identity i ON i.person_key = e.person_key
        ORDER BY e.evidence_id
        """,
        list(evidence_ids),
        list(officials),
    )
    width = len(_RECORDED.names)
    return [Known(Recorded(*row[:width]), *row[width:]) for row in map(tuple, rows)]


async def acceptances_of(
    connection: asyncpg.Connection, evidence_ids: Collection[UUID]
) -> dict[UUID, list[Acceptance]]:
    """The acceptances of each paper, in the order of the days they were decided on."""
    found: dict[UUID, list[Acceptance]] = {}
    for row in await connection.fetch(
        f"""
        SELECT {_ACCEPTANCES.listed} FROM evidence_acceptance WHERE evidence_id = ANY($1::uuid[])
        ORDER BY evidence_id, decided_on, acceptance_id
        """,
        list(evidence_ids),
    ):
        acceptance = Acceptance(**dict(zip(_ACCEPTANCES.names, row, strict=True)))
        found.setdefault(acceptance.evidence_id, []).append(acceptance)
    return found


async def refer(connection: asyncpg.Connection, referrals: Sequence[Referral]) -> None:
    """Each referral: paper, version of its event, official, and the body whose authority it waits for."""
    await connection.executemany(
        "UPDATE evidence SET version = $2, official_code = $3, agency_code = $4 WHERE evidence_id = $1",
        referrals,
    )


async def waiting(
    connection: asyncpg.Connection, after: tuple[str, UUID] | None, limit: int
) -> list[Waiting]:
    """The queue by official and paper."""
    rows = await connection.fetch(
        f"""
        SELECT {_WAITING.listed} FROM evidence
        WHERE agency_code IS NOT NULL
          AND ($1::text IS NULL OR (official_code, evidence_id) > ($1, $2::uuid))
        ORDER BY official_code, evidence_id LIMIT $3
        """,
        after[0] if after else None,
        after[1] if after else None,
        limit,
    )
    return [Waiting(*row) for row in rows]
