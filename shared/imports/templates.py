"""The template to download: headings, one example, lists to choose from, and notes."""

from __future__ import annotations

import csv
import io
from typing import Any, Final

import xlsxwriter

from shared.contracts.problem import Language
from shared.imports.exports import TEXT_FORMAT, XLSX_ROW_LIMIT, heading_of, sheet_name
from shared.imports.layout import (
    LISTS_SHEET,
    NOTES_SHEET,
    Boolean,
    Choice,
    Code,
    Column,
    Date,
    Integer,
    Name,
    Number,
    SheetLayout,
    Text,
    YearOrDate,
)

_YES_NO: Final[dict[Language, list[str]]] = {"vi": ["có", "không"], "en": ["yes", "no"]}
_INTRODUCTION_VI: Final = (
    "Nhập mỗi dòng một bản ghi, từ dòng 2. Dòng ví dụ được bỏ qua khi nộp nếu để nguyên.",
    "Không đổi tên cột; có thể đổi thứ tự, bỏ cột không bắt buộc, thêm dòng tên bảng ở trên.",
    "Cột mã và số định danh đã định dạng Văn bản: đừng đổi định dạng, Excel sẽ làm mất số 0 ở đầu.",
    (
        "Ngày viết ngày/tháng/năm, ví dụ 05/03/1980. Chữ phải là Unicode; tệp dùng phông .VnTime hoặc VNI "
        "thì chọn bảng mã khi nộp."
    ),
)
_INTRODUCTION_EN: Final = (
    "One record in each row, from row 2. The example row is left out if it is kept as it is.",
    "Keep the names of the columns; their order may change, optional ones may be removed.",
    "Columns of codes are formatted as Text: keep that, or Excel drops leading zeros.",
    "Dates are day/month/year, as in 05/03/1980. Text is Unicode; name the encoding for .VnTime or VNI.",
)


def template(layout: SheetLayout, language: Language) -> bytes:
    """An XLSX workbook that ``rows`` reads back with the same layout. The notes sheet is in
    Vietnamese, and in English too when that is the language asked for."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    formats = {
        "head": book.add_format(
            {"bold": True, "text_wrap": True, "bg_color": "#DDE8F5", "border": 1, "valign": "top"}
        ),
        "must": book.add_format(
            {"bold": True, "text_wrap": True, "bg_color": "#F9DDB1", "border": 1, "valign": "top"}
        ),
        "text": book.add_format({"num_format": TEXT_FORMAT}),
        "example": book.add_format(
            {"num_format": TEXT_FORMAT, "italic": True, "font_color": "#777777"}
        ),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        "bold": book.add_format({"bold": True, "valign": "top"}),
    }
    data = book.add_worksheet(sheet_name(layout, language))
    notes = book.add_worksheet(NOTES_SHEET)
    lists = book.add_worksheet(LISTS_SHEET)
    data.freeze_panes(1, 0)
    for position, column in enumerate(layout.columns):
        _column(data, lists, position, column, language, formats)
    _notes(notes, layout, language, formats)
    lists.hide()
    data.activate()
    book.close()
    return target.getvalue()


def csv_template(layout: SheetLayout, language: Language) -> bytes:
    """Headings and the example, parted by semicolons: Vietnamese Excel takes a comma for a decimal."""
    buffer = io.StringIO()
    buffer.write("\ufeff")
    writer = csv.writer(buffer, delimiter=";")
    writer.writerow(heading_of(column, language) for column in layout.columns)
    writer.writerow(column.example for column in layout.columns)
    return buffer.getvalue().encode()


def _column(
    data: Any,
    lists: Any,
    position: int,
    column: Column,
    language: Language,
    formats: dict[str, Any],
) -> None:
    heading = heading_of(column, language)
    # Everything but numbers is entered as text: a date typed in is then read as it was typed.
    as_text = not isinstance(column.kind, Integer | Number)
    width = max(14, min(40, len(heading) + 4))
    data.set_column(position, position, width, formats["text"] if as_text else None)
    data.write_string(0, position, heading, formats["must" if column.required else "head"])
    if column.note_vi or column.note_en:
        data.write_comment(
            0, position, (column.note_vi if language == "vi" else column.note_en) or column.note_vi
        )
    if column.example:
        data.write_string(1, position, column.example, formats["example"])
    choices: list[str] = []
    if isinstance(column.kind, Choice):
        choices = [option.vi if language == "vi" else option.en for option in column.kind.options]
    elif isinstance(column.kind, Boolean):
        choices = _YES_NO[language]
    if not choices:
        return
    # A list kept in cells: written into the rule it could hold 255 characters only.
    for line, choice in enumerate(choices):
        lists.write_string(line, position, choice)
    letters = xlsxwriter.utility.xl_col_to_name(position)
    data.data_validation(
        1, position, XLSX_ROW_LIMIT, position,
        {
            "validate": "list",
            "source": f"='{LISTS_SHEET}'!${letters}$1:${letters}${len(choices)}",
            "error_title": "Không đúng danh mục" if language == "vi" else "Not in the list",
            "error_message": "Hãy chọn một giá trị trong danh sách."
            if language == "vi" else "Choose a value from the list.",
        },
    )  # fmt: skip


def _notes(notes: Any, layout: SheetLayout, language: Language, formats: dict[str, Any]) -> None:
    line = 0
    introductions = [_INTRODUCTION_VI] if language == "vi" else [_INTRODUCTION_VI, _INTRODUCTION_EN]
    for introduction in introductions:
        for sentence in introduction:
            notes.write_string(line, 0, sentence)
            line += 1
        line += 1
    heads = ["Cột", "Column", "Bắt buộc", "Cách ghi", "Giải thích"]
    if language == "en":
        heads.append("Explanation")
    for position, head in enumerate(heads):
        notes.write_string(line, position, head, formats["head"])
    for position, width in enumerate((28, 28, 10, 48, 60, 60)[: len(heads)]):
        notes.set_column(position, position, width)
    for column in layout.columns:
        line += 1
        notes.write_string(line, 0, column.vi, formats["bold"])
        notes.write_string(line, 1, column.en, formats["wrap"])
        notes.write_string(line, 2, "có" if column.required else "không", formats["wrap"])
        notes.write_string(line, 3, _how_to_write(column), formats["wrap"])
        notes.write_string(line, 4, column.note_vi, formats["wrap"])
        if language == "en":
            notes.write_string(line, 5, column.note_en, formats["wrap"])


def _how_to_write(column: Column) -> str:
    match column.kind:
        case Choice() as kind:
            return "Một trong: " + "; ".join(option.vi for option in kind.options)
        case Boolean():
            return "“x” hoặc “có” / “không”; để trống nếu không rõ"
        case Date():
            return "Ngày/tháng/năm, ví dụ 05/03/1980"
        case YearOrDate():
            return "Ngày/tháng/năm, hoặc chỉ năm nếu hồ sơ cũ không có ngày"
        case Code(length=length) if length is not None:
            return f"Đủ {length} chữ số, kể cả số 0 ở đầu"
        case Code():
            return "Mã, ghi đúng từng ký tự"
        case Integer():
            return "Số nguyên"
        case Number():
            return "Số, phần thập phân sau dấu phẩy hoặc dấu chấm"
        case Text(max_length=longest) | Name(max_length=longest):
            return f"Văn bản, không quá {longest} ký tự"
