"""No runtime role can take what the others need of the database server."""

from __future__ import annotations

import asyncpg
import pytest

from shared.persistence.database import Database
from shared.persistence.migrations import migrate, role_connections
from shared.persistence.schema import ServiceSchema


async def test_a_transaction_left_open_is_ended_by_the_server(probe: Database) -> None:
    async with probe.pool.acquire() as connection:
        found = await connection.fetch(
            "SELECT name, setting FROM pg_settings WHERE name LIKE '%timeout%'"
        )
    settings = {row["name"]: row["setting"] for row in found}
    assert settings["statement_timeout"] == "60000"
    assert settings["idle_in_transaction_session_timeout"] == "30000"


async def test_a_role_holds_no_more_connections_than_it_was_given(
    probe_admin_dsn: str, probe_schema: ServiceSchema, probe: Database, role_secret: bytes
) -> None:
    await migrate(probe_admin_dsn, probe_schema, role_secret, connections=12)
    held = []
    try:
        with pytest.raises(asyncpg.TooManyConnectionsError):
            for _ in range(13):
                held.append(await probe.connect())
    finally:
        for connection in held:
            await connection.close()
        await migrate(probe_admin_dsn, probe_schema, role_secret)


@pytest.mark.parametrize("given", ["9", "0", "-1"])
def test_fewer_connections_than_a_service_needs_are_refused(given: str) -> None:
    with pytest.raises(ValueError, match="BAC_ROLE_CONNECTIONS"):
        role_connections({"BAC_ROLE_CONNECTIONS": given})
