"""A credential keeps which authority accepted it. The projection begins anew by itself: its rules changed."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE credential
            ADD COLUMN accepted_by text COLLATE "C",
            ADD COLUMN bloc text,
            ADD COLUMN decided_on integer NOT NULL DEFAULT 0
        """
    )
    op.execute("ALTER TABLE credential ALTER COLUMN decided_on DROP DEFAULT")
    op.execute(
        """
        CREATE INDEX credential_of_authority ON credential (person_key)
        WHERE accepted_by IS NOT NULL OR bloc IS NOT NULL
        """
    )
