"""Table of adopted plan versions. Declaration only."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Column, DateTime, Text
from sqlmodel import Field

from services.targets.persistence import TargetsTable


class PlanAdoptedRow(TargetsTable, table=True):
    """Append-only: a version once used here stays on record."""

    __tablename__ = "plan_adopted"

    plan: str = Field(sa_column=Column(Text, primary_key=True))
    version: str = Field(sa_column=Column(Text, primary_key=True))
    adopted_at: dt.datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
