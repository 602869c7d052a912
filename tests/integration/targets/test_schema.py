"""The migrations make what the models declare."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from services.targets.persistence import METADATA
from services.targets.plans import models as plans
from services.targets.population import models as population
from shared.persistence.schema import MECHANISM_RIGHTS
from tests.running import RunningService


async def test_the_database_has_the_declared_tables_columns_and_indexes(
    targets: RunningService,
) -> None:
    assert plans.PlanAdoptedRow.metadata is METADATA
    assert population.StandingRow.metadata is METADATA

    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: kind != "schema" or name == "targets",
                "include_object": lambda _, name, kind, *__: (
                    kind != "table" or name not in MECHANISM_RIGHTS
                ),
                "compare_type": True,
            },
        )
        found: list[Any] = []
        for difference in compare_metadata(context, METADATA):
            found += difference if isinstance(difference, list) else [difference]
        return [each for each in found if "comment" not in each[0]]

    dsn = targets.database.dsn.replace("postgresql://", "postgresql+asyncpg://")
    engine = create_async_engine(dsn.replace("postgres://", "postgresql+asyncpg://"))
    try:
        async with engine.connect() as connection:
            assert await connection.run_sync(differences) == []
    finally:
        await engine.dispose()
