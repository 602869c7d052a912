"""A sheet and its answer, decoded by msgspec; their JSON Schema in OpenAPI is made from these types."""

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


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Base of bodies: an unknown field is a fault, most often a misspelt one."""


class Identity(Body, frozen=True, kw_only=True, gc=False):
    type: IdentityType
    country: Annotated[str, Meta(pattern=r"^[A-Za-z]{2}(?![\s\S])")]
    number: Annotated[str, Meta(min_length=1, max_length=60)]


class Candidate(Body, frozen=True, kw_only=True):
    number: Code
    full_name: Annotated[str, Meta(min_length=1, max_length=200, pattern=_PRINTED)]
    birth_date: dt.date
    citizen_id: Annotated[str, Meta(min_length=1, max_length=40)] | None = None
    identity: Identity | None = None
    attendance: Attendance = "present"


class ExamSessionRef(Body, frozen=True, kw_only=True, gc=False):
    code: Code
    held_on: dt.date
    framework: Code | None = None
    """Names a replaced framework during its transition; else the one in force on ``held_on``."""


class Scores(Body, frozen=True, kw_only=True, gc=False):
    listening: float | None = None
    reading: float | None = None
    writing: float | None = None
    speaking: float | None = None


class OwnCertificate(Body, frozen=True, kw_only=True, gc=False):
    """Numbers of a book that the institution numbers itself."""

    serial: Code | None = None
    register_number: Code | None = None
    register_book: Code | None = None
    decision_number: Code | None = None
    decided_on: dt.date | None = None


class ResultBody(Body, frozen=True, kw_only=True):
    institution_code: Code
    exam_session: ExamSessionRef
    format: Code
    language: Annotated[str, Meta(pattern=r"^[a-z]{2,3}(?![\s\S])")]
    candidate: Candidate
    scores: Scores | None = None
    issued_on: dt.date | None = None
    claimed_level: LevelNumber | None = None
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


def _unknown(kind: type) -> dict[str, Any]:
    del kind
    return {"type": "object", "additionalProperties": True}


def components_of(*kinds: type) -> dict[str, Any]:
    """Schemas of these and of all that they hold, by name: generators make one class of each."""
    _, components = msgspec.json.schema_components(
        kinds, schema_hook=_unknown, ref_template="#/components/schemas/{name}"
    )
    return components


COMPONENTS: Final = components_of(ResultBody, ResultAnswer)


def schema_of(kind: type) -> dict[str, Any]:
    """Reference to the schema of a body or an answer among the components."""
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
