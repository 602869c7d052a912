"""An event of another feed that cannot be applied is shown, and can be set aside."""

from __future__ import annotations

from alembic import op

from shared.persistence.mechanism_tables import FEEDS_MENDED

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in FEEDS_MENDED:
        op.execute(statement)
