"""The schema of the targets service."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import MetaData

from shared.persistence.schema import ServiceSchema

METADATA = MetaData(schema="targets")

SCHEMA = ServiceSchema(
    name="targets",
    migrations=Path(__file__).parent / "migrations",
    metadata=METADATA,
    append_only=("plan_adopted",),
)
