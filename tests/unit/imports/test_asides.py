"""A form has rows that are no records. Each is told in one line, and no record is taken for one."""

from __future__ import annotations

from typing import Any

import pytest

from shared.imports.asides import is_aside
from shared.imports.reading import XLSX_MEDIA_TYPE
from shared.imports.rows import Notice, Row, RowProblem

HEAD = [
    "STT", "Mã CBCCVC", "Số CCCD", "Họ và tên", "Ngày sinh", "Mã cơ quan", "Đối tượng", "Từ ngày",
]  # fmt: skip
PERSON = [1, "CB1", "001080000001", "Nguyễn Văn An", "05/03/1985", "X.A", "Công chức", "01/09/2018"]
FORM: list[list[Any]] = [
    ["SỞ NỘI VỤ"],
    ["DANH SÁCH CÁN BỘ"],
    HEAD,
    [f"({n})" for n in range(1, 9)],
    ["I", "Phòng Tổ chức"],
    PERSON,
    ["II", None, None, "Phòng Cải cách hành chính"],
    [2, "CB2", *PERSON[2:]],
    ["Phòng không số thứ tự", None],
    [None, "Phòng chỉ có tên"],
    ["Tổng cộng", None, None, None, 2, None, 2],
    [None, None, None, None, None, None, "Thanh Hóa, ngày 01 tháng 02 năm 2026"],
    [None, "NGƯỜI LẬP BIỂU", None, None, None, "THỦ TRƯỞNG ĐƠN VỊ"],
    [None, "(Ký, ghi rõ họ tên)"],
]


async def test_an_official_form_gives_one_line_for_each_row_that_is_no_person(
    read: Any, roster: Any, workbook: Any
) -> None:
    items = await read(workbook(FORM), XLSX_MEDIA_TYPE, sheet=roster)
    assert [each.value["official_code"] for each in items if isinstance(each, Row)] == [
        "CB1",
        "CB2",
    ]
    problems = [each for each in items if isinstance(each, RowProblem)]
    assert [(each.place, [one.code for one in each.issues]) for each in problems] == [
        (5, ["row_no_record"]),
        (7, ["row_no_record"]),
        (10, ["row_nearly_empty"]),
        (11, ["row_no_record"]),
        (12, ["row_no_record"]),
        (13, ["row_no_record"]),
        (14, ["row_no_record"]),
    ]


@pytest.mark.parametrize(
    "mapped",
    [
        ["Tống Văn An", "Công chức", "X.A", "05/03/1985"],
        ["CB1", "Công chức", "Kế toán", "X.A"],
        ["CB1", "Giám đốc", "X.A", "01/09/2018"],
        ["Công Văn Hòa", "CB1", "X.A", "Nam"],
    ],
)
def test_a_person_of_whom_something_is_missing_is_not_left_out(mapped: list[str]) -> None:
    assert not is_aside(mapped, ["7"], 9)


async def test_a_person_without_a_code_is_told_what_is_missing(
    read: Any, roster: Any, workbook: Any
) -> None:
    table = [HEAD, [1, None, *PERSON[2:]]]
    (told,) = await read(workbook(table), XLSX_MEDIA_TYPE, sheet=roster)
    assert [(one.pointer, one.code) for one in told.issues] == [
        ("/official_code", "field_required")
    ]


async def test_hidden_rows_are_read_and_told(read: Any, roster: Any, workbook: Any) -> None:
    table = [HEAD, PERSON, [2, "CB2", *PERSON[2:]], [3, "CB3", *PERSON[2:]]]
    body = workbook(
        table, lambda _, sheet: [sheet.set_row(row, None, None, {"hidden": True}) for row in (2, 3)]
    )
    items = await read(body, XLSX_MEDIA_TYPE, sheet=roster)
    assert len([each for each in items if isinstance(each, Row)]) == 3
    (told,) = [each.issue for each in items if isinstance(each, Notice)]
    assert (told.code, told.severity) == ("hidden_rows_read", "warning")
    assert "2 rows" in told.message_en
    assert "line 3" in told.message_en


async def test_hidden_sheets_with_people_are_told(read: Any, roster: Any, workbook: Any) -> None:
    def change(book: Any, _: Any) -> None:
        for name, head in (("Ẩn", HEAD), ("Danh mục", ["a", "b"])):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, head)
            sheet.write_row(1, 0, PERSON)
            sheet.hide()

    items = await read(workbook([HEAD, PERSON], change), XLSX_MEDIA_TYPE, sheet=roster)
    told = [each.issue.code for each in items if isinstance(each, Notice)]
    assert told == ["hidden_sheet_left_out"]
