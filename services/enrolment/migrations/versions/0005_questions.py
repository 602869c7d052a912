"""Answers about what lies outside a caller's scope are counted by caller and day."""

from __future__ import annotations

from alembic import op

from shared.persistence.mechanism_tables import QUESTION_TABLES

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in QUESTION_TABLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE question_count")
