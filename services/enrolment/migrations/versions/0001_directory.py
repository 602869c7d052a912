"""Mechanisms."""

from __future__ import annotations

from alembic import op

from shared.persistence.mechanism_tables import MECHANISM_TABLES

revision = "0001"
down_revision = None


def upgrade() -> None:
    for statement in MECHANISM_TABLES:
        op.execute(statement)
