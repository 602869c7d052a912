"""What a file is by its content: endings and declared types are wrong too often to be believed."""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection
from typing import BinaryIO, Final, Literal

from shared.imports.errors import OldSpreadsheetFormat, SpreadsheetOfAnotherFormat

_LOOKED_AT: Final = 4096
_OLE_CONTAINER: Final = b"\xd0\xcf\x11\xe0"
# The first record of Excel 2.1, 3, 4 and 5 without a container.
_OLD_EXCEL: Final = re.compile(rb"\x09[\x00\x02\x04\x08][\x04-\x10]\x00")
_MARKUP: Final = re.compile(
    rb"\s*<(?:!doctype|html|head|body|table|meta|div|\?xml|!--)", re.IGNORECASE
)
_DELIMITER: Final = re.compile("[,;\t]")


def form_by_content(file: BinaryIO, declared: Literal["csv", "xlsx"]) -> Literal["csv", "xlsx"]:
    """CSV text or workbook. Raises the refusal of a format that is neither, naming it."""
    file.seek(0)
    head = file.read(_LOOKED_AT)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", _OLE_CONTAINER)):
        return "xlsx"
    if _OLD_EXCEL.match(head):
        raise OldSpreadsheetFormat(
            "Tệp Excel đời cũ (.xls): mở bằng Excel, chọn Lưu thành › Excel Workbook (.xlsx) rồi gửi lại.",
            "An Excel file of the 1990s (.xls): open it, Save As › Excel Workbook (.xlsx), send it again.",
        )
    if head.startswith(b"%PDF"):
        raise another_format("PDF")
    if head.startswith(b"{\\rtf"):
        raise another_format("RTF")
    if _MARKUP.match(head.removeprefix(codecs.BOM_UTF8)):
        spreadsheet = b"urn:schemas-microsoft-com:office:spreadsheet" in head
        raise another_format("Excel XML 2003" if spreadsheet else "HTML")
    if declared == "csv" or not _is_text(head):
        return declared
    return "csv"


def refuse_other_packages(names: Collection[str], mimetype: bytes) -> None:
    """``names``: the parts of a zip in small letters. Raises the refusal of one that is no workbook."""
    if mimetype.startswith(b"application/vnd.oasis.opendocument"):
        raise another_format("OpenDocument (.ods)")
    if "xl/workbook.bin" in names:
        raise another_format("Excel Binary (.xlsb)")
    if "word/document.xml" in names:
        raise another_format("Word (.docx)")
    if any(name.endswith(".iwa") for name in names):
        raise another_format("Apple Numbers")


def another_format(name: str) -> SpreadsheetOfAnotherFormat:
    return SpreadsheetOfAnotherFormat(
        f"Tệp này thực ra là {name}: hãy mở tệp, chọn Lưu thành › Excel Workbook (.xlsx) rồi gửi tệp mới.",
        f"The file is in fact {name}: open it, choose Save As › Excel Workbook (.xlsx) and send that file.",
    )


def _is_text(head: bytes) -> bool:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    if b"\x00" in head:
        return False
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(head)
    except UnicodeDecodeError:
        return False
    return _DELIMITER.search(re.split("[\r\n]", text, maxsplit=1)[0]) is not None
