"""What the outside sends and sees of officials."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from services.enrolment.directory.fields import Code, Day, ShortText
from shared.contracts.events import LanguageBasis, Leadership, OfficialStatus, Posting
from shared.security.person_key import IdentityType

IdentityReason = Literal["new_number", "former_number", "clerical", "civil_status"]
"""Why numbers of a registered official change: a new paper, an old one added, a mistake, a decision."""

EXAMPLE: dict[str, JsonValue] = {
    "citizen_id": "038188000017",
    "full_name": "Nguyễn Thị Ví Dụ",
    "birth_date": "1988-02-29",
    "sex": "female",
    "assignments": [
        {
            "agency_code": "H56.09.TTYTHH",
            "status": "public_employee",
            "position_title": "Điều dưỡng",
            "leadership": None,
            "requires_language": False,
            "posting": "regular",
            "primary": True,
            "valid_from": "2018-09-01",
            "valid_to": None,
        }
    ],
    "attributes": {"language_teacher": False},
}


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class IdentityBody(_Body):
    type: IdentityType
    country: str = Field(default="VN", pattern=r"^[A-Za-z]{2}$", description="ISO 3166-1 alpha-2")
    number: str = Field(min_length=1, max_length=60)


class PostAttributes(_Body):
    """They win over the official's own for the days of the assignment."""

    language_teacher: bool | None = None
    foreign_affairs: bool | None = None
    language_qualified_post: bool | None = None


class AssignmentBody(_Body):
    agency_code: Code
    status: OfficialStatus
    position_title: ShortText
    leadership: Leadership | None = None
    requires_language: bool = False
    requires_language_basis: LanguageBasis | None = None
    job_position_code: Code | None = None
    posting: Posting = "regular"
    primary: bool | None = Field(
        default=None,
        description="Vị trí thuộc biên chế; mặc định: true khi chính thức / Default: regular postings",
    )
    valid_from: Day
    valid_to: Day | None = None
    attributes: PostAttributes | None = None


class AssignmentOfOfficialBody(AssignmentBody):
    assignment_id: UUID | None = Field(
        default=None,
        description="Như đã đọc; bỏ trống với vị trí mới / As it was read; absent from a new one",
    )


class AbsenceBody(_Body):
    kind: ShortText
    valid_from: Day
    valid_to: Day | None = None


class AttributesBody(_Body):
    language_teacher: bool = False
    foreign_affairs: bool = False
    language_qualified_post: bool = False
    language_degree: bool = False
    language_degree_awarded_on: Day | None = None
    foreign_taught_degree: bool = False
    foreign_taught_degree_awarded_on: Day | None = None
    central_vertical: bool = False


class OfficialBody(_Body):
    """An official; the assignments replace those that stand in bodies of the caller's scope."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    citizen_id: Annotated[str, Field(min_length=1, max_length=40)] | None = Field(
        default=None,
        description="12 chữ số; bỏ trống hoặc để che như đã đọc khi sửa người đã đăng ký"
        " / 12 digits; on change it may be left out, or masked as it was read",
    )
    identity: IdentityBody | None = None
    former_identities: list[IdentityBody] | None = Field(
        default=None,
        max_length=20,
        description="Danh sách đủ số cũ; bỏ trống: giữ số đã biết / All former numbers; absent: as known",
    )
    identity_reason: IdentityReason | None = Field(
        default=None,
        description="Cần khi đổi số định danh, số cũ của người đã đăng ký"
        " / Needed to change the numbers of a registered official",
    )
    record_code: ShortText | None = None
    full_name: ShortText
    birth_date: str = Field(description="YYYY-MM-DD; YYYY với hồ sơ cũ / YYYY for old records")
    sex: str | None = Field(default=None, max_length=10, description="male | female")
    assignments: list[AssignmentOfOfficialBody] = Field(default_factory=list, max_length=200)
    absences: list[AbsenceBody] | None = Field(default=None, max_length=200)
    attributes: AttributesBody | None = None
    official_code: Code = Field(
        default="",
        description="Như trong địa chỉ / As in the address",
        json_schema_extra=_without_default,
    )
    version: int | None = Field(
        default=None,
        description="Như đã đọc, không dùng đến: hãy gửi If-Match / As read, unused: send If-Match",
    )
    agency_code: Code | None = Field(
        default=None,
        description="Như đã đọc; suy ra từ vị trí chính / As read; follows from the primary one",
    )


class IdentityView(BaseModel):
    type: IdentityType
    country: str
    number: str = Field(description="Che bớt nếu không có pii:read / Masked unless pii:read")


class AssignmentView(BaseModel):
    assignment_id: UUID
    agency_code: str
    status: OfficialStatus
    position_title: str
    leadership: Leadership | None
    requires_language: bool
    requires_language_basis: LanguageBasis | None
    job_position_code: str | None
    posting: Posting
    primary: bool
    valid_from: dt.date
    valid_to: dt.date | None
    attributes: PostAttributes


class AbsenceView(BaseModel):
    kind: str
    valid_from: dt.date
    valid_to: dt.date | None


class AttributesView(BaseModel):
    language_teacher: bool
    foreign_affairs: bool
    language_qualified_post: bool
    language_degree: bool
    language_degree_awarded_on: dt.date | None
    foreign_taught_degree: bool
    foreign_taught_degree_awarded_on: dt.date | None
    central_vertical: bool


class OfficialView(BaseModel):
    official_code: str
    version: int
    agency_code: str | None = Field(
        description="Cơ quan của vị trí chính vào as_of / Body of the primary assignment on as_of"
    )
    citizen_id: str | None = Field(
        description="Che bớt nếu không có pii:read / Masked unless pii:read"
    )
    identity: IdentityView
    former_identities: list[IdentityView]
    record_code: str | None
    full_name: str
    birth_date: str
    sex: Literal["male", "female"] | None
    assignments: list[AssignmentView]
    absences: list[AbsenceView]
    attributes: AttributesView


class Doubt(BaseModel):
    pointer: str
    code: str
    message: str


class OfficialStored(OfficialView):
    warnings: list[Doubt]
    facts_kept: list[str] = Field(
        description="Thông tin đã gửi khác hồ sơ và không được nhận"
        " / Facts that differ from the record and were not taken"
    )


class OfficialPage(BaseModel):
    items: list[OfficialView]
    next: str | None


class SearchBody(_Body):
    """Part of a name or of a code, and the filters of the list."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "Văn A"}]})

    name: str = Field(min_length=2, max_length=100)
    agency: Code | None = None
    as_of: Day | None = None
    status: OfficialStatus | None = None
    leadership: Leadership | None = None
    cursor: str | None = Field(default=None, max_length=200)
    limit: int = Field(default=100, ge=1, le=500)


class LookupBody(_Body):
    """Names of officials by code, or the code of a person whose number one knows, and the whole birth date or the
    name."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"official_codes": ["TH-000123"]}]}
    )

    official_codes: list[Code] | None = Field(default=None, max_length=20_000)
    citizen_id: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    identity: IdentityBody | None = None
    birth_date: str | None = Field(
        default=None,
        max_length=10,
        description="YYYY-MM-DD; khi tra theo số cần đủ ngày sinh hoặc họ tên"
        " / A look-up by number needs the whole birth date or the name",
    )
    full_name: ShortText | None = None


class LookupItem(BaseModel):
    official_code: str
    full_name: str
    agency_code: str | None


class LookupAnswer(BaseModel):
    items: list[LookupItem]
    missing: list[str] = Field(
        description="Không có hoặc ngoài phạm vi / Unknown or out of scope, not told apart"
    )
