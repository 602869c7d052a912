"""The schema of the enrolment service."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import MetaData
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from shared.persistence.schema import READ_AND_ADD, WHOLE_ROW, Rights, ServiceSchema

METADATA = MetaData(schema="enrolment")


class EnrolmentTable(SQLModel, registry=registry(metadata=METADATA)):
    """Base of the service's tables: metadata of their own, apart from other services'."""


_VERSION_COLUMNS = (
    *("valid_to", "name", "parent_code", "level", "system", "province_code", "kind"),
    *("commune_kind", "predecessor_codes", "bloc", "central_vertical"),
)
"""A version keeps its body and its first day; nothing of the tree's history is deleted."""

SCHEMA = ServiceSchema(
    name="enrolment",
    migrations=Path(__file__).parent / "migrations",
    metadata=METADATA,
    rights={
        "agency": Rights(update=("version",)),
        "agency_version": Rights(update=_VERSION_COLUMNS),
        "agency_path": Rights(delete=True),
        "official": Rights(update=WHOLE_ROW),
        "official_identity": Rights(update=WHOLE_ROW, delete=True),
        "assignment": Rights(update=WHOLE_ROW, delete=True),
        "official_move": READ_AND_ADD,
        "joining": Rights(
            update=("state", "version", "arrivals", "reason", "decision_number", "decided_on")
        ),
        "official_reach": Rights(update=("readers", "across")),
        "reach_due": Rights(delete=True),
        "reach_day": Rights(update=("done_through",)),
        "certificate": Rights(update=WHOLE_ROW),
        "evidence": Rights(update=("version", "official_code", "agency_code")),
        "evidence_acceptance": Rights(update=("ended_on",)),
        "institution": Rights(update=("version", "name", "kind")),
        "institution_authorisation": Rights(delete=True),
        "job_position": Rights(update=WHOLE_ROW),
        "shipped_fact": Rights(update=("digest", "left_at_version")),
    },
)
