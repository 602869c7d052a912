"""What targets knows of agencies, officials and credentials, and the series made from it."""

from __future__ import annotations

from alembic import op

from shared.persistence.mechanism_tables import MECHANISM_TABLES

revision = "0001"
down_revision = None

TABLES = (
    """
    CREATE TABLE projection (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        fingerprint text NOT NULL DEFAULT '',
        made uuid NOT NULL DEFAULT gen_random_uuid(),
        state uuid NOT NULL DEFAULT gen_random_uuid()
    )
    """,
    "COMMENT ON COLUMN projection.fingerprint IS 'Profile scheme and facts all standings were made by'",
    "COMMENT ON COLUMN projection.made IS 'New whenever the projection begins anew: profile ids mean nothing across'",
    "COMMENT ON COLUMN projection.state IS 'New whenever agencies or profiles change'",
    "INSERT INTO projection DEFAULT VALUES",
    """
    CREATE TABLE agency (
        code text COLLATE "C" PRIMARY KEY,
        facts text NOT NULL
    )
    """,
    "COMMENT ON COLUMN agency.facts IS 'Newest agency.changed, JSON'",
    """
    CREATE TABLE ancestry (
        body text COLLATE "C" NOT NULL,
        ancestor text COLLATE "C" NOT NULL,
        first integer NOT NULL,
        until integer NOT NULL,
        PRIMARY KEY (body, ancestor, first)
    )
    """,
    "COMMENT ON TABLE ancestry IS 'Who stands at or above a body on the days [first, until)'",
    "COMMENT ON COLUMN ancestry.first IS 'Days here and below: 1 is 0001-01-01, 3652060 is never'",
    "CREATE INDEX ancestry_of_ancestor ON ancestry (ancestor, body)",
    """
    CREATE TABLE bloc (
        body text COLLATE "C" NOT NULL,
        first integer NOT NULL,
        until integer NOT NULL,
        bloc text NOT NULL,
        PRIMARY KEY (body, first)
    )
    """,
    """
    CREATE TABLE official (
        official_code text COLLATE "C" PRIMARY KEY,
        facts text,
        linked text
    )
    """,
    "COMMENT ON COLUMN official.facts IS 'Newest official.changed, JSON; null while only linked is known'",
    "COMMENT ON COLUMN official.linked IS 'Newest official.identities_linked, JSON'",
    """
    CREATE TABLE identity (
        person_key text COLLATE "C" NOT NULL,
        official_code text COLLATE "C" NOT NULL,
        PRIMARY KEY (person_key, official_code)
    )
    """,
    """
    CREATE TABLE workplace (
        agency_code text COLLATE "C" NOT NULL,
        official_code text COLLATE "C" NOT NULL,
        PRIMARY KEY (agency_code, official_code)
    )
    """,
    "COMMENT ON TABLE workplace IS 'Agencies an official was ever assigned to, in the tree or not'",
    """
    CREATE TABLE credential (
        reference uuid PRIMARY KEY,
        person_key text COLLATE "C" NOT NULL,
        birth_check text COLLATE "C",
        kind text NOT NULL,
        language text NOT NULL,
        level smallint,
        specialised boolean NOT NULL,
        first integer NOT NULL,
        until integer NOT NULL,
        expires integer NOT NULL,
        test text
    )
    """,
    "CREATE INDEX credential_of_person ON credential (person_key)",
    """
    CREATE TABLE profile (
        id integer PRIMARY KEY,
        code bytea NOT NULL
    )
    """,
    """
    CREATE TABLE standing (
        official_code text COLLATE "C" NOT NULL,
        first integer NOT NULL,
        until integer NOT NULL,
        body text COLLATE "C" NOT NULL,
        origin text NOT NULL,
        profile integer NOT NULL,
        PRIMARY KEY (official_code, first)
    )
    """,
    "CREATE INDEX standing_in_body ON standing (body, official_code)",
    """
    CREATE TABLE series (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        agency_code text COLLATE "C" NOT NULL,
        origin text NOT NULL,
        tail_cells integer NOT NULL,
        tail_rows integer NOT NULL,
        UNIQUE (agency_code, origin)
    )
    """,
    "COMMENT ON COLUMN series.origin IS 'Empty: everybody; else those of this old province only'",
    """
    CREATE TABLE series_page (
        series integer NOT NULL,
        from_day integer NOT NULL,
        opening bytea NOT NULL,
        changes bytea NOT NULL,
        PRIMARY KEY (series, from_day)
    )
    """,
    # Packed integers hardly compress, and a figure reads a page within milliseconds.
    "ALTER TABLE series_page ALTER opening SET STORAGE EXTERNAL, ALTER changes SET STORAGE EXTERNAL",
    """
    CREATE TABLE series_tail (
        series integer NOT NULL,
        number bigint GENERATED ALWAYS AS IDENTITY,
        cells bytea NOT NULL,
        PRIMARY KEY (series, number)
    )
    """,
    "ALTER TABLE series_tail ALTER cells SET STORAGE EXTERNAL",
    "COMMENT ON TABLE series_tail IS 'Cells of series that no page holds yet'",
    """
    CREATE TABLE plan_adopted (
        plan text NOT NULL,
        version text NOT NULL,
        adopted_at timestamptz NOT NULL,
        PRIMARY KEY (plan, version)
    )
    """,
)


def upgrade() -> None:
    for statement in (*MECHANISM_TABLES, *TABLES):
        op.execute(statement)
