"""Table of certificates and evidence known from certification's feed."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Column, Index, LargeBinary, SmallInteger, Text, text
from sqlmodel import Field

from services.enrolment.persistence import EnrolmentTable


class CertificateRecord(EnrolmentTable, table=True):
    """``attached_to`` an official whose identity and birth date agree."""

    __tablename__ = "certificate"
    __table_args__ = (
        Index("certificate_person_key", "person_key"),
        Index(
            "certificate_attached_to",
            "attached_to",
            postgresql_where=text("attached_to IS NOT NULL"),
        ),
        Index(
            "certificate_mismatched_with",
            "mismatched_with",
            postgresql_where=text("mismatched_with IS NOT NULL"),
        ),
    )

    reference: str = Field(sa_column=Column(Text(collation="C"), primary_key=True))
    kind: str = Field(sa_type=Text)
    version: int
    person_key: bytes = Field(sa_type=LargeBinary)
    birth_check: bytes | None = Field(sa_type=LargeBinary)
    language: str = Field(sa_type=Text)
    level: int | None = Field(sa_type=SmallInteger)
    specialised: bool
    issued_on: dt.date
    counts_from: dt.date
    valid_until: dt.date | None
    ended_on: dt.date | None
    ended_effect: str | None = Field(sa_type=Text)
    ended_cause: str | None = Field(sa_type=Text)
    attached_to: str | None = Field(sa_column=Column(Text(collation="C")))
    mismatched_with: str | None = Field(sa_column=Column(Text(collation="C")))
