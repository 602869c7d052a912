"""Mechanisms and the directory: agencies, officials, institutions, job positions, certificates known of."""

from __future__ import annotations

from alembic import op

from shared.persistence.mechanism_tables import MECHANISM_TABLES

revision = "0001"
down_revision = None

_AGENCIES = (
    """
    CREATE TABLE agency (
        agency_code text COLLATE "C" PRIMARY KEY,
        version integer NOT NULL
    )
    """,
    """
    CREATE TABLE agency_version (
        agency_code text COLLATE "C" NOT NULL REFERENCES agency (agency_code),
        valid_from date NOT NULL,
        valid_to date,
        name text NOT NULL,
        parent_code text COLLATE "C",
        level text NOT NULL,
        system text NOT NULL,
        province_code text NOT NULL,
        kind text,
        commune_kind text,
        predecessor_codes text[] NOT NULL,
        bloc text,
        central_vertical boolean NOT NULL,
        PRIMARY KEY (agency_code, valid_from),
        CHECK (valid_to >= valid_from),
        CHECK (parent_code <> agency_code)
    )
    """,
    "COMMENT ON COLUMN agency_version.valid_to IS 'As given; the real end is never later than the next version'",
    "CREATE INDEX agency_version_parent_code ON agency_version (parent_code)",
    """
    CREATE TABLE agency_path (
        agency_code text COLLATE "C" NOT NULL REFERENCES agency (agency_code),
        valid_from date NOT NULL,
        valid_to date,
        path text[] NOT NULL,
        bloc text NOT NULL,
        PRIMARY KEY (agency_code, valid_from)
    )
    """,
    (
        "COMMENT ON TABLE agency_path IS 'Derived from agency_version: the body itself and all above it, "
        "by the days on which that held'"
    ),
    "CREATE INDEX agency_path_path ON agency_path USING gin (path)",
)

_OFFICIALS = (
    """
    CREATE TABLE official (
        official_code text COLLATE "C" PRIMARY KEY,
        version integer NOT NULL,
        person_key bytea NOT NULL,
        birth_check bytea,
        identity_type text NOT NULL,
        identity_country text NOT NULL,
        identity_number text NOT NULL,
        former_identities jsonb NOT NULL,
        record_code text,
        full_name text NOT NULL,
        birth_date text NOT NULL,
        sex text,
        attributes jsonb NOT NULL,
        absences jsonb NOT NULL
    )
    """,
    """
    CREATE TABLE official_identity (
        person_key bytea PRIMARY KEY,
        official_code text COLLATE "C" NOT NULL,
        birth_check bytea
    )
    """,
    "COMMENT ON TABLE official_identity IS 'Every identity number, current or former, belongs to one official'",
    """
    CREATE TABLE assignment (
        official_code text COLLATE "C" NOT NULL,
        agency_code text COLLATE "C" NOT NULL,
        valid_from date NOT NULL,
        valid_to date,
        given_to date,
        assignment_id uuid NOT NULL,
        status text NOT NULL,
        position_title text NOT NULL,
        leadership text,
        requires_language boolean NOT NULL,
        requires_language_basis text,
        job_position_code text,
        posting text NOT NULL,
        is_primary boolean NOT NULL,
        language_teacher boolean,
        foreign_affairs boolean,
        language_qualified_post boolean,
        PRIMARY KEY (official_code, agency_code, valid_from)
    )
    """,
    (
        "COMMENT ON COLUMN assignment.valid_to IS 'Last day in force: given_to, or the day before a "
        "later primary assignment begins'"
    ),
    "CREATE INDEX assignment_agency_code ON assignment (agency_code)",
    """
    CREATE TABLE official_move (
        move_id uuid PRIMARY KEY,
        official_code text COLLATE "C" NOT NULL REFERENCES official (official_code),
        kind text NOT NULL,
        effective_on date NOT NULL,
        decision_number text NOT NULL,
        to_agency text,
        recorded_on date NOT NULL,
        recorded_at timestamptz NOT NULL,
        before jsonb NOT NULL,
        after jsonb NOT NULL,
        reverses uuid REFERENCES official_move (move_id)
    )
    """,
    "CREATE INDEX official_move_official_code ON official_move (official_code)",
    "CREATE UNIQUE INDEX official_move_reverses ON official_move (reverses)",
    "COMMENT ON TABLE official_move IS 'Moves and their reversals; before and after are the assignments'",
)

_REACH = (
    """
    CREATE TABLE official_reach (
        official_code text COLLATE "C" PRIMARY KEY,
        readers text[] NOT NULL
    )
    """,
    "COMMENT ON TABLE official_reach IS 'Bodies (CODE|bloc) that the feed told to hold the official'",
    'CREATE TABLE reach_due (official_code text COLLATE "C" PRIMARY KEY)',
    "COMMENT ON TABLE reach_due IS 'Officials whose reach a tree change or a date may have changed'",
    """
    CREATE TABLE reach_day (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        done_through date NOT NULL
    )
    """,
)

_CERTIFICATES = (
    """
    CREATE TABLE certificate (
        reference text COLLATE "C" PRIMARY KEY,
        kind text NOT NULL,
        version integer NOT NULL,
        person_key bytea NOT NULL,
        birth_check bytea,
        language text NOT NULL,
        level smallint,
        specialised boolean NOT NULL,
        issued_on date NOT NULL,
        counts_from date NOT NULL,
        valid_until date,
        ended_on date,
        ended_effect text,
        ended_cause text,
        attached_to text COLLATE "C",
        mismatched_with text COLLATE "C"
    )
    """,
    (
        "COMMENT ON TABLE certificate IS 'Certificates and accepted evidence that certification''s feed told of; "
        "attached_to an official whose identity and birth date agree'"
    ),
    "CREATE INDEX certificate_person_key ON certificate (person_key)",
    "CREATE INDEX certificate_attached_to ON certificate (attached_to) WHERE attached_to IS NOT NULL",
    (
        "CREATE INDEX certificate_mismatched_with ON certificate (mismatched_with) "
        "WHERE mismatched_with IS NOT NULL"
    ),
)

_OTHERS = (
    """
    CREATE TABLE institution (
        institution_code text COLLATE "C" PRIMARY KEY,
        version integer NOT NULL,
        name text NOT NULL,
        kind text NOT NULL
    )
    """,
    """
    CREATE TABLE institution_authorisation (
        institution_code text COLLATE "C" NOT NULL REFERENCES institution (institution_code),
        place integer NOT NULL,
        granted_by text NOT NULL,
        province_code text,
        activity text NOT NULL,
        language text NOT NULL,
        formats text[],
        levels integer[] NOT NULL,
        decision_number text NOT NULL,
        valid_from date NOT NULL,
        valid_to date,
        note text,
        PRIMARY KEY (institution_code, place)
    )
    """,
    """
    CREATE TABLE job_position (
        job_position_code text COLLATE "C" PRIMARY KEY,
        version integer NOT NULL,
        title text NOT NULL,
        agency_code text COLLATE "C",
        requires_language boolean NOT NULL,
        required_language_level smallint,
        valid_from date NOT NULL,
        valid_to date,
        CHECK (valid_to >= valid_from)
    )
    """,
    """
    CREATE TABLE shipped_fact (
        kind text NOT NULL,
        code text COLLATE "C" NOT NULL,
        digest bytea NOT NULL,
        left_at_version integer,
        PRIMARY KEY (kind, code)
    )
    """,
    (
        "COMMENT ON TABLE shipped_fact IS 'Facts that came with the product, and the version they left their "
        "subject at: a later version means that somebody changed it and upgrades leave it alone'"
    ),
)


def upgrade() -> None:
    for statement in (
        *MECHANISM_TABLES,
        *_AGENCIES,
        *_OFFICIALS,
        *_REACH,
        *_CERTIFICATES,
        *_OTHERS,
    ):
        op.execute(statement)
