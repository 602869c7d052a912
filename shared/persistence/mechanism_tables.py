"""Tables that every service has in its own schema: outbox, feed, cursors, idempotency, audit.

Called by each service's migrations. Nothing here holds a business fact.
"""

from __future__ import annotations

MECHANISM_TABLES = (
    """
    CREATE TABLE outbox (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        event_id uuid NOT NULL,
        type text NOT NULL,
        subject text NOT NULL,
        occurred_at timestamptz NOT NULL,
        data text NOT NULL,
        audience text[]
    )
    """,
    (
        "COMMENT ON TABLE outbox IS 'Events, written in the transaction that changes the fact; never updated. "
        "audience null: decided when the event is sequenced'"
    ),
    """
    CREATE TABLE feed (
        position bigint PRIMARY KEY,
        outbox_seq bigint NOT NULL UNIQUE REFERENCES outbox (seq),
        audience text[] NOT NULL
    )
    """,
    "COMMENT ON TABLE feed IS 'Order in which events are served, given after commit by one sequencer'",
    """
    CREATE TABLE feed_identity (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        feed_id uuid NOT NULL DEFAULT gen_random_uuid(),
        floor bigint NOT NULL DEFAULT 0
    )
    """,
    "COMMENT ON COLUMN feed_identity.floor IS 'Every outbox row up to here has a position or can never appear'",
    "INSERT INTO feed_identity DEFAULT VALUES",
    """
    CREATE TABLE feed_cursor (
        source text PRIMARY KEY,
        cursor text NOT NULL DEFAULT '',
        events bigint NOT NULL DEFAULT 0,
        moved_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "COMMENT ON TABLE feed_cursor IS 'How far this service has applied another service''s feed'",
    """
    CREATE TABLE idempotency (
        scope bytea PRIMARY KEY,
        fingerprint bytea NOT NULL,
        status smallint,
        media_type text,
        body text,
        created_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX idempotency_created_at ON idempotency USING brin (created_at)",
    """
    CREATE TABLE audit (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL,
        caller text NOT NULL,
        role text NOT NULL,
        action text NOT NULL,
        subject text NOT NULL,
        correlation_id text NOT NULL,
        detail text
    )
    """,
    "COMMENT ON TABLE audit IS 'Who changed, or read of a person, what and when; append-only'",
)

KEYS_WITH_A_LEASE = (
    "ALTER TABLE idempotency ADD COLUMN lease_holder uuid, ADD COLUMN lease_until timestamptz",
    (
        "COMMENT ON COLUMN idempotency.lease_until IS 'Of an upload under way: until when the key is its own "
        "if nothing more is heard of it'"
    ),
)
"""Of an upload the key is claimed by its row, not by a connection that stays open."""


QUESTION_TABLES = (
    """
    CREATE TABLE question_count (
        caller text NOT NULL,
        day date NOT NULL,
        asked integer NOT NULL,
        PRIMARY KEY (caller, day)
    )
    """,
    (
        "COMMENT ON TABLE question_count IS 'How often a caller was answered today about what lies outside "
        "the own scope'"
    ),
)
"""Added to every service's schema by a later migration."""

FEEDS_MENDED = (
    """
    ALTER TABLE feed_cursor
        ADD COLUMN stuck_position bigint, ADD COLUMN stuck_event uuid, ADD COLUMN stuck_type text,
        ADD COLUMN stuck_subject text, ADD COLUMN stuck_error text,
        ADD COLUMN stuck_since timestamptz
    """,
    (
        "COMMENT ON COLUMN feed_cursor.stuck_since IS 'Since when the next event cannot be applied; null: it goes on. "
        "Without a position the whole feed is refused'"
    ),
    """
    CREATE TABLE feed_set_aside (
        source text NOT NULL,
        position bigint NOT NULL,
        event_id uuid NOT NULL,
        type text NOT NULL,
        subject text NOT NULL,
        error text,
        reason text NOT NULL,
        decided_by text NOT NULL,
        decided_at timestamptz NOT NULL,
        passed_at timestamptz,
        retry_at timestamptz,
        settled_at timestamptz,
        PRIMARY KEY (source, position)
    )
    """,
    "CREATE INDEX feed_set_aside_open ON feed_set_aside (source) WHERE settled_at IS NULL",
    (
        "COMMENT ON TABLE feed_set_aside IS 'Events of another feed that were passed over by decision, "
        "and later ones of "
        "the same subject; settled when applied after all'"
    ),
)
"""An event that cannot be applied is shown, and can be set aside."""
