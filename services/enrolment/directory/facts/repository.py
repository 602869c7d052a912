"""SQL of what shipped facts were loaded as."""

from __future__ import annotations

import asyncpg

_FACTS_LOCK = 0x62616346_66  # "bacFf"


async def lock_facts(connection: asyncpg.Connection) -> None:
    """Several processes may start at once; the facts are loaded by one after the other."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _FACTS_LOCK)


async def loaded(connection: asyncpg.Connection) -> dict[tuple[str, str], tuple[bytes, int | None]]:
    rows = await connection.fetch("SELECT kind, code, digest, left_at_version FROM shipped_fact")
    return {(kind, code): (digest, version) for kind, code, digest, version in rows}


async def record_digest(
    connection: asyncpg.Connection, kind: str, code: str, digest: bytes, version: int | None
) -> None:
    await connection.execute(
        """
        INSERT INTO shipped_fact (kind, code, digest, left_at_version) VALUES ($1, $2, $3, $4)
        ON CONFLICT (kind, code)
        DO UPDATE SET digest = excluded.digest, left_at_version = excluded.left_at_version
        """,
        kind,
        code,
        digest,
        version,
    )
