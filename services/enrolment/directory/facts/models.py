"""Table of what shipped facts were loaded as."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, Text
from sqlmodel import Field

from services.enrolment.persistence import EnrolmentTable


class ShippedFact(EnrolmentTable, table=True):
    """A subject now at a later version than ``left_at_version`` was changed by somebody."""

    __tablename__ = "shipped_fact"

    kind: str = Field(sa_column=Column(Text, primary_key=True))
    code: str = Field(sa_column=Column(Text(collation="C"), primary_key=True))
    digest: bytes = Field(sa_type=LargeBinary)
    left_at_version: int | None
