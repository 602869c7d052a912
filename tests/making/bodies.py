"""Bodies of any number of rows, in each form."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator

from shared.imports.reading import XLSX_MEDIA_TYPE

HEAD = ["Mã CBCCVC", "Họ và tên", "Số CCCD", "Từ ngày"]


def json_array(count: int) -> Iterator[bytes]:
    yield b"["
    for number in range(count):
        comma = b"," if number else b""
        yield (
            comma
            + f'{{"official_code": "CB{number}", "full_name": "Nguyễn {number}", "x": ["a"]}}'.encode()
        )
    yield b"]"


def ndjson(count: int) -> Iterator[bytes]:
    for number in range(count):
        yield f'{{"official_code": "CB{number}", "full_name": "Nguyễn {number}", "x": ["a"]}}\n'.encode()


def csv_text(count: int) -> Iterator[bytes]:
    yield (",".join(HEAD) + "\n").encode()
    for number in range(count):
        yield f'CB{number},"Nguyễn {number}",{number:012},1/2/2020\n'.encode()


def xlsx(count: int) -> Iterator[bytes]:
    """Each text its own shared string: the worst case. Packed as it is written."""
    target = io.BytesIO()
    names = {
        "xl/workbook.xml": '<workbook xmlns:r="r"><sheets><sheet name="A" r:id="1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="1" Type="x/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>',
    }
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, text in names.items():
            parts.writestr(name, text)
        with parts.open("xl/sharedStrings.xml", "w") as part:
            part.write(b"<sst>")
            part.write("".join(f"<si><t>{text}</t></si>" for text in HEAD).encode())
            for number in range(count):
                part.write(
                    f"<si><t>CB{number}</t></si><si><t>Nguyễn {number}</t></si>"
                    f"<si><t>{number:012}</t></si><si><t>{number % 28 + 1}/2/2020</t></si>".encode()
                )
            part.write(b"</sst>")
        with parts.open("xl/worksheets/sheet1.xml", "w") as part:
            part.write(b"<worksheet><sheetData>")
            for line in range(count + 1):
                cells = "".join(
                    f'<c r="{letter}{line + 1}" t="s"><v>{line * 4 + column}</v></c>'
                    for column, letter in enumerate("ABCD")
                )
                part.write(f'<row r="{line + 1}">{cells}</row>'.encode())
            part.write(b"</sheetData></worksheet>")
    body = target.getvalue()
    for start in range(0, len(body), 65_536):
        yield body[start : start + 65_536]


FORMS: list[tuple[Callable[[int], Iterator[bytes]], str]] = [
    (json_array, "application/json"),
    (ndjson, "application/x-ndjson"),
    (csv_text, "text/csv"),
    (xlsx, XLSX_MEDIA_TYPE),
]


async def in_pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]
