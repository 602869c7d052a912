"""Results as a list to take home: one on each row."""

from __future__ import annotations

from typing import Final

from services.certification.registry.layout import REGISTER_LIST
from services.certification.sheets.layout import RESULT_SHEET
from shared.imports.layout import Code, Column, Number, SheetLayout

RESULT_LIST: Final = SheetLayout(
    "Kết quả thi",
    "Exam results",
    (
        *map(
            RESULT_SHEET.column,
            ("institution_code", "exam_session/code", "exam_session/held_on"),
        ),
        *map(RESULT_SHEET.column, ("exam_session/framework", "format", "language")),
        *map(RESULT_SHEET.column, ("candidate/number", "candidate/full_name")),
        *map(RESULT_SHEET.column, ("candidate/birth_date", "candidate/attendance")),
        REGISTER_LIST.column("holder/identity_number", as_field="candidate/identity_number"),
        *map(RESULT_SHEET.column, ("scores/listening", "scores/reading")),
        *map(RESULT_SHEET.column, ("scores/writing", "scores/speaking")),
        Column("overall", "Điểm chung", "Overall", Number()),
        REGISTER_LIST.column("level"),
        *map(RESULT_SHEET.column, ("certificate/serial", "certificate/register_number")),
        RESULT_SHEET.column("certificate/register_book"),
        RESULT_SHEET.column("issued_on", as_field="certificate/issued_on"),
        REGISTER_LIST.column("status", as_field="certificate/status"),
        Column("result_id", "Mã kết quả", "Result id", Code()),
    ),
)
"""What stands now of each result, whatever version brought it."""
