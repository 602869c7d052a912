"""What the public may know of one certificate."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from services.certification.registry.schemas import PrintedLong
from services.certification.registry.status import CertificateStatus


class VerificationView(BaseModel):
    """No identity number, no birth date and no scores. `holder_name` is null where the installation does
    not show it, or shows it only to a caller who gives the name or the birth date
    (`POST /v1/verify/{serial}`), which is the default."""

    serial: str = Field(examples=["VINH.2026.000001.C"])
    status: CertificateStatus
    status_vi: str
    stands: bool
    holder_name: str | None
    level: int
    level_vi: str
    cefr: str
    framework: str
    language: str
    institution_code: str
    institution_name: str | None = Field(
        description="Null where the directory has not told it", examples=["Trường Đại học Vinh"]
    )
    register_book: str
    register_number: str
    held_on: dt.date | None
    issued_on: dt.date
    valid_until: dt.date | None
    decided_on: dt.date | None = Field(description="Day of the decision behind the present status")
    supersedes: str | None
    superseded_by: str | None


class HolderClaim(BaseModel):
    """What somebody who holds the certificate in hand can read on it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"full_name": "Nguyễn Thị Ví Dụ", "birth_date": "1990-05-02"}]
        },
    )

    full_name: PrintedLong | None = None
    birth_date: dt.date | None = None


class VerificationGuide(BaseModel):
    """Told to a program that names no serial."""

    verify: str = "/v1/verify/{serial}"
    verify_knowing_the_holder: str = 'POST /v1/verify/{serial} {"full_name": …, "birth_date": …}'
    documentation: str = "/docs"
    openapi: str = "/openapi.json"


FORM_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["serial"],
    "properties": {
        "serial": {"type": "string", "maxLength": 80},
        "full_name": {"type": "string"},
        "birth_date": {"type": "string", "examples": ["02/05/1990"]},
    },
}
