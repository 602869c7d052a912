"""What the outside sees of an official's certificates."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, Field


class CertificateView(BaseModel):
    reference: str = Field(description="Số hiệu, hoặc evidence_id / Serial, or evidence_id")
    kind: Literal["certificate", "evidence"]
    language: str
    level: int | None
    specialised: bool
    issued_on: dt.date
    valid_until: dt.date | None
    standing: bool = Field(description="Chưa bị thu hồi, thay thế, rút / Not taken back")
    ended_on: dt.date | None
    ended_cause: Literal["revoked", "superseded", "withdrawn", "identity_mismatch"] | None
    ended_effect: Literal["from_decision", "from_issue"] | None


class CertificateList(BaseModel):
    items: list[CertificateView]


class MismatchView(BaseModel):
    """A certificate with an official's identity number and another birth date: it does not count."""

    reference: str
    kind: Literal["certificate", "evidence"]
    official_code: str
    language: str
    level: int | None
    issued_on: dt.date


class MismatchPage(BaseModel):
    items: list[MismatchView]
    next: str | None
