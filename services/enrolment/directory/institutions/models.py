"""Tables of institutions and their dated authorisations."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ARRAY, Column, ForeignKey, Integer, Text
from sqlmodel import Field

from services.enrolment.persistence import EnrolmentTable


class Institution(EnrolmentTable, table=True):
    __tablename__ = "institution"

    institution_code: str = Field(sa_column=Column(Text(collation="C"), primary_key=True))
    version: int
    name: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)


class InstitutionAuthorisation(EnrolmentTable, table=True):
    __tablename__ = "institution_authorisation"

    institution_code: str = Field(
        sa_column=Column(
            Text(collation="C"),
            ForeignKey("enrolment.institution.institution_code"),
            primary_key=True,
        )
    )
    place: int = Field(primary_key=True)
    granted_by: str = Field(sa_type=Text)
    province_code: str | None = Field(sa_type=Text)
    activity: str = Field(sa_type=Text)
    language: str = Field(sa_type=Text)
    formats: list[str] | None = Field(sa_column=Column(ARRAY(Text)))
    levels: list[int] = Field(sa_column=Column(ARRAY(Integer), nullable=False))
    decision_number: str = Field(sa_type=Text)
    valid_from: dt.date
    valid_to: dt.date | None
    note: str | None = Field(sa_type=Text)
