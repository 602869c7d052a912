"""What was filed about one person is found by the person."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX evidence_person ON evidence (person_key)")


def downgrade() -> None:
    op.execute("DROP INDEX evidence_person")
