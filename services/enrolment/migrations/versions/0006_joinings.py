"""Who took an official over from which body is kept, so that the body before can contest it."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE joining (
        joining_id uuid PRIMARY KEY,
        official_code text COLLATE "C" NOT NULL REFERENCES official (official_code),
        assignment_id uuid NOT NULL,
        from_agency text COLLATE "C" NOT NULL,
        to_agency text COLLATE "C" NOT NULL,
        effective_on date NOT NULL,
        recorded_on date NOT NULL,
        arrivals jsonb NOT NULL,
        state text NOT NULL,
        version integer NOT NULL,
        reason text,
        decision_number text,
        decided_on date,
        CHECK (state IN ('open', 'confirmed', 'contested', 'upheld', 'dismissed', 'withdrawn'))
    )
    """,
    "CREATE INDEX joining_official_code ON joining (official_code)",
    "CREATE INDEX joining_from_agency ON joining (from_agency)",
    "CREATE INDEX joining_to_agency ON joining (to_agency)",
    """
    COMMENT ON TABLE joining IS
        'Primary assignments that took an official over from a body outside the giver''s scope'
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE joining")
