"""Databases of tests: migrated once per session and service, then copied for each test."""

from __future__ import annotations

import asyncio
import importlib
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from shared.persistence.migrations import migrate, runtime_dsn
from shared.persistence.schema import ServiceSchema
from tests.running import ROLE_SECRET


def schema_of(service: str) -> ServiceSchema:
    schema: ServiceSchema = importlib.import_module(f"services.{service}.persistence").SCHEMA
    return schema


def at_database(dsn: str, database: str) -> str:
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{database}"))


class Databases:
    """Copies of migrated templates; a template is made when the first test asks for its service."""

    def __init__(self, admin_dsn: str) -> None:
        self._admin_dsn = admin_dsn
        self._made: set[str] = set()
        self._numbers = itertools.count(1)

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self._admin_dsn)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def _template(self, service: str) -> str:
        name = f"template_{service}"
        if name not in self._made:
            await self._execute(f"CREATE DATABASE {name}")
            await migrate(at_database(self._admin_dsn, name), schema_of(service), ROLE_SECRET)
            self._made.add(name)
        return name

    @asynccontextmanager
    async def copy(self, service: str) -> AsyncIterator[str]:
        """Administrator's URL of a fresh migrated database, dropped afterwards."""
        template = await self._template(service)
        name = f"test_{service}_{next(self._numbers)}"
        for attempt in range(20):
            try:
                await self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
                break
            except asyncpg.ObjectInUseError:  # the migration's own connection is still ending
                if attempt == 19:
                    raise
                await asyncio.sleep(0.05)
        try:
            yield at_database(self._admin_dsn, name)
        finally:
            await self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    @asynccontextmanager
    async def empty(self, name: str) -> AsyncIterator[str]:
        """Administrator's URL of a database in which nothing was migrated yet, dropped afterwards."""
        database = f"empty_{name}_{next(self._numbers)}"
        await self._execute(f"CREATE DATABASE {database}")
        try:
            yield at_database(self._admin_dsn, database)
        finally:
            await self._execute(f"DROP DATABASE {database} WITH (FORCE)")

    @asynccontextmanager
    async def runtime(self, service: str) -> AsyncIterator[str]:
        """The same, as the service's own role reaches it."""
        async with self.copy(service) as dsn:
            yield runtime_dsn(dsn, schema_of(service), ROLE_SECRET)
