"""Who sits an exam twice under two identities is found by birth date within the session."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE INDEX exam_result_birth_date ON exam_result"
        " ((session_id::bigint * 4000000 + (birth_date - '0001-01-01'::date)))"
    )


def downgrade() -> None:
    op.execute("DROP INDEX exam_result_birth_date")
