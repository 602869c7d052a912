"""One version of an agency as it is submitted, and what can be wrong with it in itself."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import msgspec

from services.enrolment.directory.agencies.provinces import provinces_on
from services.enrolment.directory.fields import (
    AGENCY_CODE_STYLE,
    CODE,
    CODE_FORM,
    clean,
    is_plausible_day,
    is_storable,
)
from shared.contracts.events import AgencyLevel, AgencySystem, Bloc, CommuneKind
from shared.imports.issues import Issue, issue
from shared.imports.unseen import first_unseen

MOST_PREDECESSORS: Final = 200


class AgencyRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An import row: the PUT body and its own key. Null and absent mean the same."""

    code: str
    name: str
    parent_code: str | None = None
    level: AgencyLevel
    system: AgencySystem
    province_code: str
    valid_from: dt.date
    valid_to: dt.date | None = None
    kind: str | None = None
    commune_kind: CommuneKind | None = None
    predecessor_codes: tuple[str, ...] = ()
    bloc: Bloc | None = None
    central_vertical: bool = False

    @property
    def key(self) -> tuple[str, dt.date]:
        return self.code, self.valid_from


def error(pointer: str, code: str, vi: str, en: str) -> Issue:
    return Issue(pointer, code, vi, en)


def cleaned(row: AgencyRow) -> AgencyRow:
    """Names in NFC with single spaces, predecessors without repetitions."""
    changes: dict[str, Any] = {}
    for name in ("name", "kind"):
        value = getattr(row, name)
        if value is not None and (tidy := clean(value)) != value:
            changes[name] = tidy
    if len(set(row.predecessor_codes)) != len(row.predecessor_codes):
        changes["predecessor_codes"] = tuple(dict.fromkeys(row.predecessor_codes))
    return msgspec.structs.replace(row, **changes) if changes else row


def problems_of(row: AgencyRow) -> list[Issue]:
    """Errors that need no other row and no state to be seen."""
    found: list[Issue] = []
    for name, value in (("name", row.name), ("kind", row.kind)):
        if value is None:
            continue
        if not is_storable(value):
            found.append(
                error(f"/{name}", "control_character", "Có ký tự điều khiển.", "Control character.")
            )
        elif (unseen := first_unseen(value)) is not None:
            found.append(issue("invisible_character", f"/{name}", **unseen))
        elif not value.strip() or len(value) > 300:
            found.append(
                error(f"/{name}", "text_length", "Cần 1–300 ký tự.", "Needs 1–300 characters.")
            )
    for pointer, code in (
        ("/code", row.code),
        ("/parent_code", row.parent_code),
        *((f"/predecessor_codes/{n}", code) for n, code in enumerate(row.predecessor_codes)),
    ):
        if code is not None and not CODE.fullmatch(code):
            found.append(
                error(
                    pointer,
                    "code_malformed",
                    *CODE_FORM,
                )
            )
    for pointer, day in (("/valid_from", row.valid_from), ("/valid_to", row.valid_to)):
        if day is not None and not is_plausible_day(day):
            found.append(
                error(
                    pointer,
                    "date_out_of_range",
                    "Năm phải từ 1900 đến 2200.",
                    "The year must lie between 1900 and 2200.",
                )
            )
    if row.valid_to is not None and row.valid_to < row.valid_from:
        found.append(
            error(
                "/valid_to",
                "valid_to_before_valid_from",
                "Ngày kết thúc trước ngày bắt đầu.",
                "The last day is before the first.",
            )
        )
    if len(row.predecessor_codes) > MOST_PREDECESSORS:
        found.append(
            error(
                "/predecessor_codes",
                "too_many_predecessors",
                f"Nhiều nhất {MOST_PREDECESSORS} cơ quan tiền thân.",
                f"At most {MOST_PREDECESSORS} predecessors.",
            )
        )
    if row.parent_code == row.code:
        found.append(
            error(
                "/parent_code",
                "agency_cycle",
                "Cơ quan không thể là cấp trên của chính mình.",
                "An agency cannot be its own parent.",
            )
        )
    if row.commune_kind is not None and row.level != "commune":
        found.append(
            error(
                "/commune_kind",
                "commune_kind_without_commune",
                "Chỉ cơ quan cấp xã có loại xã, phường.",
                "Only bodies of commune level have a kind of commune.",
            )
        )
    if is_plausible_day(row.valid_from) and row.province_code not in provinces_on(row.valid_from):
        found.append(
            error(
                "/province_code",
                "province_unknown",
                f"Mã tỉnh không có trong danh mục có hiệu lực ngày {row.valid_from:%d/%m/%Y}.",
                f"The province code is not in the list in force on {row.valid_from.isoformat()}.",
            )
        )
    return found


DISTRICTS_ENDED: Final = dt.date(2025, 6, 30)
"""Last day of districts and townships: since 2025-07-01 there are provinces and communes only."""


def doubts_about(row: AgencyRow) -> list[Issue]:
    found: list[Issue] = []
    if not AGENCY_CODE_STYLE.fullmatch(row.code):
        found.append(
            Issue(
                "/code",
                "agency_code_unusual",
                "Mã không theo dạng của QĐ 20/2020/QĐ-TTg (như H56.09).",
                "The code does not have the form of Decision 20/2020/QĐ-TTg (such as H56.09).",
                "warning",
            )
        )
    if row.valid_to is None or row.valid_to > DISTRICTS_ENDED:
        pointer = "/valid_from" if row.valid_from > DISTRICTS_ENDED else "/valid_to"
        if row.level == "district":
            found.append(
                Issue(
                    pointer,
                    "district_after_reform",
                    "Từ 01/07/2025 không còn cấp huyện: cơ quan cấp huyện kết thúc chậm nhất ngày 30/06/2025.",
                    "There is no district level since 2025-07-01: a district's body ends by 2025-06-30.",
                    "warning",
                )
            )
        if row.commune_kind == "thi_tran":
            found.append(
                Issue(
                    pointer,
                    "township_after_reform",
                    "Từ 01/07/2025 không còn thị trấn: hãy ghi ngày kết thúc, hoặc loại xã là xã, phường, đặc khu.",
                    "There are no townships since 2025-07-01: give the last day, or xa, phuong or dac_khu.",
                    "warning",
                )
            )
    return found
