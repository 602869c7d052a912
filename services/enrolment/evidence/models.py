"""Tables of papers that were filed about persons, and of what authorities decided about them."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary, SmallInteger, Text, text
from sqlmodel import Field

from services.enrolment.persistence import EnrolmentTable


class EvidenceRecord(EnrolmentTable, table=True):
    """A paper, and the body whose authority it waits for; ``version`` counts what was told of that."""

    __tablename__ = "evidence"
    __table_args__ = (
        Index("evidence_person_key", "person_key"),
        Index(
            "evidence_waiting",
            *("official_code", "evidence_id"),
            postgresql_where=text("agency_code IS NOT NULL"),
        ),
    )

    evidence_id: UUID = Field(primary_key=True)
    person_key: bytes = Field(sa_type=LargeBinary)
    birth_check: bytes | None = Field(sa_type=LargeBinary)
    kind: str = Field(sa_type=Text)
    language: str = Field(sa_type=Text)
    dated: dt.date
    version: int
    official_code: str | None = Field(sa_column=Column(Text(collation="C")))
    agency_code: str | None = Field(sa_column=Column(Text(collation="C")))


class EvidenceAcceptanceRecord(EnrolmentTable, table=True):
    __tablename__ = "evidence_acceptance"
    __table_args__ = (Index("evidence_acceptance_evidence_id", "evidence_id"),)

    acceptance_id: UUID = Field(primary_key=True)
    evidence_id: UUID
    accepted_by: str | None = Field(sa_column=Column(Text(collation="C")))
    bloc: str | None = Field(sa_type=Text)
    decided_on: dt.date
    level: int | None = Field(sa_type=SmallInteger)
    specialised: bool
    valid_until: dt.date | None
    ended_on: dt.date | None
