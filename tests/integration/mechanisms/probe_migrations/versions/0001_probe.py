"""A service with one table, to try the mechanisms on."""

from alembic import op

from shared.persistence.mechanism_tables import (
    FEEDS_MENDED,
    KEYS_WITH_A_LEASE,
    MECHANISM_TABLES,
    QUESTION_TABLES,
)

revision = "0001"
down_revision = None


def upgrade() -> None:
    for statement in (*MECHANISM_TABLES, *KEYS_WITH_A_LEASE, *QUESTION_TABLES, *FEEDS_MENDED):
        op.execute(statement)
    op.execute("CREATE TABLE thing (name text PRIMARY KEY, made_by text NOT NULL)")
