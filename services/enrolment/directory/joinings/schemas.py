"""What the outside sends and sees of officials taken over."""

from __future__ import annotations

import datetime as dt
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.enrolment.directory.fields import Day, ShortText
from services.enrolment.directory.joinings.joining import State


class ContestBody(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"reason": "Chưa có quyết định cho chuyển công tác"}]},
    )

    reason: ShortText


class DecisionBody(BaseModel):
    """`upheld`: the official is the receiving body's; `dismissed`: stays with the body before."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "outcome": "dismissed",
                    "decision_number": "7/QĐ-SNV",
                    "decided_on": "2026-11-20",
                }
            ]
        },
    )

    outcome: Literal["upheld", "dismissed"]
    decision_number: ShortText
    decided_on: Day


class MoveRefusal(BaseModel):
    code: str
    message: str


class AllowedMove(BaseModel):
    move: Literal["confirmation", "contest", "decision"]
    refused_because: list[MoveRefusal] = Field(default=[])


class JoiningView(BaseModel):
    joining_id: UUID
    official_code: str
    from_agency: str | None = Field(
        description="Cơ quan cũ; null với bên kia của ranh giới khối / Null behind the border of the blocs"
    )
    to_agency: str | None
    effective_on: dt.date
    recorded_on: dt.date
    contested_until: dt.date
    state: State
    version: int
    reason: str | None
    decision_number: str | None
    decided_on: dt.date | None
    allowed_moves: list[AllowedMove]


class JoiningPage(BaseModel):
    items: list[JoiningView]
    next: str | None
