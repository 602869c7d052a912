"""SQL of papers filed about persons and of what was decided about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

import asyncpg

from services.enrolment.directory.agencies.scope import Belonging
from services.enrolment.evidence.deciding import Acceptance, BodyOnDay


class Recorded(NamedTuple):
    """A paper as certification's feed told of it."""

    evidence_id: UUID
    person_key: bytes
    birth_check: bytes | None
    kind: str
    language: str
    dated: dt.date


class Known(NamedTuple):
    """A paper with the owner of its identity today, and what was told of it last."""

    recorded: Recorded
    version: int
    official_code: str | None
    agency_code: str | None
    owner: str | None
    owner_check: bytes | None


class Waiting(NamedTuple):
    evidence_id: UUID
    official_code: str
    agency_code: str
    kind: str
    language: str
    dated: dt.date


async def store(connection: asyncpg.Connection, found: Collection[Recorded]) -> None:
    """A paper is recorded once; what is told of it again is the same."""
    await connection.execute(
        """
        INSERT INTO evidence (evidence_id, person_key, birth_check, kind, language, dated, version)
        SELECT *, 0 FROM unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::text[], $5::text[], $6::date[])
        ON CONFLICT (evidence_id) DO NOTHING
        """,
        *map(list, zip(*found, strict=True)),
    )


async def store_acceptances(connection: asyncpg.Connection, found: Sequence[Acceptance]) -> None:
    await connection.executemany(
        """
        INSERT INTO evidence_acceptance (acceptance_id, evidence_id, accepted_by, bloc, decided_on,
            level, specialised, valid_until)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (acceptance_id) DO NOTHING
        """,
        [
            (
                *(each.acceptance_id, each.evidence_id, each.accepted_by, each.bloc),
                *(each.decided_on, each.level, each.specialised, each.valid_until),
            )
            for each in found
        ],
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
        """
        WITH near AS (
            SELECT unnest($1::uuid[]) AS evidence_id
            UNION
            SELECT e.evidence_id FROM official_identity i JOIN evidence e USING (person_key)
            WHERE i.official_code = ANY($2::text[])
            UNION
            SELECT e.evidence_id FROM evidence e
            WHERE e.official_code = ANY($2::text[]) AND e.agency_code IS NOT NULL)
        SELECT e.evidence_id, e.person_key, e.birth_check, e.kind, e.language, e.dated,
               e.version, e.official_code, e.agency_code, i.official_code, i.birth_check
        FROM near JOIN evidence e USING (evidence_id)
        LEFT JOIN official_identity i ON i.person_key = e.person_key
        ORDER BY e.evidence_id
        """,
        list(evidence_ids),
        list(officials),
    )
    return [Known(Recorded(*row[:6]), *row[6:]) for row in map(tuple, rows)]


async def acceptances_of(
    connection: asyncpg.Connection, evidence_ids: Collection[UUID]
) -> dict[UUID, list[Acceptance]]:
    """Of each paper, in the order of the days they were decided on."""
    found: dict[UUID, list[Acceptance]] = {}
    for row in await connection.fetch(
        """
        SELECT acceptance_id, evidence_id, accepted_by, bloc, decided_on, level, specialised,
               valid_until, ended_on
        FROM evidence_acceptance WHERE evidence_id = ANY($1::uuid[])
        ORDER BY evidence_id, decided_on, acceptance_id
        """,
        list(evidence_ids),
    ):
        acceptance = Acceptance(**dict(row))
        found.setdefault(acceptance.evidence_id, []).append(acceptance)
    return found


async def belongings_on(
    connection: asyncpg.Connection, places: Collection[BodyOnDay]
) -> dict[BodyOnDay, Belonging]:
    """Where each body stands in the tree of its day; nothing for one that is not in it then."""
    rows = await connection.fetch(
        """
        SELECT g.agency_code, g.day, p.path, p.bloc
        FROM unnest($1::text[], $2::date[]) AS g (agency_code, day)
        JOIN agency_path p ON p.agency_code = g.agency_code AND p.valid_from <= g.day
            AND (p.valid_to IS NULL OR g.day <= p.valid_to)
        """,
        [body for body, _ in places],
        [day for _, day in places],
    )
    return {(row[0], row[1]): Belonging(row[2], row[3]) for row in rows}


async def refer(
    connection: asyncpg.Connection, referrals: Sequence[tuple[UUID, int, str | None, str | None]]
) -> None:
    """By paper: the version of what is told of it, the official and the body whose authority it waits for."""
    await connection.executemany(
        "UPDATE evidence SET version = $2, official_code = $3, agency_code = $4 WHERE evidence_id = $1",
        referrals,
    )


async def waiting(
    connection: asyncpg.Connection, after: tuple[str, UUID] | None, limit: int
) -> list[Waiting]:
    """The queue by official and paper."""
    rows = await connection.fetch(
        """
        SELECT evidence_id, official_code, agency_code, kind, language, dated FROM evidence
        WHERE agency_code IS NOT NULL
          AND ($1::text IS NULL OR (official_code, evidence_id) > ($1, $2::uuid))
        ORDER BY official_code, evidence_id LIMIT $3
        """,
        after[0] if after else None,
        after[1] if after else None,
        limit,
    )
    return [Waiting(*row) for row in rows]
