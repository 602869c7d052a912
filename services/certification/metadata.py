"""Where the tables of this service are declared; apart from every other service's."""

from __future__ import annotations

from typing import Any

from sqlalchemy import DateTime, MetaData, SmallInteger, Text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

METADATA = MetaData(schema="certification")


class Table(SQLModel, registry=registry(metadata=METADATA)):
    """Base of the tables: declarations only, no rows are loaded through it."""

    metadata = METADATA


def text(*, nullable: bool = False, primary_key: bool = False) -> Any:
    return Field(sa_type=Text, nullable=nullable, primary_key=primary_key)


def small(*, nullable: bool = False) -> Any:
    return Field(sa_type=SmallInteger, nullable=nullable)


def instant() -> Any:
    return Field(sa_type=DateTime(timezone=True), nullable=False)
