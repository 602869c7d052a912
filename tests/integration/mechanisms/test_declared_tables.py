"""The migrations make what the models declare, and nothing else."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from shared.persistence.schema import MECHANISM_RIGHTS, SERVICES, ServiceSchema
from tests.databases import Databases, schema_of


def import_models(service: str) -> list[str]:
    """A table is declared when its module is imported."""
    package = importlib.import_module(f"services.{service}")
    names = [
        found.name
        for found in pkgutil.walk_packages(package.__path__, package.__name__ + ".")
        if found.name.endswith(".models")
    ]
    for name in names:
        importlib.import_module(name)
    return names


def differences(connection: Connection, schema: ServiceSchema) -> list[Any]:
    context = MigrationContext.configure(
        connection,
        opts={
            "include_schemas": True,
            "include_name": lambda name, kind, _: kind != "schema" or name == schema.name,
            "include_object": lambda _, name, kind, *__: (
                kind != "table" or name not in MECHANISM_RIGHTS
            ),
            "compare_type": True,
            "version_table_schema": schema.name,
        },
    )
    found: list[Any] = []
    for difference in compare_metadata(context, schema.metadata):
        found += difference if isinstance(difference, list) else [difference]
    # Comments stand in the migrations only; the classes have their own words.
    return [each for each in found if "comment" not in each[0]]


@pytest.mark.parametrize("service", SERVICES)
async def test_the_migrations_make_what_the_models_declare(
    service: str, databases: Databases
) -> None:
    assert len(import_models(service)) > 1
    schema = schema_of(service)
    declared = {table.name for table in schema.metadata.tables.values()}
    assert set(schema.rights) <= declared
    async with databases.copy(service) as dsn:
        engine = create_async_engine("postgresql+asyncpg://" + dsn.split("://", 1)[1])
        try:
            async with engine.connect() as connection:
                assert await connection.run_sync(differences, schema) == []
        finally:
            await engine.dispose()
