"""What this service keeps of enrolment's directory: institutions and the tree of agencies."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Index
from sqlmodel import Field

from services.certification.metadata import Table, text


class Institution(Table, table=True):
    """An institution as enrolment last told of it: its authorisations (JSON) and its name, null where
    only an event without one was read."""

    __tablename__ = "institution"

    institution_code: str = text(primary_key=True)
    version: int
    kind: str = text()
    authorisations: str = text()
    name: str | None = text(nullable=True)


class Agency(Table, table=True):
    """The version of an agency's history that was last applied."""

    __tablename__ = "agency"

    agency_code: str = text(primary_key=True)
    version: int


class AgencyVersion(Table, table=True):
    """Where an agency hung in the tree from ``valid_from`` to ``valid_to``."""

    __tablename__ = "agency_version"
    __table_args__ = (Index("agency_version_parent", "parent_code"),)

    agency_code: str = text(primary_key=True)
    valid_from: dt.date = Field(primary_key=True)
    valid_to: dt.date | None
    parent_code: str | None = text(nullable=True)
    bloc: str | None = text(nullable=True)
    system: str = text()


TABLES = (Institution, Agency, AgencyVersion)
