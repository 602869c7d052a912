"""Institutions and their authorisations as a list to take home: one authorisation on each row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from shared.imports.layout import Choice, Code, Column, Date, Option, SheetLayout, Text

_GRANTED_BY: Final = Choice(
    (
        Option("ministry", "Bộ cho phép", "Ministry"),
        Option("province", "Tỉnh giao nhiệm vụ", "Province"),
        Option("other", "Khác", "Other"),
    )
)
_ACTIVITY: Final = Choice(
    (
        Option("training", "Đào tạo, bồi dưỡng", "Training"),
        Option("testing", "Tổ chức thi", "Testing"),
        Option("certifying", "Cấp chứng chỉ", "Certifying"),
    )
)

INSTITUTION_LIST: Final = SheetLayout(
    "Cơ sở đào tạo, tổ chức thi",
    "Institutions",
    (
        Column("code", "Mã cơ sở", "Institution code", Code()),
        Column("name", "Tên cơ sở", "Name", Text()),
        Column("kind", "Loại", "Kind", Text()),
        Column("granted_by", "Căn cứ", "Granted by", _GRANTED_BY),
        Column("province_code", "Mã tỉnh", "Province code", Code()),
        Column("activity", "Hoạt động", "Activity", _ACTIVITY),
        Column("language", "Ngoại ngữ", "Language", Code()),
        Column("formats", "Định dạng thi", "Formats", Text()),
        Column("levels", "Bậc", "Levels", Text()),
        Column("decision_number", "Số quyết định", "Decision number", Text()),
        Column("valid_from", "Từ ngày", "From", Date()),
        Column("valid_to", "Đến ngày", "To", Date()),
        Column("note", "Ghi chú", "Note", Text()),
    ),
)


def listed_rows(institution: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """An institution in its JSON form as rows of the list; one without authorisations is a row too."""
    own = {name: institution[name] for name in ("code", "name", "kind")}
    for each in institution["authorisations"] or [{}]:
        yield {
            **each,
            **own,
            "formats": ", ".join(each.get("formats") or ()) or None,
            "levels": ", ".join(map(str, each.get("levels", ()))) or None,
        }
