"""Table of moves; rows are added and never changed."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, Index, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.enrolment.persistence import EnrolmentTable


class OfficialMove(EnrolmentTable, table=True):
    __tablename__ = "official_move"
    __table_args__ = (
        Index("official_move_official_code", "official_code"),
        Index("official_move_reverses", "reverses", unique=True),
    )

    move_id: UUID = Field(primary_key=True)
    official_code: str = Field(
        sa_column=Column(
            Text(collation="C"), ForeignKey("enrolment.official.official_code"), nullable=False
        )
    )
    kind: str = Field(sa_type=Text)
    effective_on: dt.date
    decision_number: str = Field(sa_type=Text)
    to_agency: str | None = Field(sa_type=Text)
    recorded_on: dt.date
    recorded_at: dt.datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    before: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    after: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    reverses: UUID | None = Field(
        sa_column=Column(Uuid, ForeignKey("enrolment.official_move.move_id"))
    )
