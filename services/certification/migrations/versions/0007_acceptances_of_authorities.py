"""An acceptance of evidence says which authority decided it, and a paper may have several.

Of acceptances older than this no authority is recorded: the event about them names none, and targets counts
them as nation-wide. ``evidence_referral``: the body whose authority a paper waits for, by enrolment's feed.
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in (
        """
        ALTER TABLE evidence_decision
            ADD COLUMN acceptance_id uuid,
            ADD COLUMN authority_named boolean NOT NULL DEFAULT false,
            ADD COLUMN accepted_by text,
            ADD COLUMN bloc text
        """,
        "UPDATE evidence_decision SET acceptance_id = evidence_id",
        """
        ALTER TABLE evidence_decision
            ALTER COLUMN acceptance_id SET NOT NULL,
            ALTER COLUMN authority_named DROP DEFAULT
        """,
        """
        CREATE UNIQUE INDEX evidence_decision_of_authority
            ON evidence_decision (evidence_id, kind, authority_named, accepted_by, bloc)
            NULLS NOT DISTINCT
        """,
        """
        CREATE INDEX evidence_decision_accepted_by ON evidence_decision (accepted_by, evidence_id)
        WHERE kind = 'acceptance' AND authority_named
        """,
        """
        CREATE TABLE evidence_referral (
            evidence_id uuid PRIMARY KEY,
            version integer NOT NULL,
            agency_code text
        )
        """,
        "CREATE INDEX evidence_referral_agency ON evidence_referral (agency_code, evidence_id)",
    ):
        op.execute(statement)
