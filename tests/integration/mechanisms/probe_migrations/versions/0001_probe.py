"""A service with one table, to try the mechanisms on."""

from alembic import op

from shared.persistence.mechanism_tables import MECHANISM_TABLES

revision = "0001"
down_revision = None


def upgrade() -> None:
    for statement in MECHANISM_TABLES:
        op.execute(statement)
    op.execute("CREATE TABLE thing (name text PRIMARY KEY, made_by text NOT NULL)")
