"""Bodies of results, decoded by msgspec; their JSON Schema in OpenAPI is made from these types."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.security.person_key import IdentityType

# No control characters, which neither a register nor a database keeps. (?![\s\S]) is the very end in
# Python and in JSON Schema alike; $ would let a last newline through.
_PRINTED = r"^[^\x00-\x1f\x7f]+(?![\s\S])"

# In codes also no characters that nobody sees: two codes that look alike are one.
# Written as escapes, because generated code repeats the pattern and Go refuses a BOM inside a file.
_SEEN = r"^[^\x00-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+(?![\s\S])"

Code = Annotated[str, Meta(min_length=1, max_length=80, pattern=_SEEN)]
LevelNumber = Annotated[int, Meta(ge=0, le=6)]
Attendance = Literal["present", "absent", "excused", "suspended", "annulled"]
VersionReason = Literal["remarking", "clerical", "late_skill"]


class _Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Base of bodies: an unknown field is a fault, most often a misspelt one."""


class Identity(_Body, frozen=True, kw_only=True, gc=False):
    type: IdentityType
    country: Annotated[str, Meta(pattern=r"^[A-Za-z]{2}(?![\s\S])")]
    number: Annotated[str, Meta(min_length=1, max_length=60)]


class Candidate(_Body, frozen=True, kw_only=True):
    number: Code
    full_name: Annotated[str, Meta(min_length=1, max_length=200, pattern=_PRINTED)]
    birth_date: dt.date
    citizen_id: Annotated[str, Meta(min_length=1, max_length=40)] | None = None
    identity: Identity | None = None
    attendance: Attendance = "present"


class ExamSessionRef(_Body, frozen=True, kw_only=True, gc=False):
    code: Code
    held_on: dt.date
    framework: Code | None = None
    """Names a replaced framework during its transition; else the one in force on ``held_on``."""


class Scores(_Body, frozen=True, kw_only=True, gc=False):
    listening: float | None = None
    reading: float | None = None
    writing: float | None = None
    speaking: float | None = None


class OwnCertificate(_Body, frozen=True, kw_only=True, gc=False):
    """Numbers of a book that the institution numbers itself."""

    serial: Code | None = None
    register_number: Code | None = None
    register_book: Code | None = None
    decision_number: Code | None = None
    decided_on: dt.date | None = None


class ResultBody(_Body, frozen=True, kw_only=True):
    institution_code: Code
    exam_session: ExamSessionRef
    format: Code
    language: Annotated[str, Meta(pattern=r"^[a-z]{2,3}(?![\s\S])")]
    candidate: Candidate
    scores: Scores | None = None
    issued_on: dt.date | None = None
    claimed_level: LevelNumber | None = None
    certificate: OwnCertificate | None = None


class VersionBody(_Body, frozen=True, kw_only=True):
    reason: VersionReason
    decision_number: Code
    decided_on: dt.date
    scores: Scores | None = None
    attendance: Attendance = "present"
    issued_on: dt.date | None = None
    certificate: OwnCertificate | None = None


class CertificatePart(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The certificate in the answer to a sheet; it names no person."""

    serial: str
    register_number: str
    register_book: str
    level: int
    issued_on: dt.date
    status: str
    late_entry: bool


class ResultWarning(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A doubt that stops nothing."""

    pointer: str
    code: str
    message: str


class ResultAnswer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``overall`` is on the format's own scale; ``basis`` tells the rule that derived the level."""

    result_id: UUID
    overall: float | None
    level: int | None
    basis: msgspec.Raw
    certificate: CertificatePart | None
    warnings: tuple[ResultWarning, ...] | msgspec.UnsetType = msgspec.UNSET
    """Doubts, where there are any."""


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


def _unknown(kind: type) -> dict[str, Any]:
    del kind
    return {"type": "object", "additionalProperties": True}


_, COMPONENTS = msgspec.json.schema_components(
    [ResultBody, ResultAnswer, ResultView, VersionBody, VersionAnswer],
    schema_hook=_unknown,
    ref_template="#/components/schemas/{name}",
)
"""Schemas of these and of all that they hold, by name: generators make one class of each."""
COMPONENTS["ResultPage"] = {
    "type": "object",
    "title": "ResultPage",
    "required": ["items", "next"],
    "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/ResultView"}},
        "next": {"type": ["string", "null"]},
    },
}


def schema_of(kind: type) -> dict[str, Any]:
    """Reference to a body's or answer's schema among ``COMPONENTS``."""
    assert kind.__name__ in COMPONENTS
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


EXAMPLE_RESULT: Final[dict[str, Any]] = {
    "institution_code": "VINH",
    "exam_session": {"code": "VSTEP-2026-03", "held_on": "2026-03-15"},
    "format": "VSTEP.3-5",
    "language": "en",
    "candidate": {
        "number": "0001",
        "citizen_id": "038190000001",
        "full_name": "Nguyễn Thị Ví Dụ",
        "birth_date": "1990-05-02",
    },
    "scores": {"listening": 6.5, "reading": 7.0, "writing": 5.5, "speaking": 6.0},
    "claimed_level": 4,
}
EXAMPLE_ANSWER: Final[dict[str, Any]] = {
    "result_id": "01936f0e-0000-7000-8000-000000000001",
    "overall": 6.5,
    "level": 4,
    "basis": {
        "rule": "VSTEP.3-5/729-2015",
        "source": "729/QĐ-BGDĐT",
        "valid_from": "2015-03-11",
        "framework": "KNLNNVN-2014",
        "rounding": "half_up",
        "confidence": "verified",
        "uncertain": [],
    },
    "certificate": {
        "serial": "VINH.2026.000001.C",
        "register_number": "1",
        "register_book": "VINH/KNLNN/2026",
        "level": 4,
        "issued_on": "2026-04-01",
        "status": "valid",
        "late_entry": False,
    },
}
EXAMPLE_VERSION: Final[dict[str, Any]] = {
    "reason": "remarking",
    "decision_number": "12/QĐ-HĐT",
    "decided_on": "2026-04-20",
    "scores": {"listening": 6.5, "reading": 7.0, "writing": 6.5, "speaking": 6.0},
}
