"""The public is shown an institution's name, not only its code."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE institution ADD COLUMN name text")


def downgrade() -> None:
    op.execute("ALTER TABLE institution DROP COLUMN name")
