"""The catalogue of job positions as a list to take home."""

from __future__ import annotations

from typing import Final

from shared.imports.layout import Boolean, Code, Column, Date, Integer, SheetLayout, Text

JOB_POSITION_LIST: Final = SheetLayout(
    "Vị trí việc làm",
    "Job positions",
    (
        Column("code", "Mã vị trí việc làm", "Job position code", Code()),
        Column("title", "Tên vị trí", "Title", Text()),
        Column("agency_code", "Mã cơ quan", "Agency code", Code()),
        Column("requires_language", "Yêu cầu ngoại ngữ", "Language required", Boolean()),
        Column("required_language_level", "Bậc yêu cầu", "Level required", Integer()),
        Column("valid_from", "Từ ngày", "From", Date()),
        Column("valid_to", "Đến ngày", "To", Date()),
    ),
)
