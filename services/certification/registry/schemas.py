"""Bodies and answers of the register."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from services.certification.registry.rows import Numbering
from services.certification.registry.status import CertificateStatus
from shared.contracts.events import RevocationEffect
from shared.imports.issues import Issue, issue
from shared.imports.unseen import first_unseen

ReasonCode = Literal[
    "fraud",
    "holder_not_eligible",
    "issuer_not_authorised",
    "content_altered",
    "lent_or_misused",
    "issued_in_error",
    "other",
]
"""Grounds of the regulation on diplomas and certificates (quy chế văn bằng, chứng chỉ)."""


def _printed(text: str) -> str:
    if any(ord(char) < 32 or ord(char) == 127 or "\ud800" <= char <= "\udfff" for char in text):
        raise PydanticCustomError(
            "control_character",
            "control characters are not allowed",
            {"vi": "không được có ký tự điều khiển"},
        )
    unseen = first_unseen(text)
    if unseen is not None:
        raise worded(issue("invisible_character", "", **unseen))
    return text


def worded(fault: Issue) -> PydanticCustomError:
    """The issue of an import as the fault of a field."""
    return PydanticCustomError(fault.code, "{en}", {"vi": fault.message_vi, "en": fault.message_en})


Printed = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_printed)]
PrintedLong = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_printed)]
Day = Annotated[dt.date, Field(ge=dt.date(1900, 1, 1), le=dt.date(2200, 1, 1))]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=False)


class RevocationBody(Body):
    """`from_decision` (thu hồi): it counted until the day before. `from_issue` (hủy bỏ): it never did."""

    reason_code: ReasonCode
    decision_number: Printed = Field(examples=["45/QĐ-ĐHV"])
    decided_on: Day
    effect: RevocationEffect = "from_decision"


class AnnexView(BaseModel):
    kind: str
    decision_number: str
    decided_on: dt.date
    reason_code: str | None
    successor: str | None = Field(description="Serial of the certificate that took its place")


class HolderView(BaseModel):
    full_name: str
    birth_date: str
    identity_type: str
    identity_number: str = Field(description="Masked but for the last four, unless `pii:read`")


class CertificateView(BaseModel):
    serial: str = Field(examples=["VINH.2026.000001.C"])
    register_number: str = Field(examples=["1"])
    register_book: str = Field(examples=["VINH/KNLNN/2026"])
    institution_code: str
    framework: str
    level: int
    language: str
    holder: HolderView | None
    issued_on: dt.date
    valid_until: dt.date | None
    status: CertificateStatus
    late_entry: bool
    result_id: UUID | None
    exam_session: str | None
    held_on: dt.date | None
    supersedes: str | None
    superseded_by: str | None
    decision_number: str | None
    annex: list[AnnexView]


class CertificatePage(BaseModel):
    items: list[CertificateView]
    next: str | None


class NumberingBody(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"numbering": "institution"}]})

    numbering: Numbering


class GapView(BaseModel):
    """A gap between numbers as an institution writes them, which may have more digits than 31 bits hold."""

    first: int = Field(json_schema_extra={"format": "int64"})
    last: int = Field(json_schema_extra={"format": "int64"})


class BookView(BaseModel):
    """`gaps` are numbers missing below the highest in a book that the institution numbers itself."""

    register_book: str
    institution_code: str
    kind: str
    year: int
    numbering: Numbering
    lines: int
    last_issued_on: dt.date | None
    gaps: list[GapView] = []
    numbers_without_digits: int = 0


class BookPage(BaseModel):
    items: list[BookView]
    next: str | None


EXAMPLE_REVOCATION: dict[str, Any] = {
    "reason_code": "fraud",
    "decision_number": "45/QĐ-ĐHV",
    "decided_on": "2026-05-20",
}


class CollidingLine(BaseModel):
    """As it was written. It names no person."""

    written: str
    institution_code: str
    certificate_id: UUID | None
    result_id: UUID | None
    serial: str | None
    register_book: str | None
    register_number: str | None
    exam_session: str | None


class Collision(BaseModel):
    """Lines that were entered while keys were compared as written and are alike as they are compared today.
    They stay as they are."""

    kind: Literal["serial", "register_number", "exam_session", "candidate_number"]
    lines: list[CollidingLine]


class CollisionList(BaseModel):
    items: list[Collision]
    complete: bool = Field(description="False where there are more than these")
