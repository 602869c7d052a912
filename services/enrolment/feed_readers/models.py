"""Tables of who holds which official, as the feed said last."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ARRAY, CheckConstraint, Column, Text, text
from sqlmodel import Field

from services.enrolment.persistence import EnrolmentTable


class OfficialReach(EnrolmentTable, table=True):
    """Bodies (``CODE|bloc``) that hold the official, as the feed said last; ``across``: those of all assignments
    where they lie in both blocs, else empty."""

    __tablename__ = "official_reach"

    official_code: str = Field(sa_column=Column(Text(collation="C"), primary_key=True))
    readers: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    across: list[str] = Field(
        sa_column=Column(ARRAY(Text), nullable=False, server_default=text("'{}'"))
    )


class ReachDue(EnrolmentTable, table=True):
    """Officials whose holders a tree change or a date may have changed."""

    __tablename__ = "reach_due"

    official_code: str = Field(sa_column=Column(Text(collation="C"), primary_key=True))


class ReachDay(EnrolmentTable, table=True):
    __tablename__ = "reach_day"
    __table_args__ = (CheckConstraint("only_row"),)

    only_row: bool = Field(default=True, primary_key=True)
    done_through: dt.date
