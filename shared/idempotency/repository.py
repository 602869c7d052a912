"""SQL of keys that are claimed by a row with a lease."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import asyncpg

from shared.persistence.repository import KEPT_FOR, StoredAnswer


async def claim_lease(
    connection: asyncpg.Connection, scope: bytes, holder: UUID, now: dt.datetime, until: dt.datetime
) -> StoredAnswer | None:
    """Takes a free key; null when it is the holder's now. Otherwise what stands there: an answer, or (its
    status null) a lease of somebody else. Free is a key that nobody has used, whose answer has outlived its
    time, or whose lease has run out."""
    row = await connection.fetchrow(
        """
        INSERT INTO idempotency AS kept (scope, fingerprint, created_at, lease_holder, lease_until)
        VALUES ($1, ''::bytea, $3, $2, $4)
        ON CONFLICT (scope) DO UPDATE
            SET fingerprint = excluded.fingerprint, created_at = excluded.created_at,
                lease_holder = excluded.lease_holder, lease_until = excluded.lease_until,
                status = NULL, media_type = NULL, body = NULL
            WHERE kept.created_at < $3::timestamptz - $5::interval
               OR (kept.status IS NULL AND kept.lease_until < $3)
        RETURNING scope
        """,
        scope,
        holder,
        now,
        until,
        KEPT_FOR,
    )
    if row is not None:
        return None
    found = await connection.fetchrow(
        "SELECT fingerprint, status, media_type, body FROM idempotency WHERE scope = $1", scope
    )
    # Between the two statements the other may have given the key back.
    return StoredAnswer(**dict(found)) if found else StoredAnswer(b"", None, None, None)


async def extend_lease(
    connection: asyncpg.Connection, scope: bytes, holder: UUID, until: dt.datetime
) -> bool:
    """Whether the lease was still the holder's."""
    row = await connection.fetchrow(
        "UPDATE idempotency SET lease_until = $3 WHERE scope = $1 AND lease_holder = $2 RETURNING scope",
        scope,
        holder,
        until,
    )
    return row is not None


async def finish_lease(
    connection: asyncpg.Connection,
    scope: bytes,
    holder: UUID,
    fingerprint: bytes,
    status: int,
    media_type: str,
    body: str,
) -> bool:
    """Stores the answer in place of the lease; false when the lease was no longer the holder's."""
    row = await connection.fetchrow(
        """
        UPDATE idempotency
        SET fingerprint = $3, status = $4, media_type = $5, body = $6,
            lease_holder = NULL, lease_until = NULL
        WHERE scope = $1 AND lease_holder = $2
        RETURNING scope
        """,
        scope,
        holder,
        fingerprint,
        status,
        media_type,
        body,
    )
    return row is not None


async def drop_lease(connection: asyncpg.Connection, scope: bytes, holder: UUID) -> None:
    """Frees a key whose upload came to nothing."""
    await connection.execute(
        "DELETE FROM idempotency WHERE scope = $1 AND lease_holder = $2 AND status IS NULL",
        scope,
        holder,
    )
