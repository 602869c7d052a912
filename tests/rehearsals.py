"""What a service holds, to be compared before and after something that must not change it."""

from __future__ import annotations

from typing import Any

from tests.running import RunningService

_TRAIL = {"audit", "question_count"}


async def held(service: RunningService) -> dict[str, list[str]]:
    """Every row of every table of the service but its trail, as text."""
    async with service.database.pool.acquire() as connection:
        names = [
            row[0]
            for row in await connection.fetch(
                "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE n.nspname = current_schema() AND c.relkind = 'r'"
                " AND has_table_privilege(c.oid, 'SELECT')"
            )
        ]
        assert len(names) > 8
        return {
            name: sorted(
                row[0] for row in await connection.fetch(f'SELECT t::text FROM "{name}" AS t')
            )
            for name in names
            if name not in _TRAIL
        }


async def places_in_the_feed(service: RunningService) -> Any:
    async with service.database.pool.acquire() as connection:
        last = await connection.fetchval(
            "SELECT last_value FROM pg_sequences WHERE sequencename LIKE '%outbox%'"
            " AND schemaname = current_schema()"
        )
        assert last is not None
        return last


def without_mark(report: dict[str, Any]) -> dict[str, Any]:
    """The report as it would be in earnest."""
    assert report["dry_run"] is True
    return {name: value for name, value in report.items() if name != "dry_run"}
