"""Table of the catalogue of job positions."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, Column, SmallInteger, Text
from sqlmodel import Field

from services.enrolment.persistence import EnrolmentTable


class JobPosition(EnrolmentTable, table=True):
    __tablename__ = "job_position"
    __table_args__ = (CheckConstraint("valid_to >= valid_from"),)

    job_position_code: str = Field(sa_column=Column(Text(collation="C"), primary_key=True))
    version: int
    title: str = Field(sa_type=Text)
    agency_code: str | None = Field(sa_column=Column(Text(collation="C")))
    requires_language: bool
    required_language_level: int | None = Field(sa_type=SmallInteger)
    valid_from: dt.date
    valid_to: dt.date | None
