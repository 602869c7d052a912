"""What the outside sends and sees of job positions."""

from __future__ import annotations

from typing import Annotated

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from services.enrolment.directory.fields import Code, Day, LastDay, ShortText

EXAMPLE: dict[str, JsonValue] = {
    "title": "Chuyên viên hợp tác quốc tế",
    "agency_code": "H56",
    "requires_language": True,
    "required_language_level": 4,
    "valid_from": "2024-01-01",
    "valid_to": None,
}


class JobPositionBody(BaseModel):
    """A job position of the catalogue (vị trí việc làm)."""

    model_config = ConfigDict(
        extra="forbid", from_attributes=True, json_schema_extra={"examples": [EXAMPLE]}
    )

    title: ShortText
    agency_code: Code | None = Field(
        default=None, description="Cơ quan có vị trí này; null: dùng chung / Body; null: general"
    )
    requires_language: bool = False
    required_language_level: Annotated[int, Field(ge=1, le=6, strict=True)] | None = None
    valid_from: Day
    valid_to: LastDay = None

    @field_validator("required_language_level")
    @classmethod
    def _is_required(cls, level: int | None, info: ValidationInfo) -> int | None:
        if level is not None and info.data.get("requires_language") is False:
            raise PydanticCustomError(
                "level_without_requirement",
                "A level is required only where a language is",
                {"vi": "chỉ nêu bậc khi vị trí yêu cầu ngoại ngữ"},
            )
        return level


class JobPositionView(JobPositionBody):
    code: str
    version: int


class JobPositionPage(BaseModel):
    items: list[JobPositionView]
    next: str | None
