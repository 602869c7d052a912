"""Exam results, register of certificates, evidence."""

from __future__ import annotations

from alembic import op

from shared.persistence.mechanism_tables import MECHANISM_TABLES

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Tables of the hot path (exam_result, register_entry) have no foreign keys: both sides of each are
# written by one transaction of one writer, and the runtime role can neither change nor delete them.
TABLES = (
    """
    CREATE TABLE institution (
        institution_code text PRIMARY KEY,
        version integer NOT NULL,
        kind text NOT NULL,
        authorisations text NOT NULL
    )
    """,
    "COMMENT ON TABLE institution IS 'Authorisations as enrolment''s feed tells them'",
    """
    CREATE TABLE agency (
        agency_code text PRIMARY KEY,
        version integer NOT NULL
    )
    """,
    """
    CREATE TABLE agency_version (
        agency_code text NOT NULL,
        valid_from date NOT NULL,
        valid_to date,
        parent_code text,
        bloc text,
        system text NOT NULL,
        PRIMARY KEY (agency_code, valid_from)
    )
    """,
    "CREATE INDEX agency_version_parent ON agency_version (parent_code)",
    """
    CREATE TABLE exam_session (
        session_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        institution_code text NOT NULL,
        code text NOT NULL,
        held_on date NOT NULL,
        framework text NOT NULL,
        issuance text NOT NULL
            CONSTRAINT exam_session_issuance CHECK (issuance IN ('on_posting', 'on_decision')),
        status text NOT NULL
            CONSTRAINT exam_session_status CHECK (status IN ('open', 'published', 'issuing', 'closed')),
        version integer NOT NULL,
        CONSTRAINT exam_session_code UNIQUE (institution_code, code)
    )
    """,
    """
    CREATE TABLE session_decision (
        session_id integer NOT NULL REFERENCES exam_session (session_id),
        seq integer NOT NULL,
        kind text NOT NULL CONSTRAINT session_decision_kind CHECK (kind IN ('publication', 'issuance')),
        decision_number text NOT NULL,
        decided_on date NOT NULL,
        issued_on date,
        excepted text[],
        recorded_at timestamptz NOT NULL,
        PRIMARY KEY (session_id, seq)
    )
    """,
    """
    CREATE TABLE exam_result (
        result_id uuid PRIMARY KEY,
        session_id integer NOT NULL,
        candidate_number text NOT NULL,
        person_key bytea NOT NULL,
        birth_check bytea NOT NULL,
        identity_type text NOT NULL,
        identity_country text NOT NULL,
        identity_number text NOT NULL,
        full_name text NOT NULL,
        birth_date date NOT NULL,
        attendance text NOT NULL CONSTRAINT exam_result_attendance
            CHECK (attendance IN ('present', 'absent', 'excused', 'suspended', 'annulled')),
        format text NOT NULL,
        language text NOT NULL,
        listening smallint,
        reading smallint,
        writing smallint,
        speaking smallint,
        overall smallint,
        level smallint,
        rule text NOT NULL,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT exam_result_number UNIQUE (session_id, candidate_number),
        CONSTRAINT exam_result_person UNIQUE (session_id, person_key)
    )
    """,
    (
        "COMMENT ON TABLE exam_result IS 'A sheet as first recorded, never changed; scores in half points. "
        "The two constraints are the natural keys; the first also serves lists by session'"
    ),
    """
    CREATE TABLE result_version (
        result_id uuid NOT NULL REFERENCES exam_result (result_id),
        version integer NOT NULL CHECK (version > 1),
        reason text NOT NULL CONSTRAINT result_version_reason
            CHECK (reason IN ('remarking', 'clerical', 'late_skill')),
        decision_number text NOT NULL,
        decided_on date NOT NULL,
        attendance text NOT NULL,
        listening smallint,
        reading smallint,
        writing smallint,
        speaking smallint,
        overall smallint,
        level smallint,
        rule text NOT NULL,
        certificate_id uuid,
        recorded_at timestamptz NOT NULL,
        PRIMARY KEY (result_id, version)
    )
    """,
    "COMMENT ON COLUMN result_version.certificate_id IS 'The certificate that stands after this version'",
    """
    CREATE TABLE register_book (
        book_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        institution_code text NOT NULL,
        kind text NOT NULL,
        year smallint NOT NULL,
        numbering text NOT NULL
            CONSTRAINT register_book_numbering CHECK (numbering IN ('bac', 'institution')),
        last_line integer NOT NULL,
        last_issued_on date,
        previous_issued_on date,
        CONSTRAINT register_book_key UNIQUE (institution_code, kind, year)
    ) WITH (fillfactor = 50)
    """,
    (
        "COMMENT ON COLUMN register_book.previous_issued_on IS "
        "'Day of the last line before the latest batch of lines, read back by the batch that wrote them'"
    ),
    """
    CREATE TABLE register_entry (
        certificate_id uuid PRIMARY KEY,
        book_id integer NOT NULL,
        line integer NOT NULL,
        register_number text NOT NULL,
        serial text NOT NULL,
        book_label text,
        own_number boolean NOT NULL,
        late_entry boolean NOT NULL,
        result_id uuid,
        result_version smallint,
        framework text NOT NULL,
        level smallint NOT NULL,
        language text NOT NULL,
        issued_on date NOT NULL,
        valid_until date,
        counts_from date,
        supersedes uuid,
        decision_number text,
        decided_on date,
        holder text,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT register_entry_line UNIQUE (book_id, line),
        CONSTRAINT register_entry_serial UNIQUE (serial)
    )
    """,
    (
        "COMMENT ON TABLE register_entry IS 'Lines of the register books. A certificate earned by the first "
        "version of a result carries that result''s id. holder: only where no result holds the person'"
    ),
    (
        "CREATE UNIQUE INDEX register_entry_own_number ON register_entry (book_id, register_number)"
        " WHERE own_number"
    ),
    """
    CREATE TABLE register_annex (
        certificate_id uuid NOT NULL REFERENCES register_entry (certificate_id),
        seq integer NOT NULL,
        kind text NOT NULL CONSTRAINT register_annex_kind CHECK (kind IN ('revocation', 'annulment',
            'supersession', 'correction', 'reissue', 'suspension', 'suspension_lifted')),
        decision_number text NOT NULL,
        decided_on date NOT NULL,
        reason_code text,
        successor uuid,
        detail text,
        recorded_at timestamptz NOT NULL,
        PRIMARY KEY (certificate_id, seq)
    )
    """,
    "COMMENT ON TABLE register_annex IS 'Annex of the register (phụ lục sổ gốc): what befell a line later'",
    """
    CREATE TABLE evidence (
        evidence_id uuid PRIMARY KEY,
        natural_key bytea NOT NULL,
        content_hash bytea NOT NULL,
        filed_by text,
        person_key text NOT NULL,
        birth_check text,
        identity_type text NOT NULL,
        identity_country text NOT NULL,
        identity_number text NOT NULL,
        full_name text NOT NULL,
        birth_date text NOT NULL,
        kind text NOT NULL,
        language text NOT NULL,
        dated date NOT NULL,
        expires_on date,
        test text,
        certificate_number text,
        issued_by text,
        scores text,
        degree text,
        field text,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT evidence_natural_key UNIQUE (natural_key)
    )
    """,
    "CREATE INDEX evidence_filed_by ON evidence (filed_by, evidence_id)",
    """
    CREATE TABLE evidence_decision (
        evidence_id uuid NOT NULL REFERENCES evidence (evidence_id),
        seq integer NOT NULL,
        kind text NOT NULL
            CONSTRAINT evidence_decision_kind CHECK (kind IN ('acceptance', 'withdrawal')),
        decision_number text NOT NULL,
        decided_on date NOT NULL,
        level smallint,
        equivalence_table text,
        recorded_at timestamptz NOT NULL,
        PRIMARY KEY (evidence_id, seq)
    )
    """,
)


def upgrade() -> None:
    for statement in (*MECHANISM_TABLES, *TABLES):
        op.execute(statement)


def downgrade() -> None:
    for table in (
        "evidence_decision",
        "evidence",
        "register_annex",
        "register_entry",
        "register_book",
        "result_version",
        "exam_result",
        "session_decision",
        "exam_session",
        "agency_version",
        "agency",
        "institution",
        "audit",
        "idempotency",
        "feed_cursor",
        "feed_identity",
        "feed",
        "outbox",
    ):
        op.execute(f"DROP TABLE {table}")
