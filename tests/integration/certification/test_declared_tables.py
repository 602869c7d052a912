"""The declared tables are the migrated ones."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from services.certification.persistence import SCHEMA
from shared.persistence.schema import MECHANISM_RIGHTS
from tests.databases import Databases


def differences(connection: Connection) -> list[Any]:
    def ours(thing: Any, name: str | None, kind: str, reflected: bool, against: Any) -> bool:
        table = name if kind == "table" else thing.table.name
        return table not in MECHANISM_RIGHTS

    context = MigrationContext.configure(
        connection,
        opts={
            "include_schemas": True,
            "include_name": lambda name, kind, _: kind != "schema" or name == SCHEMA.name,
            "include_object": ours,
            "version_table_schema": SCHEMA.name,
        },
    )
    # Comments stand in the migration only; the classes have their own words.
    return [
        found for found in compare_metadata(context, SCHEMA.metadata) if "comment" not in str(found)
    ]


async def test_the_declared_tables_are_the_migrated_ones(databases: Databases) -> None:
    async with databases.copy("certification") as dsn:
        engine = create_async_engine("postgresql+asyncpg://" + dsn.split("://", 1)[1])
        try:
            async with engine.connect() as connection:
                assert await connection.run_sync(differences) == []
        finally:
            await engine.dispose()
