"""The schema of the certification service."""

from __future__ import annotations

from pathlib import Path

from services.certification.evidence import models as evidence
from services.certification.exams import models as exams
from services.certification.metadata import METADATA
from services.certification.registry import models as registry
from shared.persistence.schema import ServiceSchema

TABLES = (*exams.TABLES, *registry.TABLES, *evidence.TABLES)

SCHEMA = ServiceSchema(
    name="certification",
    migrations=Path(__file__).parent / "migrations",
    metadata=METADATA,
    append_only=(
        "exam_result",
        "result_version",
        "session_decision",
        "register_entry",
        "register_annex",
        "evidence",
        "evidence_decision",
    ),
)
