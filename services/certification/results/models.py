"""Later versions of results."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from services.certification.metadata import Table, instant, small, text


class ResultVersion(Table, table=True):
    """A result after re-marking, a clerical error or a late skill; version 1 is the result itself."""

    __tablename__ = "result_version"
    __table_args__ = (
        CheckConstraint("version > 1", name="result_version_version_check"),
        CheckConstraint(
            "reason IN ('remarking', 'clerical', 'late_skill')", name="result_version_reason"
        ),
    )

    result_id: UUID = Field(foreign_key="certification.exam_result.result_id", primary_key=True)
    version: int = Field(primary_key=True)
    reason: str = text()
    decision_number: str = text()
    decided_on: dt.date
    attendance: str = text()
    listening: int | None = small(nullable=True)
    reading: int | None = small(nullable=True)
    writing: int | None = small(nullable=True)
    speaking: int | None = small(nullable=True)
    overall: int | None = small(nullable=True)
    level: int | None = small(nullable=True)
    rule: str = text()
    certificate_id: UUID | None
    recorded_at: dt.datetime = instant()


TABLES = (ResultVersion,)
