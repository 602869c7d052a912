"""SQL of the mechanisms every service shares: idempotency, audit, outbox, roles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import asyncpg

from shared.persistence.schema import SERVICES, WHOLE_ROW, ServiceSchema

KEPT_FOR = dt.timedelta(hours=72)
"""How long an idempotency key answers with the stored answer."""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    fingerprint: bytes
    status: int | None
    media_type: str | None
    body: str | None


WORTH_A_COPY: Final = 50
"""Rows. COPY costs a round trip more than a statement with arrays, and less than half of it for each row."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    event_id: UUID
    type: str
    subject: str
    occurred_at: dt.datetime
    data: str
    audience: list[str] | None


@dataclass(frozen=True, slots=True)
class AuditRow:
    at: dt.datetime
    caller: str
    role: str
    action: str
    subject: str
    correlation_id: str
    detail: str | None


async def claim_idempotency_key(
    connection: asyncpg.Connection,
    scope: bytes,
    fingerprint: bytes,
    now: dt.datetime,
    *,
    wait: float,
) -> StoredAnswer | None:
    """Takes the key in this transaction; null when it is ours now.

    A second request with the same key blocks on the row of the first until that one commits (then its
    answer is returned) or rolls back (then the key is ours). Waiting longer than ``wait`` seconds raises
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


async def answer_is_old(connection: asyncpg.Connection, scope: bytes, now: dt.datetime) -> bool:
    """Whether a stored answer has outlived the time it is kept for."""
    return bool(
        await connection.fetchval(
            "SELECT created_at < $2 FROM idempotency WHERE scope = $1", scope, now - KEPT_FOR
        )
    )


async def forget_old_idempotency_keys(connection: asyncpg.Connection, now: dt.datetime) -> int:
    done = await connection.execute("DELETE FROM idempotency WHERE created_at < $1", now - KEPT_FOR)
    return int(done.rsplit(" ", 1)[-1])


async def append_outbox(connection: asyncpg.Connection, rows: Sequence[OutboxRow]) -> None:
    """One statement for any number of events; positions in ``outbox`` follow the order of ``rows``."""
    if len(rows) >= WORTH_A_COPY:
        await connection.copy_records_to_table(
            "outbox",
            columns=("event_id", "type", "subject", "occurred_at", "data", "audience"),
            records=[
                (r.event_id, r.type, r.subject, r.occurred_at, r.data, r.audience) for r in rows
            ],
        )
        return
    await connection.execute(
        """
        INSERT INTO outbox (event_id, type, subject, occurred_at, data, audience)
        SELECT event_id, type, subject, occurred_at, data, string_to_array(audience, chr(31))
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[])
             WITH ORDINALITY AS event (event_id, type, subject, occurred_at, data, audience, n)
        ORDER BY n
        """,
        [r.event_id for r in rows],
        [r.type for r in rows],
        [r.subject for r in rows],
        [r.occurred_at for r in rows],
        [r.data for r in rows],
        [None if r.audience is None else "\x1f".join(r.audience) for r in rows],
    )


async def append_audit(connection: asyncpg.Connection, rows: Sequence[AuditRow]) -> None:
    await connection.execute(
        """
        INSERT INTO audit (at, caller, role, action, subject, correlation_id, detail)
        SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[],
                             $6::text[], $7::text[])
        """,
        [r.at for r in rows],
        [r.caller for r in rows],
        [r.role for r in rows],
        [r.action for r in rows],
        [r.subject for r in rows],
        [r.correlation_id for r in rows],
        [r.detail for r in rows],
    )


async def isolation_faults(connection: asyncpg.Connection, schema: ServiceSchema) -> list[str]:
    """What the connected role may do that one service's role must not; empty when isolation holds."""
    faults: list[str] = []
    if await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        faults.append("the runtime role is a superuser")
    for other in SERVICES:
        if other != schema.name and await connection.fetchval(
            "SELECT has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = $1", other
        ):
            faults.append(f"the runtime role may look into schema {other}")
    if await connection.fetchval(
        "SELECT bool_or(pg_has_role(oid, 'MEMBER')) FROM pg_roles WHERE rolname = $1",
        schema.owner_role,
    ):
        faults.append(f"the runtime role may act as {schema.owner_role}; run bac migrate")
    faults += await _excess_rights(connection, schema)
    if await connection.fetchval("SELECT current_setting('track_activities')") != "on":
        faults.append("track_activities is off, so the feed's sequencer could skip events")
    for setting in ("fsync", "synchronous_commit"):
        if await connection.fetchval("SELECT current_setting($1)", setting) == "off":
            faults.append(f"{setting} is off")
    return faults


async def _excess_rights(connection: asyncpg.Connection, schema: ServiceSchema) -> list[str]:
    """Rights over rows of the own schema that nobody declared for the role."""
    faults: list[str] = []
    for row in await connection.fetch(
        """
        SELECT c.relname AS name,
               has_any_column_privilege(c.oid, 'INSERT') AS inserts,
               has_table_privilege(c.oid, 'DELETE') AS deletes,
               has_table_privilege(c.oid, 'TRUNCATE, TRIGGER, REFERENCES') AS owns,
               ARRAY(SELECT a.attname::text FROM pg_attribute a
                     WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                       AND has_column_privilege(c.oid, a.attnum, 'UPDATE')) AS updates
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY c.relname
        """,
        schema.name,
    ):
        rights = schema.rights_of(row["name"])
        excess = [
            word
            for word, held, declared in (
                ("add", row["inserts"], rights.insert),
                ("delete", row["deletes"], rights.delete),
                ("truncate", row["owns"], False),
            )
            if held and not declared
        ]
        if rights.update != WHOLE_ROW:
            excess += [f"update {each} of" for each in set(row["updates"]) - set(rights.update)]
        faults += [
            f"the runtime role may {each} rows of {schema.name}.{row['name']}; run bac migrate"
            for each in sorted(excess)
        ]
    return faults


async def answers(connection: asyncpg.Connection) -> bool:
    """Whether the database answers within two seconds. Raises what the connection raises."""
    return bool(await connection.fetchval("SELECT TRUE", timeout=2))


async def hold_questions(connection: asyncpg.Connection, caller: str) -> None:
    """Session lock of one caller; the pool releases it when it takes the connection back."""
    await connection.execute(
        "SELECT pg_advisory_lock(hashtextextended('questions ' || $1, 0))", caller
    )


async def questions_asked(connection: asyncpg.Connection, caller: str, day: dt.date) -> int:
    asked: int | None = await connection.fetchval(
        "SELECT asked FROM question_count WHERE caller = $1 AND day = $2", caller, day
    )
    return asked or 0


async def count_questions(
    connection: asyncpg.Connection, caller: str, day: dt.date, number: int
) -> None:
    await connection.execute(
        """
        INSERT INTO question_count AS kept (caller, day, asked) VALUES ($1, $2, $3)
        ON CONFLICT (caller, day) DO UPDATE SET asked = kept.asked + excluded.asked
        """,
        caller,
        day,
        number,
    )


async def forget_old_questions(connection: asyncpg.Connection, today: dt.date) -> None:
    await connection.execute("DELETE FROM question_count WHERE day < $1", today)


async def bound_rehearsal(connection: asyncpg.Connection) -> None:
    """For the transaction that is running: it waits for nobody else's rows for long."""
    await connection.execute("SET LOCAL lock_timeout = '3s'")
