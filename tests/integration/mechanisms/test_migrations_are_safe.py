"""A migration runs beside the processes of the version before: squawk finds what would stop or break them.

docs/migrations.md has the policy.
"""

from __future__ import annotations

import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations

from shared.persistence.migrations import STATEMENT_LIMIT, statements_may_take
from shared.persistence.schema import SERVICES
from tests.databases import Databases, schema_of
from tests.migration_statements import statements_of_migrations

SQUAWK = Path(sys.executable).with_name("squawk")
TASTE = "prefer-bigint-over-int,prefer-bigint-over-smallint,prefer-text-field"
"""Rules about types that a table is made with: a code of a state needs no eight bytes."""
EXCEPTED = {
    "certification-0002": "of 0.2.0, before this test: indexes on tables of a first installation",
    "certification-0007": "of 0.2.0, before this test: indexes and NOT NULL, first installation",
    "certification-0008": "of 0.2.0, before this test: an index on tables of a first installation",
    "certification-0009": "of 0.2.0, before this test: keys made anew while the service stands",
    "targets-0005": "of 0.2.0, before this test: targets counts anew after it",
}
"""Migrations that squawk finds fault with, and why they stand. A new one says how many rows, and how long."""


def squawk(file: Path) -> str:
    done = subprocess.run(
        [
            *(SQUAWK, "--assume-in-transaction", "--pg-version", "18"),
            *("--exclude", TASTE, "--reporter", "gcc", file),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr if done.returncode else ""


@pytest.mark.parametrize("service", SERVICES)
async def test_no_migration_stops_or_breaks_the_version_before(
    service: str, databases: Databases, tmp_path: Path
) -> None:
    async with databases.empty(service) as dsn:
        found = await statements_of_migrations(dsn, schema_of(service))
    revisions = {path.name[:4] for path in (schema_of(service).migrations / "versions").glob("0*")}
    assert set(found) == revisions
    for revision, statements in found.items():
        file = tmp_path / f"{service}-{revision}.sql"
        file.write_text("".join(f"{each.strip().rstrip(';')};\n" for each in statements))
        faulty = squawk(file)
        assert bool(faulty) == (file.stem in EXCEPTED), faulty or "it is excepted without a need"


LIMITS = "SET LOCAL lock_timeout = '4s'; SET LOCAL statement_timeout = '5min';"


@pytest.mark.parametrize(
    ("planted", "rule"),
    [
        ("ALTER TABLE official DROP COLUMN sex", "ban-drop-column"),
        ("ALTER TABLE official RENAME COLUMN sex TO gender", "renaming-column"),
        ("ALTER TABLE official RENAME TO person", "renaming-table"),
        ("DROP TABLE official", "ban-drop-table"),
        ("ALTER TABLE official ADD COLUMN note text NOT NULL", "adding-required-field"),
        ("ALTER TABLE official ALTER COLUMN sex SET NOT NULL", "adding-not-nullable-field"),
        ("ALTER TABLE official ALTER COLUMN version TYPE bigint", "changing-column-type"),
        ("CREATE INDEX official_sex ON official (sex)", "require-concurrent-index-creation"),
        (
            "ALTER TABLE official ADD CONSTRAINT adult CHECK (birth_year < 2010)",
            "constraint-missing-not-valid",
        ),
    ],
)
def test_a_planted_fault_is_found(planted: str, rule: str, tmp_path: Path) -> None:
    file = tmp_path / "planted.sql"
    file.write_text(f"{LIMITS}\n{planted};\n")
    assert rule in squawk(file)


def test_without_limits_nothing_is_altered(tmp_path: Path) -> None:
    file = tmp_path / "planted.sql"
    file.write_text("ALTER TABLE official ADD COLUMN note text;\n")
    said = squawk(file)
    assert "require-lock-timeout" in said
    assert "require-statement-timeout" in said
    file.write_text(f"{LIMITS}\nALTER TABLE official ADD COLUMN note text;\n")
    assert squawk(file) == ""


def test_one_data_migration_is_given_longer() -> None:
    said = StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": said}
    )
    with Operations.context(context), statements_may_take("1h"):
        context.execute("UPDATE official SET version = version")
    assert [line for line in said.getvalue().splitlines() if line] == [
        "SET LOCAL statement_timeout = '1h';",
        "UPDATE official SET version = version;",
        f"SET LOCAL statement_timeout = '{STATEMENT_LIMIT}';",
    ]
