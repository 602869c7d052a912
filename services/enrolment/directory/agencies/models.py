"""Tables of the dated tree of agencies."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ARRAY, CheckConstraint, Column, Date, ForeignKey, Index, Text
from sqlmodel import Field

from services.enrolment.persistence import EnrolmentTable


class Agency(EnrolmentTable, table=True):
    __tablename__ = "agency"

    agency_code: str = Field(sa_column=Column(Text(collation="C"), primary_key=True))
    version: int


class AgencyVersion(EnrolmentTable, table=True):
    """What an agency was from ``valid_from``; ``valid_to`` as it was given."""

    __tablename__ = "agency_version"
    __table_args__ = (
        CheckConstraint("valid_to >= valid_from"),
        CheckConstraint("parent_code <> agency_code"),
        Index("agency_version_parent_code", "parent_code"),
    )

    agency_code: str = Field(
        sa_column=Column(
            Text(collation="C"), ForeignKey("enrolment.agency.agency_code"), primary_key=True
        )
    )
    valid_from: dt.date = Field(primary_key=True)
    valid_to: dt.date | None
    name: str = Field(sa_type=Text)
    parent_code: str | None = Field(sa_column=Column(Text(collation="C")))
    level: str = Field(sa_type=Text)
    system: str = Field(sa_type=Text)
    province_code: str = Field(sa_type=Text)
    kind: str | None = Field(sa_type=Text)
    commune_kind: str | None = Field(sa_type=Text)
    predecessor_codes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    bloc: str | None = Field(sa_type=Text)
    central_vertical: bool


class AgencyPath(EnrolmentTable, table=True):
    """Derived: the body itself and all above it, by the days on which that held."""

    __tablename__ = "agency_path"
    __table_args__ = (Index("agency_path_path", "path", postgresql_using="gin"),)

    agency_code: str = Field(
        sa_column=Column(
            Text(collation="C"), ForeignKey("enrolment.agency.agency_code"), primary_key=True
        )
    )
    valid_from: dt.date = Field(sa_column=Column(Date, primary_key=True))
    valid_to: dt.date | None
    path: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    bloc: str = Field(sa_type=Text)
