"""Table of officials taken over from another body."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.enrolment.persistence import EnrolmentTable


class JoiningRecord(EnrolmentTable, table=True):
    __tablename__ = "joining"
    __table_args__ = (
        Index("joining_official_code", "official_code"),
        Index("joining_from_agency", "from_agency"),
        Index("joining_to_agency", "to_agency"),
    )

    joining_id: UUID = Field(primary_key=True)
    official_code: str = Field(
        sa_column=Column(
            Text(collation="C"), ForeignKey("enrolment.official.official_code"), nullable=False
        )
    )
    assignment_id: UUID
    from_agency: str = Field(sa_column=Column(Text(collation="C"), nullable=False))
    to_agency: str = Field(sa_column=Column(Text(collation="C"), nullable=False))
    effective_on: dt.date
    recorded_on: dt.date
    arrivals: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    state: str = Field(sa_type=Text)
    version: int
    reason: str | None = Field(sa_type=Text)
    decision_number: str | None = Field(sa_type=Text)
    decided_on: dt.date | None
