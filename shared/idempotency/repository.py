"""SQL of idempotency keys: claimed in the work's own transaction, or by a row with a lease."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import asyncpg

from shared.idempotency.answers import KEPT_FOR, StoredAnswer


async def claim_idempotency_key(
    connection: asyncpg.Connection,
    scope: bytes,
    fingerprint: bytes,
    now: dt.datetime,
    *,
    wait: float,
) -> StoredAnswer | None:
    """Takes the key in this transaction; null when it is ours now.

    A second request with the same key waits for the row of the first. When that one commits, its answer is
    returned. When it rolls back, the key is ours. Waiting longer than ``wait`` seconds raises
    ``asyncpg.LockNotAvailableError``. A killed process leaves nothing behind.
    """
    await connection.execute(
        "SELECT set_config('lock_timeout', $1, true)", f"{max(1, int(wait * 1000))}ms"
    )
    row = await connection.fetchrow(
        """
        INSERT INTO idempotency AS kept (scope, fingerprint, created_at) VALUES ($1, $2, $3)
        ON CONFLICT (scope) DO UPDATE
            SET fingerprint = excluded.fingerprint, created_at = excluded.created_at,
                status = NULL, media_type = NULL, body = NULL
            WHERE kept.created_at < $3 - $4::interval
        RETURNING scope
        """,
        scope,
        fingerprint,
        now,
        KEPT_FOR,
    )
    await connection.execute("SELECT set_config('lock_timeout', '0', true)")
    if row is not None:
        return None
    return await stored_answer(connection, scope)


async def stored_answer(connection: asyncpg.Connection, scope: bytes) -> StoredAnswer | None:
    row = await connection.fetchrow(
        "SELECT fingerprint, status, media_type, body FROM idempotency WHERE scope = $1", scope
    )
    return StoredAnswer(**dict(row)) if row else None


async def keep_answer(
    connection: asyncpg.Connection, scope: bytes, status: int, media_type: str, body: str
) -> None:
    """Completes a key claimed earlier in this transaction."""
    await connection.execute(
        "UPDATE idempotency SET status = $2, media_type = $3, body = $4 WHERE scope = $1",
        scope,
        status,
        media_type,
        body,
    )


async def keep_refusal(
    connection: asyncpg.Connection,
    scope: bytes,
    fingerprint: bytes,
    now: dt.datetime,
    status: int,
    media_type: str,
    body: str,
) -> None:
    """Stores a refusal after the work was rolled back; a key that somebody took meanwhile stays theirs."""
    await connection.execute(
        """
        INSERT INTO idempotency (scope, fingerprint, status, media_type, body, created_at)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (scope) DO NOTHING
        """,
        scope,
        fingerprint,
        status,
        media_type,
        body,
        now,
    )


async def stored_answers(
    connection: asyncpg.Connection, scopes: Sequence[bytes], now: dt.datetime
) -> dict[bytes, StoredAnswer]:
    """The answers under many keys. Answers that are too old are left out."""
    # The age is judged here: asked of the database, it would invite a scan of the index by age.
    rows = await connection.fetch(
        """
        SELECT key.scope, kept.fingerprint, kept.status, kept.media_type, kept.body, kept.created_at
        FROM unnest($1::bytea[]) AS key (scope) CROSS JOIN LATERAL (
            SELECT * FROM idempotency i WHERE i.scope = key.scope OFFSET 0) kept
        """,
        scopes,
    )
    return {
        scope: StoredAnswer(*answer)
        for scope, *answer, created_at in rows
        if created_at >= now - KEPT_FOR
    }


async def forget_old_idempotency_keys(connection: asyncpg.Connection, now: dt.datetime) -> int:
    done = await connection.execute("DELETE FROM idempotency WHERE created_at < $1", now - KEPT_FOR)
    return int(done.rsplit(" ", 1)[-1])


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
