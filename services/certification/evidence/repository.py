"""SQL of evidence."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Final
from uuid import UUID

import asyncpg

from services.certification.evidence.models import Evidence, EvidenceDecision, EvidenceReferral
from services.certification.evidence.rows import (
    Decision,
    EvidenceRow,
    FiledName,
    ReferralRow,
    Scope,
)
from shared.persistence.rows import columns_of

_EVIDENCE: Final = columns_of(Evidence, EvidenceRow)
_DECISION: Final = columns_of(EvidenceDecision, Decision)
_REFERRAL: Final = columns_of(EvidenceReferral, ReferralRow)


async def filers_of(
    connection: asyncpg.Connection, evidence_ids: Sequence[UUID]
) -> dict[UUID, str | None]:
    rows = await connection.fetch(
        "SELECT evidence_id, filed_by FROM evidence WHERE evidence_id = ANY($1::uuid[])",
        list(evidence_ids),
    )
    return {row[0]: row[1] for row in rows}


async def add_evidence(connection: asyncpg.Connection, rows: Sequence[EvidenceRow]) -> set[bytes]:
    """Returns the natural keys of those that were not there. Every writer takes them in one order, so that two
    never wait for each other."""
    ordered = sorted(rows, key=attrgetter("natural_key"))
    added = await connection.fetch(
        f"{_EVIDENCE.insert_given()} ON CONFLICT (natural_key) DO NOTHING RETURNING natural_key",
        *_EVIDENCE.arrays(ordered),
    )
    return {row[0] for row in added}


async def find_by_natural_keys(
    connection: asyncpg.Connection, natural_keys: Sequence[bytes]
) -> dict[bytes, EvidenceRow]:
    rows = await connection.fetch(
        f"SELECT {_EVIDENCE.listed} FROM evidence WHERE natural_key = ANY($1::bytea[])",
        list(natural_keys),
    )
    return {row["natural_key"]: EvidenceRow(*row) for row in rows}


async def names_filed(
    connection: asyncpg.Connection, person_keys: Collection[str]
) -> list[FiledName]:
    """Each combination once."""
    rows = await connection.fetch(
        "SELECT DISTINCT person_key, filed_by, full_name FROM evidence"
        " WHERE person_key = ANY($1::text[])",
        list(person_keys),
    )
    return [FiledName(*row) for row in rows]


async def lock_decisions(connection: asyncpg.Connection, evidence_ids: Sequence[UUID]) -> None:
    """Keeps other decisions about these out until the transaction ends."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(id, 2)) FROM unnest($1::text[]) AS id",
        [str(each) for each in sorted(evidence_ids)],
    )


async def find_evidence(
    connection: asyncpg.Connection, evidence_ids: Sequence[UUID]
) -> dict[UUID, EvidenceRow]:
    rows = await connection.fetch(
        f"SELECT {_EVIDENCE.listed} FROM evidence WHERE evidence_id = ANY($1::uuid[])",
        list(evidence_ids),
    )
    return {row["evidence_id"]: EvidenceRow(*row) for row in rows}


async def decisions_of(
    connection: asyncpg.Connection, evidence_ids: Sequence[UUID]
) -> dict[UUID, list[Decision]]:
    """The decisions on each paper, oldest first; a paper without any is missing."""
    found: dict[UUID, list[Decision]] = {}
    for record in await connection.fetch(
        f"SELECT {_DECISION.listed} FROM evidence_decision WHERE evidence_id = ANY($1::uuid[])"
        " ORDER BY evidence_id, seq",
        list(evidence_ids),
    ):
        row = Decision(*record)
        found.setdefault(row.evidence_id, []).append(row)
    return found


async def add_decisions(connection: asyncpg.Connection, rows: Sequence[Decision]) -> None:
    await connection.execute(_DECISION.insert_given(), *_DECISION.arrays(rows))


async def referred_to(
    connection: asyncpg.Connection, evidence_ids: Collection[UUID]
) -> dict[UUID, str]:
    """The bodies whose authority these papers wait for."""
    rows = await connection.fetch(
        "SELECT evidence_id, agency_code FROM evidence_referral"
        " WHERE evidence_id = ANY($1::uuid[]) AND agency_code IS NOT NULL",
        list(evidence_ids),
    )
    return {row[0]: row[1] for row in rows}


async def put_referrals(connection: asyncpg.Connection, rows: Sequence[ReferralRow]) -> None:
    """What is newer than what is known replaces it."""
    await connection.executemany(
        f"""
        INSERT INTO evidence_referral AS known ({_REFERRAL.listed})
        VALUES ({_REFERRAL.parameters()})
        ON CONFLICT (evidence_id) DO UPDATE SET {_REFERRAL.without("evidence_id").set_from()}
            WHERE known.version < excluded.version
        """,
        rows,
    )


async def bodies_waited_for(connection: asyncpg.Connection) -> list[str]:
    """Every body whose authority some paper waits for."""
    rows = await connection.fetch(
        "SELECT DISTINCT agency_code FROM evidence_referral WHERE agency_code IS NOT NULL"
    )
    return [row[0] for row in rows]


async def known_filers(connection: asyncpg.Connection) -> list[str]:
    """Every body that filed anything, found by hopping from one code to the next in the index."""
    rows = await connection.fetch(
        """
        WITH RECURSIVE filer AS (
            (SELECT filed_by FROM evidence WHERE filed_by IS NOT NULL ORDER BY filed_by LIMIT 1)
            UNION ALL
            SELECT (SELECT e.filed_by FROM evidence e WHERE e.filed_by > f.filed_by
                    ORDER BY e.filed_by LIMIT 1)
            FROM filer f WHERE f.filed_by IS NOT NULL)
        SELECT filed_by FROM filer WHERE filed_by IS NOT NULL
        """
    )
    return [row[0] for row in rows]


async def list_evidence(
    connection: asyncpg.Connection,
    *,
    scope: Scope | None,
    kind: str | None,
    after: UUID | None,
    limit: int,
) -> list[EvidenceRow]:
    """Oldest first; ``scope`` null: of every body."""
    if scope is None:
        unscoped = await connection.fetch(
            f"""
            SELECT {_EVIDENCE.listed} FROM evidence
            WHERE ($1::text IS NULL OR kind = $1) AND ($2::uuid IS NULL OR evidence_id > $2)
            ORDER BY evidence_id LIMIT $3
            """,
            kind,
            after,
            limit,
        )
        return [EvidenceRow(*row) for row in unscoped]
    rows = await connection.fetch(
        f"""
        WITH seen AS (
            (SELECT evidence_id FROM evidence
             WHERE filed_by = ANY($4::text[]) AND ($1::text IS NULL OR kind = $1)
               AND ($2::uuid IS NULL OR evidence_id > $2)
             ORDER BY evidence_id LIMIT $3)
            UNION
            (SELECT e.evidence_id FROM evidence_referral r JOIN evidence e USING (evidence_id)
             WHERE r.agency_code = ANY($5::text[]) AND ($1::text IS NULL OR e.kind = $1)
               AND ($2::uuid IS NULL OR e.evidence_id > $2)
             ORDER BY evidence_id LIMIT $3)
            UNION
            (SELECT DISTINCT e.evidence_id FROM evidence_decision d JOIN evidence e USING (evidence_id)
             WHERE d.kind = 'acceptance' AND d.authority_named
               AND ($6::text[] IS NULL OR d.accepted_by = ANY($6))
               AND ($7::text IS NULL OR d.bloc = $7) AND ($1::text IS NULL OR e.kind = $1)
               AND ($2::uuid IS NULL OR e.evidence_id > $2)
             ORDER BY evidence_id LIMIT $3))
        SELECT {_EVIDENCE.of("e")} FROM seen JOIN evidence e USING (evidence_id) ORDER BY e.evidence_id LIMIT $3
        """,
        kind,
        after,
        limit,
        list(scope.filers),
        list(scope.waiting),
        None if scope.accepting is None else list(scope.accepting),
        scope.bloc,
    )
    return [EvidenceRow(*row) for row in rows]
