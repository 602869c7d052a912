"""Tables of exam sessions and results."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
)
from sqlalchemy import ForeignKey as SqlForeignKey
from sqlalchemy import Identity as SqlIdentity
from sqlalchemy import text as sql
from sqlmodel import Column, Field, Integer

from services.certification.metadata import Table, instant, small, text


class ExamSession(Table, table=True):
    """``open`` takes results; an announced session goes on to published, issuing and closed."""

    __tablename__ = "exam_session"
    __table_args__ = (
        CheckConstraint("issuance IN ('on_posting', 'on_decision')", name="exam_session_issuance"),
        CheckConstraint(
            "status IN ('open', 'published', 'issuing', 'closed')", name="exam_session_status"
        ),
        UniqueConstraint("institution_code", "code_key", "code_rank", name="exam_session_code"),
    )

    session_id: int = Field(sa_column=Column(Integer, SqlIdentity(always=True), primary_key=True))
    institution_code: str = text()
    code: str = text()
    held_on: dt.date
    framework: str = text()
    issuance: str = text()
    status: str = text()
    version: int
    code_key: str = text()
    code_rank: int = Field(sa_column_kwargs={"server_default": "0"})


class SessionDecision(Table, table=True):
    """Publication or issuance of an announced session."""

    __tablename__ = "session_decision"
    __table_args__ = (
        CheckConstraint("kind IN ('publication', 'issuance')", name="session_decision_kind"),
    )

    session_id: int = Field(
        sa_column=Column(
            Integer, SqlForeignKey("certification.exam_session.session_id"), primary_key=True
        )
    )
    seq: int = Field(primary_key=True)
    kind: str = text()
    decision_number: str = text()
    decided_on: dt.date
    issued_on: dt.date | None
    excepted: list[str] | None = Field(sa_type=ARRAY(Text), nullable=True)
    recorded_at: dt.datetime = instant()


class ExamResult(Table, table=True):
    """A sheet as first recorded. Scores and overall are in half points."""

    __tablename__ = "exam_result"
    __table_args__ = (
        CheckConstraint(
            "attendance IN ('present', 'absent', 'excused', 'suspended', 'annulled')",
            name="exam_result_attendance",
        ),
        UniqueConstraint("session_id", "number_key", "number_rank", name="exam_result_number"),
        UniqueConstraint("session_id", "person_key", name="exam_result_person"),
        Index(
            "exam_result_birth_date",
            # One number for the two: a year 9999 ends below four million days.
            sql("session_id::bigint * 4000000 + (birth_date - '0001-01-01'::date)"),
        ),
    )

    result_id: UUID = Field(primary_key=True)
    session_id: int
    candidate_number: str = text()
    person_key: bytes = Field(sa_type=LargeBinary)
    birth_check: bytes = Field(sa_type=LargeBinary)
    identity_type: str = text()
    identity_country: str = text()
    identity_number: str = text()
    full_name: str = text()
    birth_date: dt.date
    attendance: str = text()
    format: str = text()
    language: str = text()
    listening: int | None = small(nullable=True)
    reading: int | None = small(nullable=True)
    writing: int | None = small(nullable=True)
    speaking: int | None = small(nullable=True)
    overall: int | None = small(nullable=True)
    level: int | None = small(nullable=True)
    rule: str = text()
    recorded_at: dt.datetime = instant()
    number_key: str = text()
    number_rank: int = Field(sa_column_kwargs={"server_default": "0"})


TABLES = (ExamSession, SessionDecision, ExamResult)
