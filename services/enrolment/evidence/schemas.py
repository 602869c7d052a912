"""Answers about papers that wait."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from pydantic import BaseModel, Field

from shared.contracts.events import EvidenceKind


class WaitingView(BaseModel):
    """A paper of an official that no authority of the official has decided about."""

    evidence_id: UUID
    official_code: str
    agency_code: str = Field(
        description="Cơ quan của cán bộ, mà cấp có thẩm quyền quyết định / The official's body, whose authority decides"
    )
    kind: EvidenceKind
    language: str
    dated: dt.date


class WaitingPage(BaseModel):
    items: list[WaitingView]
    next: str | None
