"""The schema of the certification service."""

from __future__ import annotations

from pathlib import Path

from services.certification.directory import models as directory
from services.certification.evidence import models as evidence
from services.certification.metadata import METADATA
from services.certification.recording import models as recording
from services.certification.registry import models as registry
from services.certification.results import models as results
from shared.persistence.schema import READ_AND_ADD, Rights, ServiceSchema

TABLES = (*directory.TABLES, *recording.TABLES, *results.TABLES, *registry.TABLES, *evidence.TABLES)

SCHEMA = ServiceSchema(
    name="certification",
    migrations=Path(__file__).parent / "migrations",
    metadata=METADATA,
    rights={
        **dict.fromkeys(
            (
                *("exam_session", "exam_result", "result_version", "session_decision"),
                *("register_entry", "register_annex", "evidence", "evidence_decision"),
            ),
            READ_AND_ADD,
        ),
        "register_book": Rights(
            update=("last_line", "previous_issued_on", "last_issued_on", "numbering")
        ),
        "institution": Rights(update=("version", "kind", "authorisations", "name")),
        "agency": Rights(update=("version",)),
        "agency_version": Rights(delete=True),
        "evidence_referral": Rights(update=("version", "agency_code")),
    },
)
