"""The schema of the targets service."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import MetaData
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from shared.persistence.schema import ALL_RIGHTS, READ_AND_ADD, Rights, ServiceSchema

METADATA = MetaData(schema="targets")


class TargetsTable(SQLModel, registry=registry(metadata=METADATA)):
    """Base of the service's tables: metadata of their own, apart from other services'."""


SCHEMA = ServiceSchema(
    name="targets",
    migrations=Path(__file__).parent / "migrations",
    metadata=METADATA,
    rights={
        "plan_adopted": READ_AND_ADD,
        "projection": Rights(insert=False, update=("fingerprint", "made", "state")),
        # What follows from the feeds is emptied and made anew with the rules of counting.
        **dict.fromkeys(
            ("ancestry", "bloc", "identity", "workplace", "profile", "standing", "series_tail"),
            Rights(delete=True),
        ),
        "agency": Rights(update=("facts",), delete=True),
        "official": Rights(update=("facts", "linked"), delete=True),
        "credential": ALL_RIGHTS,
        "series": Rights(update=("tail_cells", "tail_rows"), delete=True),
        "series_page": Rights(update=("opening", "changes"), delete=True),
    },
)
