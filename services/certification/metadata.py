"""Where the tables of this service are declared; apart from every other service's."""

from __future__ import annotations

from sqlalchemy import MetaData
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

METADATA = MetaData(schema="certification")


class Table(SQLModel, registry=registry(metadata=METADATA)):
    """Base of the tables: declarations only, no rows are loaded through it."""

    metadata = METADATA
