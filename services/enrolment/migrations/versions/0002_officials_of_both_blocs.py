"""Whose assignments lie in bodies of both blocs is remembered, to be told when a body changes its bloc."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE official_reach ADD COLUMN across text[] NOT NULL DEFAULT '{}'")
    op.execute(
        "COMMENT ON COLUMN official_reach.across IS 'Bodies (CODE|bloc) of all assignments where these"
        " lie in both blocs; else empty'"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE official_reach DROP COLUMN across")
