"""The schema of the targets service."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import MetaData
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from shared.persistence.schema import ServiceSchema

METADATA = MetaData(schema="targets")


class TargetsTable(SQLModel, registry=registry(metadata=METADATA)):
    """Base of the service's tables: metadata of their own, apart from other services'."""


SCHEMA = ServiceSchema(
    name="targets",
    migrations=Path(__file__).parent / "migrations",
    metadata=METADATA,
    append_only=("plan_adopted",),
)
