"""Roles, schemas and Alembic histories: what ``bac migrate`` does."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

from shared.persistence.schema import SERVICES, WHOLE_ROW, ServiceSchema

if TYPE_CHECKING:
    # Services import this module for their address only; what migrates is loaded where it is used.
    from alembic.config import Config
    from sqlalchemy import Connection

_MIGRATION_LOCK = 0x6261634D  # "bacM": one migration at a time, whoever starts it

ROLE_CONNECTIONS = 32
"""Connections of one service's role, both its processes: three times that is below PostgreSQL's own default
of 100, so that no service can take the slots of another."""

ROLE_SETTINGS = {
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "30s",
}
"""Limits of every runtime role. A transaction is only ever idle between two statements of one request."""


LOCK_LIMIT = "4s"
"""How long a migration waits for a lock: who waits for one keeps everybody behind it waiting too."""

STATEMENT_LIMIT = "5min"
"""How long one statement of a migration may take."""


def role_connections(environment: Mapping[str, str]) -> int:
    """``BAC_ROLE_CONNECTIONS`` (default 32). Raises :class:`ValueError` below what one service needs."""
    given = int(environment.get("BAC_ROLE_CONNECTIONS") or ROLE_CONNECTIONS)
    if given < 10:
        raise ValueError("BAC_ROLE_CONNECTIONS must be 10 or more")
    return given


def role_password(secret: bytes, role: str) -> str:
    """Passwords of the runtime roles follow from one secret, ``BAC_ROLE_SECRET``."""
    return hmac.new(secret, role.encode(), hashlib.sha256).hexdigest()


def runtime_dsn(admin_dsn: str, schema: ServiceSchema, secret: bytes) -> str:
    """The address under which a service reaches the database that ``DATABASE_URL`` names."""
    return role_dsn(admin_dsn, schema.runtime_role, secret)


def role_dsn(admin_dsn: str, role: str, secret: bytes) -> str:
    """The same database under another role, whose password follows from the secret."""
    parts = urlsplit(admin_dsn)
    host = parts.netloc.rpartition("@")[2]
    password = role_password(secret, role)
    return urlunsplit(parts._replace(netloc=f"{role}:{quote(password)}@{host}"))


def _sqlalchemy_url(dsn: str) -> str:
    return "postgresql+asyncpg://" + dsn.split("://", 1)[1]


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _ensure_role(connection: Connection, role: str, password: str | None) -> None:
    from sqlalchemy import text

    known = connection.execute(
        text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}
    ).scalar()
    if not known:
        connection.execute(text(f"CREATE ROLE {_quoted(role)} NOINHERIT NOSUPERUSER"))
    if password is not None:
        # ALTER ROLE takes no parameters; the password is hexadecimal and cannot end the literal.
        connection.execute(text(f"ALTER ROLE {_quoted(role)} LOGIN PASSWORD '{password}'"))


def _alembic(connection: Connection, schema: ServiceSchema) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(schema.migrations))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["schema"] = schema
    return config


def _bound_role(connection: Connection, database: str, role: str, connections: int) -> None:
    """Limits of what one service may take of the server; they hold for sessions that begin afterwards."""
    from sqlalchemy import text

    connection.execute(text(f"ALTER ROLE {_quoted(role)} CONNECTION LIMIT {connections:d}"))
    for setting, value in ROLE_SETTINGS.items():
        connection.execute(
            text(
                f"ALTER ROLE {_quoted(role)} IN DATABASE {_quoted(database)} SET {setting} = '{value}'"
            )
        )


def _migrate(
    connection: Connection, schema: ServiceSchema, secret: bytes, revision: str, connections: int
) -> None:
    from alembic import command
    from sqlalchemy import text

    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
    database = connection.execute(text("SELECT current_database()")).scalar_one()
    me = connection.execute(text("SELECT current_user")).scalar_one()
    _ensure_role(connection, schema.owner_role, None)
    _ensure_role(connection, schema.runtime_role, role_password(secret, schema.runtime_role))
    connection.execute(text(f"GRANT {_quoted(schema.owner_role)} TO {_quoted(me)}"))
    connection.execute(text("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
    connection.execute(text(f"REVOKE ALL ON DATABASE {_quoted(database)} FROM PUBLIC"))
    connection.execute(
        text(f"GRANT CONNECT ON DATABASE {_quoted(database)} TO {_quoted(schema.runtime_role)}")
    )
    _bound_role(connection, database, schema.runtime_role, connections)
    name, owner, runtime = map(_quoted, (schema.name, schema.owner_role, schema.runtime_role))
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {name} AUTHORIZATION {owner}"))
    connection.execute(
        text(f"ALTER ROLE {runtime} IN DATABASE {_quoted(database)} SET search_path = {name}")
    )
    connection.execute(text(f"SET LOCAL ROLE {owner}"))
    connection.execute(text(f"SET LOCAL search_path = {name}"))
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_LIMIT}'"))
    connection.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_LIMIT}'"))
    command.upgrade(_alembic(connection, schema), revision)
    _grant(connection, schema)


@contextmanager
def statements_may_take(limit: str) -> Iterator[None]:
    """For the one data migration that needs longer than others: ``with statements_may_take("1h"):``.

    Its docstring says how long it takes on how many rows, and docs/migrations.md what else to think of.
    """
    from alembic import op

    op.execute(f"SET LOCAL statement_timeout = '{limit}'")
    yield
    op.execute(f"SET LOCAL statement_timeout = '{STATEMENT_LIMIT}'")


def _grant(connection: Connection, schema: ServiceSchema) -> None:
    """Gives the runtime role the declared rights and takes away all others, whoever gave them."""
    from sqlalchemy import text

    name, runtime = map(_quoted, (schema.name, schema.runtime_role))
    tables: dict[str, set[str]] = {}
    for table, column in connection.execute(
        text(
            "SELECT c.relname, a.attname FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
            " WHERE n.nspname = :schema AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
        ),
        {"schema": schema.name},
    ):
        tables.setdefault(table, set()).add(column)
    statements = [
        f"REVOKE ALL ON SCHEMA {name} FROM PUBLIC, {runtime}",
        f"GRANT USAGE ON SCHEMA {name} TO {runtime}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {name} FROM PUBLIC, {runtime}",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA {name} FROM PUBLIC, {runtime}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {name} TO {runtime}",
    ]
    for table, columns in tables.items():
        rights = schema.rights_of(table)
        given = ["SELECT"]
        if rights.insert:
            given.append("INSERT")
        if rights.delete:
            given.append("DELETE")
        if rights.update == WHOLE_ROW:
            given.append("UPDATE")
        # At an older revision some of the declared columns are not there yet.
        elif changed := [_quoted(each) for each in rights.update if each in columns]:
            given.append(f"UPDATE ({', '.join(changed)})")
        statements.append(f"GRANT {', '.join(given)} ON {name}.{_quoted(table)} TO {runtime}")
    for statement in statements:
        connection.execute(text(statement))


async def migrate(
    admin_dsn: str,
    schema: ServiceSchema,
    secret: bytes,
    revision: str = "head",
    *,
    connections: int = ROLE_CONNECTIONS,
) -> None:
    """Brings one service's schema to ``revision``: all of it or nothing, and safe to repeat.

    ``connections`` is how many the service's role may hold at once. ``admin_dsn`` must name a role with
    CREATEROLE and CREATE on the database.
    """
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(_sqlalchemy_url(admin_dsn))
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_migrate, schema, secret, revision, connections)
    finally:
        await engine.dispose()


def service_dsn(environment: Mapping[str, str], schema: ServiceSchema) -> str:
    """``BAC_<SERVICE>_DATABASE_URL``, else the runtime role at ``DATABASE_URL``.

    Raises :class:`ValueError` with a sentence when neither is set.
    """
    assert schema.name in SERVICES
    own = environment.get(f"BAC_{schema.name.upper()}_DATABASE_URL")
    if own:
        return own
    admin, secret = environment.get("DATABASE_URL"), environment.get("BAC_ROLE_SECRET")
    if not admin or not secret:
        raise ValueError(
            f"set BAC_{schema.name.upper()}_DATABASE_URL, or DATABASE_URL with BAC_ROLE_SECRET"
        )
    return runtime_dsn(admin, schema, bytes.fromhex(secret))
