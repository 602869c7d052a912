"""Tables of officials, their identities and assignments."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, Index, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.enrolment.persistence import EnrolmentTable


class OfficialRecord(EnrolmentTable, table=True):
    """An official; the number stands here and nowhere else in whole."""

    __tablename__ = "official"

    official_code: str = Field(sa_column=Column(Text(collation="C"), primary_key=True))
    version: int
    person_key: bytes = Field(sa_type=LargeBinary)
    birth_check: bytes | None = Field(sa_type=LargeBinary)
    identity_type: str = Field(sa_type=Text)
    identity_country: str = Field(sa_type=Text)
    identity_number: str = Field(sa_type=Text)
    former_identities: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    record_code: str | None = Field(sa_type=Text)
    full_name: str = Field(sa_type=Text)
    birth_date: str = Field(sa_type=Text)
    sex: str | None = Field(sa_type=Text)
    attributes: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    absences: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))


class OfficialIdentity(EnrolmentTable, table=True):
    """Every identity number, current or former, belongs to one official."""

    __tablename__ = "official_identity"

    person_key: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    official_code: str = Field(sa_column=Column(Text(collation="C"), nullable=False))
    birth_check: bytes | None = Field(sa_type=LargeBinary)


class AssignmentRecord(EnrolmentTable, table=True):
    """``valid_to`` is the real last day, ``given_to`` the one that was given."""

    __tablename__ = "assignment"
    __table_args__ = (Index("assignment_agency_code", "agency_code"),)

    official_code: str = Field(sa_column=Column(Text(collation="C"), primary_key=True))
    agency_code: str = Field(sa_column=Column(Text(collation="C"), primary_key=True))
    valid_from: dt.date = Field(sa_column=Column(Date, primary_key=True))
    valid_to: dt.date | None
    given_to: dt.date | None
    assignment_id: UUID
    status: str = Field(sa_type=Text)
    position_title: str = Field(sa_type=Text)
    leadership: str | None = Field(sa_type=Text)
    requires_language: bool
    requires_language_basis: str | None = Field(sa_type=Text)
    job_position_code: str | None = Field(sa_type=Text)
    posting: str = Field(sa_type=Text)
    is_primary: bool
    language_teacher: bool | None
    foreign_affairs: bool | None
    language_qualified_post: bool | None
