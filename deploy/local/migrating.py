"""The three schemas brought to their newest revision, in one call."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable
from pathlib import Path

from deploy.local.errors import CannotRunError
from shared.persistence.schema import SERVICES, ServiceSchema

Say = Callable[[str], None]


def schema_of(service: str) -> ServiceSchema:
    found = importlib.import_module(f"services.{service}.persistence").SCHEMA
    assert isinstance(found, ServiceSchema)
    return found


def migrations_digest(cluster: str) -> str:
    """Changes when a migration, the code that runs them, or the database cluster changes."""
    digest = hashlib.sha256(cluster.encode())
    root = Path(__file__).parents[2]
    files = [
        *sorted(root.glob("services/*/migrations/**/*.py")),
        *sorted(root.glob("services/*/persistence.py")),
        *sorted(root.glob("shared/persistence/*.py")),
    ]
    for path in files:
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


async def migrate_all(admin_dsn: str, role_secret: str, connections: int, say: Say) -> None:
    """Bring the three schemas to their newest revision; each role may hold `connections`.
    Raises CannotRunError."""
    import asyncpg
    from sqlalchemy.exc import SQLAlchemyError

    from shared.persistence.migrations import migrate

    for service in SERVICES:
        say(f"migrating {service}")
        try:
            await migrate(
                admin_dsn,
                schema_of(service),
                bytes.fromhex(role_secret),
                connections=connections,
            )
        except (OSError, asyncpg.PostgresError, SQLAlchemyError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise CannotRunError(
                f"The schema {service} could not be migrated: {reason}",
                f"Không nâng cấp được lược đồ {service}: {reason}",
            ) from error
