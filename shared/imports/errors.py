"""Refusals of a bulk body as a whole. What is wrong with one row is an ``Issue``, not a refusal."""

from __future__ import annotations

from collections.abc import Sequence

from shared.contracts.problem import BodyTooLarge, FieldError, Problem, UnsupportedMediaType

__all__ = [
    "BodyEncodingUnreadable",
    "BodyTooLarge",
    "ColumnMissing",
    "ColumnRepeated",
    "CsvMalformed",
    "FileTooDemanding",
    "FileUnreadable",
    "HeadingsNotFound",
    "JsonArrayMalformed",
    "LegacyTextHeld",
    "OldSpreadsheetFormat",
    "RehearsalTooLong",
    "SpreadsheetMalformed",
    "SpreadsheetOfAnotherFormat",
    "SpreadsheetTooLarge",
    "UnsupportedMediaType",
    "body_too_large",
    "columns_missing",
]


class JsonArrayMalformed(Problem):
    """The body is no JSON array, ends before the array does, or goes on after it."""

    code, status = "json_array_malformed", 422
    title_vi, title_en = "Mảng JSON không đúng", "Malformed JSON array"


class BodyEncodingUnreadable(Problem):
    """The text is neither UTF-8 nor in an encoding that was asked for."""

    code, status = "body_encoding_unreadable", 422
    title_vi, title_en = "Không đọc được bảng mã của tệp", "Unreadable text encoding"


class LegacyTextHeld(Problem):
    """The text looks like a font encoding from before Unicode, and the sender named none. Nothing was taken."""

    code, status = "legacy_text_held", 422
    title_vi, title_en = "Tệp có vẻ theo bảng mã cũ", "The file seems to be in a legacy encoding"


class CsvMalformed(Problem):
    """No row of the file can be told apart (for instance: binary content sent as CSV)."""

    code, status = "csv_malformed", 422
    title_vi, title_en = "Tệp CSV không đúng", "Malformed CSV"


class SpreadsheetMalformed(Problem):
    """The file is no XLSX workbook, was cut off, or its parts contradict each other."""

    code, status = "spreadsheet_malformed", 422
    title_vi, title_en = "Tệp Excel hỏng hoặc không đúng", "Malformed workbook"


class OldSpreadsheetFormat(Problem):
    """Excel 97-2003 (.xls), or a workbook locked with a password: both have the same container."""

    code, status = "spreadsheet_old_or_locked", 422
    title_vi, title_en = "Tệp Excel cũ hoặc có mật khẩu", "Old or password-protected workbook"


class SpreadsheetOfAnotherFormat(Problem):
    """OpenDocument, binary Excel, a web page or a document under the name of a workbook or of CSV."""

    code, status = "spreadsheet_other_format", 422
    title_vi, title_en = "Tệp thuộc định dạng khác", "A file of another format"


class SpreadsheetTooLarge(Problem):
    """Unpacked, the workbook is larger than any honest list (a zip bomb)."""

    code, status = "spreadsheet_too_large", 413
    title_vi, title_en = "Tệp Excel quá lớn khi giải nén", "Workbook too large once unpacked"


class FileTooDemanding(Problem):
    """Its reader took all the memory or processor time that one file may take, and was ended."""

    code, status = "file_too_demanding", 422
    title_vi, title_en = "Tệp tốn quá nhiều để đọc", "File takes too much to read"


class FileUnreadable(Problem):
    """Its reader failed at it: a file that no honest program writes, or a defect of ours."""

    code, status = "file_unreadable", 422
    title_vi, title_en = "Không đọc được tệp", "File cannot be read"


class RehearsalTooLong(Problem):
    """Nothing was written, as of every rehearsal; it holds what it touches until it ends."""

    code, status = "rehearsal_too_long", 422
    title_vi = "Tệp quá dài để chạy thử; hãy thử từng phần"
    title_en = "The file is too long for a rehearsal; try parts of it"


class HeadingsNotFound(Problem):
    """None of the first rows looks like the headings of this list."""

    code, status = "headings_not_found", 422
    title_vi, title_en = "Không tìm thấy dòng tiêu đề cột", "Column headings not found"


class ColumnMissing(Problem):
    code, status = "column_missing", 422
    title_vi, title_en = "Thiếu cột bắt buộc", "A required column is missing"


class ColumnRepeated(Problem):
    """Two columns carry headings of the same field, so that it is unclear which one counts."""

    code, status = "column_repeated", 422
    title_vi, title_en = "Cột bị lặp", "A column is given twice"


def body_too_large(limit: int) -> BodyTooLarge:
    mib = max(1, limit // (1024 * 1024))
    return BodyTooLarge(
        f"Nội dung gửi lên vượt quá {mib} MiB; hãy chia tệp thành nhiều phần.",
        f"The body is larger than {mib} MiB; send it in parts.",
    )


def columns_missing(missing: Sequence[tuple[str, str, str]]) -> ColumnMissing:
    """``missing``: field, Vietnamese heading, English heading of each."""
    return ColumnMissing(
        "Tệp thiếu cột: " + ", ".join(vi for _, vi, _ in missing) + ".",
        "The file lacks the columns: " + ", ".join(en for _, _, en in missing) + ".",
        errors=[
            FieldError(
                f"/{field}", "column_missing", f"Thiếu cột “{vi}”.", f"Missing column “{en}”."
            )
            for field, vi, en in missing
        ],
    )


def packed_body() -> UnsupportedMediaType:
    """The body is packed: a header says so, or its first bytes."""
    return UnsupportedMediaType(
        "Nội dung nén (Content-Encoding, gzip) không được nhận; hãy gửi nguyên dạng",
        "A packed body (Content-Encoding, gzip) is not taken; send it as it is",
        headers={"Accept-Encoding": "identity"},
    )
