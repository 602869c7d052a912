"""Tables of recognised evidence."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field

from services.certification.metadata import (
    Table,
    instant,
    small,
    text,
)


class Evidence(Table, table=True):
    """What a body filed about one person, as filed."""

    __tablename__ = "evidence"
    __table_args__ = (
        UniqueConstraint("natural_key", name="evidence_natural_key"),
        Index("evidence_filed_by", "filed_by", "evidence_id"),
        Index("evidence_person", "person_key"),
    )

    evidence_id: UUID = Field(primary_key=True)
    natural_key: bytes = Field(sa_type=LargeBinary)
    content_hash: bytes = Field(sa_type=LargeBinary)
    filed_by: str | None = text(nullable=True)
    person_key: str = text()
    birth_check: str | None = text(nullable=True)
    identity_type: str = text()
    identity_country: str = text()
    identity_number: str = text()
    full_name: str = text()
    birth_date: str = text()
    kind: str = text()
    language: str = text()
    dated: dt.date
    expires_on: dt.date | None
    test: str | None = text(nullable=True)
    certificate_number: str | None = text(nullable=True)
    issued_by: str | None = text(nullable=True)
    scores: str | None = text(nullable=True)
    degree: str | None = text(nullable=True)
    field: str | None = text(nullable=True)
    recorded_at: dt.datetime = instant()


class EvidenceDecision(Table, table=True):
    """An authority's acceptance, or its withdrawal."""

    __tablename__ = "evidence_decision"
    __table_args__ = (
        CheckConstraint("kind IN ('acceptance', 'withdrawal')", name="evidence_decision_kind"),
        Index(
            "evidence_decision_of_authority",
            *("evidence_id", "kind", "authority_named", "accepted_by", "bloc"),
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index(
            "evidence_decision_accepted_by",
            *("accepted_by", "evidence_id"),
            postgresql_where=sql("kind = 'acceptance' AND authority_named"),
        ),
    )

    evidence_id: UUID = Field(foreign_key="certification.evidence.evidence_id", primary_key=True)
    seq: int = Field(primary_key=True)
    kind: str = text()
    decision_number: str = text()
    decided_on: dt.date
    level: int | None = small(nullable=True)
    equivalence_table: str | None = text(nullable=True)
    recorded_at: dt.datetime = instant()
    acceptance_id: UUID
    authority_named: bool
    accepted_by: str | None = text(nullable=True)
    bloc: str | None = text(nullable=True)


class EvidenceReferral(Table, table=True):
    """The body whose authority a paper waits for, as enrolment's feed says; null: it waits for none."""

    __tablename__ = "evidence_referral"
    __table_args__ = (Index("evidence_referral_agency", "agency_code", "evidence_id"),)

    evidence_id: UUID = Field(primary_key=True)
    version: int
    agency_code: str | None = text(nullable=True)


TABLES = (Evidence, EvidenceDecision, EvidenceReferral)
