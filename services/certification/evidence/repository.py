"""SQL of evidence and of the agency tree."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from shared.contracts import blocs


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


async def chains_of(
    connection: asyncpg.Connection, codes: Collection[str], day: dt.date
) -> dict[str, list[Link]]:
    """Of each body: itself and those above it on ``day``, nearest first; nothing for a body nobody knows.
    A body that is not in the tree then hangs where it last did."""
    rows = await connection.fetch(
        """
        WITH RECURSIVE chain AS (
            SELECT asked.code AS asked, own.agency_code, own.parent_code, own.bloc, own.system, 0 AS height,
                   ARRAY[own.agency_code] AS path
            FROM unnest($1::text[]) AS asked (code) CROSS JOIN LATERAL (
                SELECT v.* FROM agency_version v
                WHERE v.agency_code = asked.code AND v.valid_from <= $2
                ORDER BY v.valid_from DESC LIMIT 1) own
            UNION ALL
            SELECT c.asked, above.agency_code, above.parent_code, above.bloc, above.system, c.height + 1,
                   c.path || above.agency_code
            FROM chain c CROSS JOIN LATERAL (
                SELECT v.* FROM agency_version v
                WHERE v.agency_code = c.parent_code AND v.valid_from <= $2
                ORDER BY v.valid_from DESC LIMIT 1) above
            WHERE above.agency_code <> ALL (c.path))
        SELECT asked, agency_code, bloc, system FROM chain ORDER BY asked, height
        """,
        list(codes),
        day,
    )
    found: dict[str, list[Link]] = {code: [] for code in codes}
    for asked, *link in rows:
        found[asked].append(Link(*link))
    return found


def bloc_of(chain: Sequence[Link]) -> str:
    return blocs.bloc_of((link.bloc, link.system) for link in chain)


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
        """
        INSERT INTO evidence
        SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::text[], $5::text[], $6::text[],
            $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[],
            $14::date[], $15::date[], $16::text[], $17::text[], $18::text[], $19::text[], $20::text[],
            $21::text[], $22::timestamptz[])
        ON CONFLICT (natural_key) DO NOTHING
        RETURNING natural_key
        """,
        *map(list, zip(*ordered, strict=True)),
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


async def add_decisions(connection: asyncpg.Connection, rows: Sequence[Sequence[Any]]) -> None:
    await connection.execute(
        """
        INSERT INTO evidence_decision
        SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::date[],
            $6::smallint[], $7::text[], $8::timestamptz[])
        """,
        *map(list, zip(*rows, strict=True)),
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
