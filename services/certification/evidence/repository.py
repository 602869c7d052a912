"""SQL of evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from services.certification.evidence.models import Evidence
from shared.persistence.rows import columns_of

_EVIDENCE = columns_of(Evidence)


async def filers_of(
    connection: asyncpg.Connection, evidence_ids: Sequence[UUID]
) -> dict[UUID, str | None]:
    rows = await connection.fetch(
        "SELECT evidence_id, filed_by FROM evidence WHERE evidence_id = ANY($1::uuid[])",
        list(evidence_ids),
    )
    return {row[0]: row[1] for row in rows}


async def add_evidence(connection: asyncpg.Connection, rows: Sequence[Sequence[Any]]) -> set[bytes]:
    """Rows of ``evidence``; the natural keys of those that were not there. Every writer takes them in one
    order, so that two never wait for each other."""
    ordered = sorted(rows, key=itemgetter(1))
    added = await connection.fetch(
        f"{_EVIDENCE.insert_given()} ON CONFLICT (natural_key) DO NOTHING RETURNING natural_key",
        *_EVIDENCE.arrays(ordered),
    )
    return {row[0] for row in added}


async def find_by_natural_keys(
    connection: asyncpg.Connection, natural_keys: Sequence[bytes]
) -> dict[bytes, asyncpg.Record]:
    rows = await connection.fetch(
        "SELECT * FROM evidence WHERE natural_key = ANY($1::bytea[])", list(natural_keys)
    )
    return {row["natural_key"]: row for row in rows}


async def names_filed(
    connection: asyncpg.Connection, person_keys: Collection[str]
) -> list[asyncpg.Record]:
    """``person_key``, ``filed_by`` and ``full_name``, each combination once."""
    rows: list[asyncpg.Record] = await connection.fetch(
        "SELECT DISTINCT person_key, filed_by, full_name FROM evidence"
        " WHERE person_key = ANY($1::text[])",
        list(person_keys),
    )
    return rows


async def lock_decisions(connection: asyncpg.Connection, evidence_ids: Sequence[UUID]) -> None:
    """Keeps other decisions about these out until the transaction ends."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(id, 2)) FROM unnest($1::text[]) AS id",
        [str(each) for each in sorted(evidence_ids)],
    )


async def find_evidence(
    connection: asyncpg.Connection, evidence_ids: Sequence[UUID]
) -> dict[UUID, asyncpg.Record]:
    rows = await connection.fetch(
        "SELECT * FROM evidence WHERE evidence_id = ANY($1::uuid[])", list(evidence_ids)
    )
    return {row["evidence_id"]: row for row in rows}


async def decisions_of(
    connection: asyncpg.Connection, evidence_ids: Sequence[UUID]
) -> dict[UUID, list[asyncpg.Record]]:
    found: dict[UUID, list[asyncpg.Record]] = {}
    for row in await connection.fetch(
        "SELECT * FROM evidence_decision WHERE evidence_id = ANY($1::uuid[])"
        " ORDER BY evidence_id, seq",
        list(evidence_ids),
    ):
        found.setdefault(row["evidence_id"], []).append(row)
    return found


class Decision(NamedTuple):
    """A row of ``evidence_decision``, in the order of :func:`add_decisions`."""

    evidence_id: UUID
    seq: int
    kind: str
    decision_number: str
    decided_on: dt.date
    level: int | None
    equivalence_table: str | None
    recorded_at: dt.datetime
    acceptance_id: UUID
    authority_named: bool
    accepted_by: str | None
    bloc: str | None


async def add_decisions(connection: asyncpg.Connection, rows: Sequence[Decision]) -> None:
    await connection.execute(
        """
        INSERT INTO evidence_decision (evidence_id, seq, kind, decision_number, decided_on, level,
            equivalence_table, recorded_at, acceptance_id, authority_named, accepted_by, bloc)
        SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::date[],
            $6::smallint[], $7::text[], $8::timestamptz[], $9::uuid[], $10::boolean[], $11::text[],
            $12::text[])
        """,
        *map(list, zip(*rows, strict=True)),
    )


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


async def put_referrals(
    connection: asyncpg.Connection, referrals: Sequence[tuple[UUID, int, str | None]]
) -> None:
    """What is newer than what is known replaces it."""
    await connection.executemany(
        """
        INSERT INTO evidence_referral AS known (evidence_id, version, agency_code)
        VALUES ($1, $2, $3)
        ON CONFLICT (evidence_id) DO UPDATE
            SET version = excluded.version, agency_code = excluded.agency_code
            WHERE known.version < excluded.version
        """,
        referrals,
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


class Scope(NamedTuple):
    """What a caller sees: papers that ``filers`` filed; for an authority also those that wait for the bodies
    ``waiting``, and those that one of ``accepting`` (null: anybody) accepted, within ``bloc`` if given."""

    filers: Sequence[str]
    waiting: Sequence[str] = ()
    accepting: Sequence[str] | None = ()
    bloc: str | None = None


async def list_evidence(
    connection: asyncpg.Connection,
    *,
    scope: Scope | None,
    kind: str | None,
    after: UUID | None,
    limit: int,
) -> list[asyncpg.Record]:
    """Oldest first; ``scope`` null: of every body."""
    if scope is None:
        unscoped: list[asyncpg.Record] = await connection.fetch(
            """
            SELECT * FROM evidence
            WHERE ($1::text IS NULL OR kind = $1) AND ($2::uuid IS NULL OR evidence_id > $2)
            ORDER BY evidence_id LIMIT $3
            """,
            kind,
            after,
            limit,
        )
        return unscoped
    rows: list[asyncpg.Record] = await connection.fetch(
        """
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
        SELECT e.* FROM seen JOIN evidence e USING (evidence_id) ORDER BY e.evidence_id LIMIT $3
        """,
        kind,
        after,
        limit,
        list(scope.filers),
        list(scope.waiting),
        None if scope.accepting is None else list(scope.accepting),
        scope.bloc,
    )
    return rows
