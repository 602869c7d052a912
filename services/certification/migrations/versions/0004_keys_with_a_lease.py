"""The key of an upload under way is claimed by its row, with a lease."""

from __future__ import annotations

from alembic import op

from shared.persistence.mechanism_tables import KEYS_WITH_A_LEASE

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in KEYS_WITH_A_LEASE:
        op.execute(statement)
