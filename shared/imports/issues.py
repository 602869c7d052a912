"""What is wrong, or doubtful, about one row or one file: code, pointer and a text in both languages.

Texts never quote a cell: reports are stored with idempotency keys and must hold no personal data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

LISTED_AT_MOST: Final = 12
"""Words of a closed list that one message names."""

Severity = Literal["error", "warning"]


class Issue(msgspec.Struct, frozen=True):
    """``pointer`` is a JSON pointer into the row as the JSON form of the body would have it."""

    pointer: str
    code: str
    message_vi: str
    message_en: str
    severity: Severity = "error"


# code: (severity, Vietnamese, English). `{…}` are filled by `issue`.
TEXTS: Final[dict[str, tuple[Severity, str, str]]] = {
    # --- the row as a whole
    "row_malformed": (
        "error",
        "Dòng này không phải JSON đúng.",
        "This row is not well-formed JSON.",
    ),
    "key_repeated": (
        "error",
        "Khóa này xuất hiện hai lần trong cùng một đối tượng JSON.",
        "This key stands twice in one JSON object.",
    ),
    "row_too_large": (
        "error",
        "Dòng này dài quá {limit} byte.",
        "This row is longer than {limit} bytes.",
    ),
    "row_not_utf8": (
        "error",
        "Dòng này không phải văn bản UTF-8; hãy lưu tệp dạng “CSV UTF-8” hoặc nêu bảng mã cũ.",
        "This row is not UTF-8 text; save the file as “CSV UTF-8” or name its legacy encoding.",
    ),
    "row_quoting": (
        "error",
        "Dấu ngoặc kép của dòng này không khớp.",
        "The quotation marks of this row do not match.",
    ),
    "row_too_many_cells": (
        "error",
        "Dòng này có dữ liệu ngoài các cột có tiêu đề.",
        "This row has data beyond the headed columns.",
    ),
    "example_row_skipped": (
        "warning",
        "Dòng ví dụ của biểu mẫu được bỏ qua.",
        "The example row of the template was skipped.",
    ),
    "row_no_record": (
        "warning",
        "Dòng nhóm, tổng cộng hoặc ký tên: không phải một dòng dữ liệu, được bỏ qua.",
        "The heading of a group, a sum or a signature: no row of data, it was left out.",
    ),
    "row_nearly_empty": (
        "error",
        (
            "Dòng này gần như trống: nếu là dòng nhóm hay ghi chú thì không cần sửa, nếu không hãy điền đủ các "
            "cột bắt buộc."
        ),
        "This row is nearly empty: a heading or a remark needs no mending, else fill in the required columns.",
    ),
    # --- shape
    "field_required": ("error", "Thiếu giá trị bắt buộc.", "A required value is missing."),
    "unknown_field": ("error", "Trường này không có trong biểu mẫu.", "This field is not known."),
    "wrong_type": (
        "error",
        "Sai kiểu dữ liệu: cần {expected_vi}.",
        "Wrong type of data: expected {expected_en}.",
    ),
    "invalid_value": (
        "error",
        "Giá trị không hợp lệ: {reason_vi}.",
        "Invalid value: {reason_en}.",
    ),
    "wrong_form": (
        "error",
        "Giá trị không viết đúng dạng quy định.",
        "The value is not written in the required form.",
    ),
    "not_in_list": (
        "error",
        "Giá trị không thuộc danh mục cho phép.",
        "The value is not one of the allowed ones.",
    ),
    # --- text
    "control_character": (
        "error",
        "Có ký tự điều khiển (NUL hoặc tương tự).",
        "Contains a control character (NUL or the like).",
    ),
    "invalid_character": (
        "error",
        "Có ký tự không phải Unicode hợp lệ.",
        "Contains a character that is not valid Unicode.",
    ),
    "characters_lost": (
        "error",
        "Có dấu hỏi hoặc ký tự thay thế trong chữ: chữ có dấu đã mất khi lưu tệp; hãy gõ lại từ bản gốc.",
        "A question or replacement mark stands in the word: accented letters were lost; type it again.",
    ),
    "invisible_character": (
        "error",
        "Ký tự thứ {position} ({sign}) không nhìn thấy được; hãy xóa và gõ lại.",
        "Character {position} ({sign}) is invisible; clear it and type the text again.",
    ),
    "invisible_removed": (
        "warning",
        "Đã bỏ ký tự không nhìn thấy được (như U+202A, thường theo khi chép từ nơi khác).",
        "Invisible characters (such as U+202A, pasted along) were taken out.",
    ),
    "foreign_letter": (
        "error",
        "Ký tự thứ {position} “{letter}” là chữ {script_vi}, chỉ giống chữ La-tinh; hãy gõ lại.",
        "Character {position} “{letter}” is {script_en} and only looks Latin; type it again.",
    ),
    "utf8_misread": (
        "error",
        (
            "Chữ UTF-8 đã bị mở theo bảng mã Windows (như “á»…”): hãy mở lại tệp gốc bằng Dữ liệu › Từ Văn bản/CSV,"
            " chọn 65001 UTF-8, rồi lưu lại."
        ),
        (
            "UTF-8 text was opened in a Windows code page (like “á»…”): import the original file again as"
            " 65001 UTF-8 and save it."
        ),
    ),
    "entities_decoded": (
        "warning",
        "Mã ký tự của trang web (như &#7877;) được đổi thành chữ; hãy kiểm tra.",
        "Character codes of a web page (like &#7877;) were turned into letters; please check.",
    ),
    "not_a_name": (
        "error",
        "Đây không phải họ tên: họ tên gồm chữ cái, không phải số, dấu hay ký hiệu.",
        "This is no name: a name consists of letters, not of digits, dashes or signs.",
    ),
    "name_has_digit": (
        "warning",
        "Họ tên có chữ số; hãy kiểm tra.",
        "The name holds a digit; please check.",
    ),
    "legacy_encoding_suspected": (
        "error",
        (
            "Chữ có vẻ theo bảng mã cũ {encoding}: hãy gửi lại kèm encoding=tcvn3 hoặc encoding=vni; nếu đúng là"
            " Unicode thì kèm encoding=unicode."
        ),
        (
            "The text looks like legacy {encoding}: send it again with encoding=tcvn3 or encoding=vni; if it is"
            " Unicode, with encoding=unicode."
        ),
    ),
    "legacy_character_unknown": (
        "error",
        "Có ký tự không thuộc bảng mã {encoding} đã nêu; hãy kiểm tra bảng mã của ô này.",
        "Contains a character outside the named encoding {encoding}; check the encoding of this cell.",
    ),
    "font_contradicts_text": (
        "error",
        "Phông của ô là Unicode nhưng chữ có vẻ theo {encoding}: hãy đặt đúng phông hoặc gõ lại ô này.",
        "The font of the cell is Unicode but its text looks like {encoding}: set the font or type it again.",
    ),
    "text_too_long": (
        "error",
        "Dài quá {limit} ký tự.",
        "Longer than {limit} characters.",
    ),
    "cell_error": (
        "error",
        "Ô này chứa lỗi của Excel (như #N/A, #REF!).",
        "This cell holds an Excel error (such as #N/A, #REF!).",
    ),
    "formula_not_calculated": (
        "error",
        "Ô này là công thức chưa được tính: hãy mở tệp bằng Excel, lưu lại rồi gửi.",
        "This cell is a formula that was never calculated: open the file in Excel, save it, send it again.",
    ),
    "text_became_date": (
        "error",
        "Excel đã đổi ô này thành ngày; hãy định dạng cột là Văn bản và nhập lại.",
        "Excel has turned this cell into a date; format the column as Text and enter it again.",
    ),
    # --- codes
    "leading_zeros_restored": (
        "warning",
        "Đã thêm lại số 0 ở đầu cho đủ {length} chữ số; hãy kiểm tra.",
        "Leading zeros were restored to make {length} digits; please check.",
    ),
    "precision_lost": (
        "error",
        "Excel đã làm mất chữ số (dạng 1.23E+11); hãy định dạng cột là Văn bản và nhập lại.",
        "Excel has lost digits (like 1.23E+11); format the column as Text and enter it again.",
    ),
    "code_not_digits": ("error", "Chỉ được gồm chữ số.", "Must consist of digits only."),
    "code_wrong_length": (
        "error",
        "Phải có {length} chữ số.",
        "Must have {length} digits.",
    ),
    "letter_for_digit": (
        "error",
        "Có chữ O, I hoặc l ở chỗ của số 0 hoặc số 1; hãy gõ lại bằng chữ số.",
        "A letter O, I or l stands where 0 or 1 belongs; type digits.",
    ),
    "code_became_decimal": (
        "error",
        "Mã bị ghi thành số thập phân (như 123.0); hãy định dạng cột là Văn bản và nhập lại.",
        "The code was written as a decimal (like 123.0); format the column as Text and enter it again.",
    ),
    "code_like_date": (
        "warning",
        "Mã giống ngày mà Excel tự đổi (như 2026-10 thành Oct-26); hãy kiểm tra.",
        "The code looks like a date made by a spreadsheet (like Oct-26 of 2026-10); please check.",
    ),
    "number_in_code": (
        "warning",
        "Mã được lưu dạng số: các số 0 ở đầu có thể đã mất.",
        "The code is stored as a number: leading zeros may have been lost.",
    ),
    # --- dates
    "date_invalid": (
        "error",
        "Không phải ngày hợp lệ; hãy viết ngày/tháng/năm, ví dụ 05/03/1980.",
        "Not a valid date; write day/month/year, for example 05/03/1980.",
    ),
    "date_month_first": (
        "error",
        "Tháng lớn hơn 12: có lẽ ngày và tháng bị đảo; hãy viết ngày/tháng/năm.",
        "The month is above 12: day and month seem to be swapped; write day/month/year.",
    ),
    "date_year_short": (
        "error",
        "Năm chỉ có hai chữ số; hãy viết đủ bốn chữ số.",
        "The year has two digits only; write all four.",
    ),
    "date_out_of_range": (
        "error",
        "Năm phải từ 1900 đến 2200.",
        "The year must lie between 1900 and 2200.",
    ),
    "date_from_serial": (
        "warning",
        "Ngày được đọc từ số sê-ri của Excel; hãy kiểm tra.",
        "The date was read from an Excel serial number; please check.",
    ),
    "date_has_time": (
        "error",
        "Ô ngày mang cả giờ: không chắc là ngày nào (có phần mềm ghi giờ quốc tế); hãy ghi chỉ ngày.",
        "The date carries a time of day, so the day is not certain (some programs write UTC); write the day only.",
    ),
    "date_is_year": (
        "error",
        "Ô định dạng ngày chỉ chứa một năm (2018 thành 10/07/1905); hãy ghi đủ ngày/tháng/năm.",
        "A date cell holds a mere year (2018 would be 1905-07-10); write day/month/year.",
    ),
    "date_column_swapped": (
        "error",
        (
            "Cột này có lẽ bị Excel kiểu Mỹ đảo ngày với tháng: ô ngày đều từ ngày 1 đến 12, ô chữ đều sau ngày 12."
            " Hãy lấy lại tệp gốc, định dạng cột là Văn bản."
        ),
        (
            "Day and month of this column seem swapped by a US Excel: date cells all have days 1 to 12, texts all"
            " later ones. Take the original file and format the column as Text."
        ),
    ),
    "date_reduced_to_year": (
        "warning",
        "Chỉ có tháng và năm: chỉ lưu năm.",
        "Month and year only: the year alone was kept.",
    ),
    # --- numbers
    "not_integer": ("error", "Phải là số nguyên.", "Must be a whole number."),
    "not_number": ("error", "Phải là số.", "Must be a number."),
    "number_ambiguous": (
        "error",
        "Không rõ dấu chấm, phẩy là phần nghìn hay thập phân.",
        "It is unclear whether dot and comma mark thousands or decimals.",
    ),
    "not_boolean": (
        "error",
        "Hãy ghi “x” hoặc “có” / “không”.",
        "Write “x” or “yes” / “no”.",
    ),
    # --- the file
    "column_unknown": (
        "warning",
        "Cột “{heading}” không thuộc biểu mẫu này và được bỏ qua.",
        "Column “{heading}” is not part of this list and was left out.",
    ),
    "column_unknown_near": (
        "warning",
        "Cột “{heading}” không thuộc biểu mẫu và bị bỏ qua; gần giống cột “{near_vi}”: nếu đúng thì sửa tiêu đề.",
        "Column “{heading}” is not part of this list and was left out; near to “{near_en}”: rename it if meant.",
    ),
    "column_unheaded": (
        "warning",
        "Cột {column} có dữ liệu nhưng không có tiêu đề nên không được đọc.",
        "Column {column} holds data but has no heading, so it was not read.",
    ),
    "cell_unheaded": (
        "error",
        "Ô cột {column} có dữ liệu dưới hoặc cạnh tiêu đề “{heading}” mà không có tiêu đề riêng: hãy đặt tên cột.",
        "The cell of column {column} stands under or beside “{heading}” without a heading: name the column.",
    ),
    "sheet_left_out": (
        "warning",
        "Trang tính có bảng dữ liệu nhưng không có tiêu đề cột của biểu mẫu nên không được đọc.",
        "The sheet holds a table but has not the headings of this list, so it was not read.",
    ),
    "hidden_rows_read": (
        "warning",
        "Tệp có {count} dòng đang ẩn (đầu tiên: dòng {place}); chúng cũng được đọc.",
        "{count} rows of the file are hidden (the first: line {place}); they were read too.",
    ),
    "hidden_sheet_left_out": (
        "warning",
        "Tệp có {count} trang tính đang ẩn có cùng tiêu đề; trang ẩn không được đọc.",
        "{count} hidden sheets of the file have the same headings; hidden sheets are not read.",
    ),
    "merged_cells_filled": (
        "warning",
        "Có ô gộp trong vùng dữ liệu: giá trị được chép xuống từng dòng.",
        "There are merged cells in the data: their value was copied to each row.",
    ),
}


def not_in_list(pointer: str, words_vi: Sequence[str], words_en: Sequence[str]) -> Issue:
    """With the words that a clerk may write; of a long list its beginning."""
    plain = issue("not_in_list", pointer)
    return Issue(
        pointer,
        plain.code,
        f"{plain.message_vi} Được ghi: {_listed(words_vi)}.",
        f"{plain.message_en} Allowed: {_listed(words_en)}.",
    )


def _listed(words: Sequence[str]) -> str:
    more = " …" if len(words) > LISTED_AT_MOST else ""
    return ", ".join(f"“{word}”" for word in words[:LISTED_AT_MOST]) + more


def issue(code: str, pointer: str = "", **values: str | int) -> Issue:
    severity, vi, en = TEXTS[code]
    if not values:
        return Issue(pointer, code, vi, en, severity)
    return Issue(pointer, code, vi.format(**values), en.format(**values), severity)
