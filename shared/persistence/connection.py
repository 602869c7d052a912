"""What a service asks of its own connection: its rights, whether the database answers, limits of waiting."""

from __future__ import annotations

import asyncpg

from shared.persistence.schema import SERVICES, WHOLE_ROW, ServiceSchema


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
            for word, allowed, declared in (
                ("add", row["inserts"], rights.insert),
                ("delete", row["deletes"], rights.delete),
                ("truncate", row["owns"], False),
            )
            if allowed and not declared
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


async def bound_rehearsal(connection: asyncpg.Connection) -> None:
    """For the transaction that is running: it waits for nobody else's rows for long."""
    await connection.execute("SET LOCAL lock_timeout = '3s'")
