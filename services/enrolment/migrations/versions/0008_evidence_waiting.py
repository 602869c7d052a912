"""Papers filed about persons are known from certification's feed, with what each authority decided of them.

That feed is read once more from its beginning: papers that nobody accepted were passed over until now. What was
applied before changes nothing when it comes again.
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE evidence (
        evidence_id uuid PRIMARY KEY,
        person_key bytea NOT NULL,
        birth_check bytea,
        kind text NOT NULL,
        language text NOT NULL,
        dated date NOT NULL,
        version integer NOT NULL,
        official_code text COLLATE "C",
        agency_code text COLLATE "C"
    )
    """,
    "CREATE INDEX evidence_person_key ON evidence (person_key)",
    """
    CREATE INDEX evidence_waiting ON evidence (official_code, evidence_id)
    WHERE agency_code IS NOT NULL
    """,
    "COMMENT ON TABLE evidence IS 'Papers filed about persons, and the body whose authority each waits for'",
    """
    CREATE TABLE evidence_acceptance (
        acceptance_id uuid PRIMARY KEY,
        evidence_id uuid NOT NULL,
        accepted_by text COLLATE "C",
        bloc text,
        decided_on date NOT NULL,
        level smallint,
        specialised boolean NOT NULL,
        valid_until date,
        ended_on date
    )
    """,
    "CREATE INDEX evidence_acceptance_evidence_id ON evidence_acceptance (evidence_id)",
    "COMMENT ON TABLE evidence_acceptance IS 'What each authority decided of a paper'",
    # What was accepted before names no authority and counts as nation-wide, so the day decides nothing.
    """
    INSERT INTO evidence_acceptance (acceptance_id, evidence_id, accepted_by, bloc, decided_on, level,
        specialised, valid_until, ended_on)
    SELECT reference::uuid, reference::uuid, NULL, NULL, counts_from, level, specialised, valid_until,
           ended_on
    FROM certificate WHERE kind = 'evidence'
    """,
    "UPDATE feed_cursor SET cursor = '', events = 0 WHERE source = 'certification'",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
