from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from sqlalchemy import MetaData

from shared.persistence.database import Database
from shared.persistence.migrations import migrate, runtime_dsn
from shared.persistence.schema import ServiceSchema


@pytest.fixture(scope="session")
def role_secret() -> bytes:
    return b"0" * 32


@pytest.fixture(scope="session")
def probe_schema() -> ServiceSchema:
    return ServiceSchema("probe", Path(__file__).parent / "probe_migrations", MetaData())


@pytest.fixture
async def probe_admin_dsn(
    postgres_dsn: str, probe_schema: ServiceSchema, role_secret: bytes
) -> AsyncIterator[str]:
    """A migrated database of its own, dropped afterwards."""
    name = "probe_" + secrets.token_hex(6)
    admin = await asyncpg.connect(postgres_dsn)
    await admin.execute(f"CREATE DATABASE {name}")
    dsn = urlunsplit(urlsplit(postgres_dsn)._replace(path=f"/{name}"))
    await migrate(dsn, probe_schema, role_secret)
    yield dsn
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest.fixture
async def probe(
    probe_admin_dsn: str, probe_schema: ServiceSchema, role_secret: bytes
) -> AsyncIterator[Database]:
    database = Database(
        runtime_dsn(probe_admin_dsn, probe_schema, role_secret), probe_schema, max_size=20
    )
    await database.open()
    yield database
    await database.close()
