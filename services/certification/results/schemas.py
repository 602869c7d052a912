"""Results as they are read, and new versions of them."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from services.certification.sheets.schemas import (
    Attendance,
    Body,
    CertificatePart,
    Code,
    ExamSessionRef,
    OwnCertificate,
    Scores,
    components_of,
)

VersionReason = Literal["remarking", "clerical", "late_skill"]


class VersionBody(Body, frozen=True, kw_only=True):
    reason: VersionReason
    decision_number: Code
    decided_on: dt.date
    scores: Scores | None = None
    attendance: Attendance = "present"
    issued_on: dt.date | None = None
    certificate: OwnCertificate | None = None


class CandidateView(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    full_name: str
    birth_date: str
    """``•••``, like the name, for an auditor without ``pii:read``."""
    identity_type: str
    identity_country: str
    identity_number: str
    """Masked but for the last four characters, unless the caller has ``pii:read``."""
    attendance: str


class VersionView(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    reason: str | None
    decision_number: str | None
    decided_on: dt.date | None
    attendance: str
    scores: Scores
    overall: float | None
    level: int | None
    rule: str
    recorded_at: dt.datetime


class ResultView(msgspec.Struct, frozen=True, kw_only=True):
    """A result with all its versions; the top repeats what stands now."""

    result_id: UUID
    institution_code: str
    exam_session: ExamSessionRef
    format: str
    language: str
    candidate: CandidateView
    scores: Scores
    overall: float | None
    level: int | None
    basis: msgspec.Raw
    certificate: CertificatePart | None
    versions: tuple[VersionView, ...]


class VersionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to a new version; ``certificate`` is the one that stands after it."""

    result_id: UUID
    version: int
    overall: float | None
    level: int | None
    basis: msgspec.Raw
    certificate: CertificatePart | None
    superseded: str | None


COMPONENTS: Final = components_of(ResultView, VersionBody, VersionAnswer)
COMPONENTS["ResultPage"] = {
    "type": "object",
    "title": "ResultPage",
    "required": ["items", "next"],
    "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/ResultView"}},
        "next": {"type": ["string", "null"]},
    },
}

EXAMPLE_VERSION: Final[dict[str, Any]] = {
    "reason": "remarking",
    "decision_number": "12/QĐ-HĐT",
    "decided_on": "2026-04-20",
    "scores": {"listening": 6.5, "reading": 7.0, "writing": 6.5, "speaking": 6.0},
}
