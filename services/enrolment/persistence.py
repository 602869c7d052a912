"""The schema of the enrolment service."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import MetaData

from shared.persistence.schema import ServiceSchema

METADATA = MetaData(schema="enrolment")

SCHEMA = ServiceSchema(
    name="enrolment",
    migrations=Path(__file__).parent / "migrations",
    metadata=METADATA,
)
