"""What the outside sends and sees of moves."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.enrolment.directory.fields import Code, Day, ShortText
from services.enrolment.directory.moves.move import ARRIVALS, DEPARTURES
from services.enrolment.directory.officials.schemas import AssignmentBody, IdentityBody
from shared.contracts.problem import FieldError
from shared.security.identity_numbers import country_fault, identity_from, number_fault
from shared.security.person_key import PersonIdentity

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
        description="Vị trí mới, khớp với to_agency và effective_on; bỏ trống: như vị trí chính hiện nay,"
        " thôi lãnh đạo / The new one, agreeing with to_agency and effective_on; absent: as the present"
        " primary, without leadership",
    )
    citizen_id: Annotated[str, Field(min_length=1, max_length=40)] | None = Field(
        default=None,
        description="Cần khi tiếp nhận người ngoài phạm vi, cùng đủ ngày sinh"
        " / Needed, with the whole birth date, to receive from elsewhere",
    )
    identity: IdentityBody | None = None
    birth_date: str | None = Field(
        default=None, max_length=10, description="YYYY-MM-DD, như hồ sơ đang lưu / As on file"
    )

    @property
    def number(self) -> PersonIdentity | None:
        if self.identity is not None:
            return identity_from(self.identity.type, self.identity.country, self.identity.number)
        if self.citizen_id is not None:
            return identity_from("citizen_id", "VN", self.citizen_id)
        return None

    @property
    def arrives_at(self) -> str | None:
        return self.to_agency or (self.assignment.agency_code if self.assignment else None)

    def contradictions(self) -> list[FieldError]:
        """What the move says of itself in two ways, or leaves out."""
        found = []
        if self.kind in ARRIVALS and self.arrives_at is None:
            found.append(
                FieldError(
                    "/to_agency",
                    "to_agency_required",
                    "cần cơ quan tiếp nhận",
                    "the receiving body is needed",
                )
            )
        if self.assignment is not None and self.kind in (*DEPARTURES, "secondment_end"):
            found.append(
                FieldError(
                    "/assignment",
                    "assignment_unexpected",
                    "loại biến động này không lập vị trí mới",
                    "this kind of move begins no assignment",
                )
            )
        elif self.assignment is not None:
            found += self._differences(self.assignment)
        if (number := self.number) is not None:
            at = "/identity" if self.identity is not None else ""
            faults = {
                f"{at}/country": country_fault(number),
                f"{at}/number" if at else "/citizen_id": number_fault(number),
            }
            found += [
                FieldError(pointer, fault.code, fault.vi, fault.en)
                for pointer, fault in faults.items()
                if fault is not None
            ]
        return found

    def _differences(self, assignment: AssignmentBody) -> list[FieldError]:
        seconded = self.kind == "secondment"
        implied = {
            "agency_code": self.arrives_at,
            "valid_from": self.effective_on,
            "posting": "secondment" if seconded else "regular",
            "primary": not seconded,
        }
        return [
            FieldError(
                f"/assignment/{name}",
                "assignment_differs",
                "khác với loại biến động, to_agency hoặc effective_on",
                "differs from the kind of move, to_agency or effective_on",
            )
            for name, value in implied.items()
            if name in assignment.model_fields_set
            and getattr(assignment, name) not in (value, None)
        ]


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
