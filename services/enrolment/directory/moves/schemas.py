"""What the outside sends and sees of moves."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.enrolment.directory.fields import Code, Day, ShortText
from services.enrolment.directory.officials.schemas import AssignmentBody, IdentityBody

Kind = Literal[
    "transfer",
    "rotation",
    "secondment",
    "secondment_end",
    "retirement",
    "resignation",
    "dismissal",
    "death",
    "other",
]


class MoveBody(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "kind": "transfer",
                    "effective_on": "2026-10-01",
                    "decision_number": "123/QĐ-SYT",
                    "to_agency": "H56.09",
                }
            ]
        },
    )

    kind: Kind
    effective_on: Day
    decision_number: ShortText
    to_agency: Code | None = None
    assignment: AssignmentBody | None = Field(
        default=None,
        description="Vị trí mới; bỏ trống: như vị trí chính hiện nay, thôi lãnh đạo"
        " / The new one; absent: as the present primary, without leadership",
    )
    citizen_id: Annotated[str, Field(pattern=r"^[0-9]{12}$")] | None = Field(
        default=None,
        description="Cần khi tiếp nhận người ngoài phạm vi / Needed to receive from elsewhere",
    )
    identity: IdentityBody | None = None


class ReversalBody(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"decision_number": "52/QĐ-SNV"}]}
    )

    decision_number: ShortText


class MoveView(BaseModel):
    move_id: UUID
    official_code: str
    kind: str
    effective_on: dt.date
    decision_number: str
    to_agency: str | None
    recorded_on: dt.date
    reverses: UUID | None
    reversed: bool
    official_version: int


class MoveList(BaseModel):
    items: list[MoveView]
