"""The schema of the enrolment service."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import MetaData
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from shared.persistence.schema import ServiceSchema

METADATA = MetaData(schema="enrolment")


class EnrolmentTable(SQLModel, registry=registry(metadata=METADATA)):
    """Base of the service's tables: metadata of their own, apart from other services'."""


SCHEMA = ServiceSchema(
    name="enrolment",
    migrations=Path(__file__).parent / "migrations",
    metadata=METADATA,
    append_only=("official_move",),
)
