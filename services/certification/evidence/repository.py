"""SQL of evidence and of the agency tree."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg


class Link(NamedTuple):
    """A body on the way up the tree; ``bloc`` as declared."""

    agency_code: str
    bloc: str | None
    system: str


async def put_agency(
    connection: asyncpg.Connection,
    code: str,
    version: int,
    versions: Sequence[tuple[dt.date, dt.date | None, str | None, str | None, str]],
) -> None:
    """Replaces what is known of an agency, unless something newer is known."""
    done: str = await connection.execute(
        """
        INSERT INTO agency AS known VALUES ($1, $2)
        ON CONFLICT (agency_code) DO UPDATE SET version = excluded.version
            WHERE known.version < excluded.version
        """,
        code,
        version,
    )
    if done.endswith(" 0"):
        return
    await connection.execute("DELETE FROM agency_version WHERE agency_code = $1", code)
    await connection.executemany(
        "INSERT INTO agency_version VALUES ($1, $2, $3, $4, $5, $6)",
        [(code, *each) for each in versions],
    )


async def chain_of(connection: asyncpg.Connection, code: str, day: dt.date) -> list[Link]:
    """The body and those above it on ``day``, nearest first. A body that is not in the tree then hangs
    where it last did."""
    rows = await connection.fetch(
        """
        WITH RECURSIVE chain AS (
            (SELECT agency_code, parent_code, bloc, system, 0 AS height
             FROM agency_version WHERE agency_code = $1 AND valid_from <= $2
             ORDER BY valid_from DESC LIMIT 1)
            UNION ALL
            SELECT above.agency_code, above.parent_code, above.bloc, above.system, c.height + 1
            FROM chain c CROSS JOIN LATERAL (
                SELECT v.* FROM agency_version v
                WHERE v.agency_code = c.parent_code AND v.valid_from <= $2
                ORDER BY v.valid_from DESC LIMIT 1) above
            WHERE c.height < 50)
        SELECT agency_code, bloc, system FROM chain ORDER BY height
        """,
        code,
        day,
    )
    return [Link(*row) for row in rows]


def bloc_of(chain: Sequence[Link]) -> str:
    """The nearest declared bloc; at the top the one its system implies."""
    for link in chain:
        if link.bloc is not None:
            return link.bloc
    return "party" if chain and chain[-1].system in ("party", "socio_political") else "state"


async def filers_of(
    connection: asyncpg.Connection, evidence_ids: Sequence[UUID]
) -> dict[UUID, str | None]:
    rows = await connection.fetch(
        "SELECT evidence_id, filed_by FROM evidence WHERE evidence_id = ANY($1::uuid[])",
        list(evidence_ids),
    )
    return {row[0]: row[1] for row in rows}


async def add_evidence(connection: asyncpg.Connection, values: Sequence[Any]) -> bool:
    """A row of ``evidence``; false when the same was filed before."""
    done: str = await connection.execute(
        """
        INSERT INTO evidence VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
            $16, $17, $18, $19, $20, $21, $22)
        ON CONFLICT DO NOTHING
        """,
        *values,
    )
    return done.endswith(" 1")


async def find_by_natural_key(
    connection: asyncpg.Connection, natural_key: bytes
) -> asyncpg.Record | None:
    row: asyncpg.Record | None = await connection.fetchrow(
        "SELECT * FROM evidence WHERE natural_key = $1", natural_key
    )
    return row


async def find_evidence(
    connection: asyncpg.Connection, evidence_id: UUID, *, lock: bool = False
) -> asyncpg.Record | None:
    """``lock`` keeps other decisions about it out until the transaction ends."""
    if lock:
        await connection.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended($1, 2))", str(evidence_id)
        )
    row: asyncpg.Record | None = await connection.fetchrow(
        "SELECT * FROM evidence WHERE evidence_id = $1", evidence_id
    )
    return row


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


async def add_decision(connection: asyncpg.Connection, values: Sequence[Any]) -> None:
    await connection.execute(
        "INSERT INTO evidence_decision VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", *values
    )


async def subtree_of(connection: asyncpg.Connection, code: str, day: dt.date) -> set[str]:
    """The body and all below it on ``day``."""
    rows = await connection.fetch(
        """
        WITH RECURSIVE below (agency_code) AS (
            SELECT $1::text
            UNION
            SELECT v.agency_code FROM below b JOIN agency_version v ON v.parent_code = b.agency_code
            WHERE v.valid_from <= $2 AND NOT EXISTS (
                SELECT FROM agency_version later WHERE later.agency_code = v.agency_code
                AND later.valid_from > v.valid_from AND later.valid_from <= $2))
        SELECT agency_code FROM below
        """,
        code,
        day,
    )
    return {row[0] for row in rows}


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
    filers: Sequence[str] | None,
    kind: str | None,
    after: UUID | None,
    limit: int,
) -> list[asyncpg.Record]:
    """Oldest first; ``filers`` null: of every body."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """
        SELECT * FROM evidence
        WHERE ($1::text[] IS NULL OR filed_by = ANY($1)) AND ($2::text IS NULL OR kind = $2)
          AND ($3::uuid IS NULL OR evidence_id > $3)
        ORDER BY evidence_id LIMIT $4
        """,
        None if filers is None else list(filers),
        kind,
        after,
        limit,
    )
    return rows
