"""What the outside sends and sees of agencies."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from services.enrolment.directory.fields import Code, Day, ShortText
from shared.contracts.events import AgencyLevel, AgencySystem, Bloc, CommuneKind

EXAMPLE: dict[str, JsonValue] = {
    "name": "Trung tâm Y tế Hoằng Hóa",
    "parent_code": "H56.09",
    "level": "province",
    "system": "public_service",
    "province_code": "38",
    "valid_from": "2020-01-01",
    "valid_to": None,
}


class AgencyBody(BaseModel):
    """The agency's version from ``valid_from``; its other versions stand."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    name: ShortText
    parent_code: Code | None = Field(
        default=None, description="Cơ quan cấp trên; null: đứng đầu / Parent; null at the top"
    )
    level: AgencyLevel
    system: AgencySystem
    province_code: Annotated[
        str,
        Field(
            pattern=r"^\d{2}$",
            examples=["38"],
            description="Theo danh mục có hiệu lực ngày valid_from / In the list in force on valid_from",
        ),
    ]
    valid_from: Day
    valid_to: Day | None = Field(
        default=None,
        description="Ngày cuối; null: đến phiên bản sau / Last day; null: until the next version",
    )
    kind: ShortText | None = None
    commune_kind: CommuneKind | None = None
    predecessor_codes: list[Code] = Field(default_factory=list, max_length=200)
    bloc: Bloc | None = None
    central_vertical: bool = False


class AgencyVersionView(BaseModel):
    name: str
    parent_code: str | None
    level: AgencyLevel
    system: AgencySystem
    province_code: str
    valid_from: dt.date
    valid_to: dt.date | None = Field(description="Ngày cuối có hiệu lực / Last day in force")
    kind: str | None
    commune_kind: CommuneKind | None
    predecessor_codes: list[str]
    bloc: Bloc | None = Field(description="Như đã khai / As declared")
    central_vertical: bool


class AgencyView(AgencyVersionView):
    """The version in force on ``as_of``."""

    code: str
    version: int
    as_of: dt.date
    in_force: bool = Field(
        description="False: đã kết thúc hoặc chưa bắt đầu vào as_of / Ended or not begun on as_of"
    )
    effective_bloc: Bloc
    path: list[str] = Field(description="Từ chính nó lên cao nhất / From itself to the top")


class AgencyHistory(AgencyView):
    versions: list[AgencyVersionView]


class AgencyPage(BaseModel):
    items: list[AgencyView]
    next: str | None
