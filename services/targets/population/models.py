"""Tables of the projection: facts from the feeds, standings, series. Declarations only.

Days are proleptic ordinals in half-open intervals ``[first, until)``.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Index, Integer, SmallInteger, Text, text
from sqlmodel import Field, UniqueConstraint

from services.targets.persistence import TargetsTable


def _code(**options: bool) -> Column[str]:
    return Column(Text(collation="C"), **options)  # type: ignore[arg-type]


class Projection(TargetsTable, table=True):
    """One row. A writer of the projection locks it."""

    __tablename__ = "projection"

    only_row: bool = Field(primary_key=True)
    fingerprint: str = Field(sa_type=Text)
    made: UUID
    state: UUID


class Agency(TargetsTable, table=True):
    __tablename__ = "agency"

    code: str = Field(sa_column=_code(primary_key=True))
    facts: str = Field(sa_type=Text)


class Ancestry(TargetsTable, table=True):
    """Who stands at or above a body, by days."""

    __tablename__ = "ancestry"
    __table_args__ = (Index("ancestry_of_ancestor", "ancestor", "body"),)

    body: str = Field(sa_column=_code(primary_key=True))
    ancestor: str = Field(sa_column=_code(primary_key=True))
    first: int = Field(primary_key=True)
    until: int


class Bloc(TargetsTable, table=True):
    """Reporting bloc of a body, by days."""

    __tablename__ = "bloc"

    body: str = Field(sa_column=_code(primary_key=True))
    first: int = Field(primary_key=True)
    until: int
    bloc: str = Field(sa_type=Text)


class Official(TargetsTable, table=True):
    __tablename__ = "official"

    official_code: str = Field(sa_column=_code(primary_key=True))
    facts: str | None = Field(sa_type=Text)
    linked: str | None = Field(sa_type=Text)


class Identified(TargetsTable, table=True):
    __tablename__ = "identity"

    person_key: str = Field(sa_column=_code(primary_key=True))
    official_code: str = Field(sa_column=_code(primary_key=True))


class Workplace(TargetsTable, table=True):
    """Agencies an official was ever assigned to, in the tree or not."""

    __tablename__ = "workplace"

    agency_code: str = Field(sa_column=_code(primary_key=True))
    official_code: str = Field(sa_column=_code(primary_key=True))


class CredentialRow(TargetsTable, table=True):
    __tablename__ = "credential"
    __table_args__ = (
        Index("credential_of_person", "person_key"),
        Index(
            "credential_of_authority",
            "person_key",
            postgresql_where=text("accepted_by IS NOT NULL OR bloc IS NOT NULL"),
        ),
    )

    reference: UUID = Field(primary_key=True)
    person_key: str = Field(sa_column=_code(nullable=False))
    birth_check: str | None = Field(sa_column=_code())
    kind: str = Field(sa_type=Text)
    language: str = Field(sa_type=Text)
    level: int | None = Field(sa_type=SmallInteger)
    specialised: bool
    first: int
    until: int
    expires: int
    test: str | None = Field(sa_type=Text)
    accepted_by: str | None = Field(sa_column=_code())
    bloc: str | None = Field(sa_type=Text)
    decided_on: int


class ProfileRow(TargetsTable, table=True):
    __tablename__ = "profile"

    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    code: bytes


class StandingRow(TargetsTable, table=True):
    __tablename__ = "standing"
    __table_args__ = (Index("standing_in_body", "body", "official_code"),)

    official_code: str = Field(sa_column=_code(primary_key=True))
    first: int = Field(primary_key=True)
    until: int
    body: str = Field(sa_column=_code(nullable=False))
    origin: str = Field(sa_type=Text)
    profile: int


class SeriesRow(TargetsTable, table=True):
    __tablename__ = "series"
    __table_args__ = (UniqueConstraint("agency_code", "origin"),)

    id: int = Field(sa_column=Column(Integer, Identity(always=True), primary_key=True))
    agency_code: str = Field(sa_column=_code(nullable=False))
    origin: str = Field(sa_type=Text)
    tail_cells: int
    tail_rows: int


class SeriesPage(TargetsTable, table=True):
    __tablename__ = "series_page"

    series: int = Field(primary_key=True)
    from_day: int = Field(primary_key=True)
    opening: bytes
    changes: bytes


class SeriesTail(TargetsTable, table=True):
    """Cells of series that no page holds yet."""

    __tablename__ = "series_tail"

    series: int = Field(primary_key=True)
    number: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    cells: bytes
