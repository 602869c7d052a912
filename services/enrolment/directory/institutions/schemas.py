"""What the outside sends and sees of institutions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from services.enrolment.directory.agencies.provinces import provinces_on
from services.enrolment.directory.fields import Code, Day, LastDay, ShortText

EXAMPLE: dict[str, JsonValue] = {
    "name": "Trường Đại học Ví Dụ",
    "kind": "university",
    "authorisations": [
        {
            "granted_by": "ministry",
            "activity": "certifying",
            "language": "en",
            "formats": ["VSTEP.3-5"],
            "levels": [3, 4, 5],
            "decision_number": "000/QĐ-BGDĐT",
            "valid_from": "2020-01-01",
            "valid_to": None,
        }
    ],
}


class AuthorisationBody(BaseModel):
    """Ministry authorisation (được phép tổ chức thi, cấp chứng chỉ) or a province's assignment of the
    task (giao nhiệm vụ), which never replaces it."""

    model_config = ConfigDict(extra="forbid")

    granted_by: Literal["ministry", "province", "other"] = "ministry"
    province_code: Annotated[str, Field(pattern=r"^\d{2}$")] | None = None
    activity: Literal["training", "testing", "certifying"]
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$", description="ISO 639")]
    formats: list[Code] | None = Field(
        default=None, max_length=50, description="null: mọi định dạng / every format"
    )
    levels: list[Annotated[int, Field(ge=0, le=6, strict=True)]] = Field(max_length=7)
    decision_number: ShortText
    valid_from: Day
    valid_to: LastDay = None
    note: ShortText | None = Field(
        default=None, description="Điều chưa chắc, nguồn / What is uncertain, the source"
    )

    @model_validator(mode="after")
    def _agrees(self) -> AuthorisationBody:
        if self.granted_by == "province" and self.province_code is None:
            raise PydanticCustomError(
                "province_required",
                "A province's assignment names the province",
                {"vi": "giao nhiệm vụ của tỉnh cần mã tỉnh"},
            )
        if self.province_code is not None and self.province_code not in provinces_on(
            self.valid_from
        ):
            raise PydanticCustomError(
                "province_unknown",
                "The province code is not in the list in force on valid_from",
                {"vi": "mã tỉnh không có trong danh mục có hiệu lực vào ngày bắt đầu"},
            )
        return self


class InstitutionBody(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    name: ShortText
    kind: ShortText
    authorisations: list[AuthorisationBody] = Field(default_factory=list, max_length=500)


class InstitutionView(InstitutionBody):
    model_config = ConfigDict(extra="forbid", from_attributes=True)

    code: str
    version: int


class InstitutionPage(BaseModel):
    items: list[InstitutionView]
    next: str | None
