"""The ``env.py`` of every service: it runs inside the transaction that ``migrate`` opened."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from shared.persistence.schema import ServiceSchema


def run() -> None:
    connection: Connection = context.config.attributes["connection"]
    schema: ServiceSchema = context.config.attributes["schema"]
    context.configure(
        connection=connection,
        target_metadata=schema.metadata,
        version_table_schema=schema.name,
        include_schemas=False,
        compare_server_default=False,
    )
    with context.begin_transaction():
        context.run_migrations()
