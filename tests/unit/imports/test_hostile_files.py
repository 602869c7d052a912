"""A small file takes little time and memory, whatever it holds."""

from __future__ import annotations

import io
import time
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from shared.contracts.problem import Problem
from shared.imports.errors import SpreadsheetMalformed, SpreadsheetTooLarge
from shared.imports.limits import MIB
from shared.imports.reading import XLSX_MEDIA_TYPE

WORKBOOK = '<workbook xmlns:r="r"><sheets><sheet name="A" r:id="1"/></sheets></workbook>'
LINKS = (
    '<Relationships><Relationship Id="1" Type="x/worksheet" Target="worksheets/sheet1.xml"/>'
    "</Relationships>"
)
HEAD = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>Mã CBCCVC</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>Họ và tên</t></is></c></row>'
)
SHEET = "xl/worksheets/sheet1.xml"


def packed(**changed: str | bytes) -> bytes:
    """A workbook of one sheet with headings only; a part is named without its folders and ending."""
    parts: dict[str, str | bytes] = {
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": LINKS,
        SHEET: f"<worksheet><sheetData>{HEAD}</sheetData></worksheet>",
    }
    places = {"workbook": "xl/workbook.xml", "links": "xl/_rels/workbook.xml.rels", "sheet1": SHEET}
    for name, content in changed.items():
        parts[places.get(name, f"xl/{name}.xml")] = content
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in parts.items():
            archive.writestr(path, content)
    return target.getvalue()


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    began = time.process_time()
    yield
    assert time.process_time() - began < seconds


def attack(piece: str, megabytes: int = 4) -> str:
    return piece * (megabytes * MIB // len(piece))


@pytest.mark.parametrize(
    "piece",
    ["<mergeCell ", "<mergeCell ref", "<mergeCell ref ", "<aaaa:mergeCell ", "<a:", "<mergeCell\n"],
)
async def test_no_text_around_merged_cells_takes_more_than_linear_time(
    read: Any, roster: Any, piece: str
) -> None:
    sheet = f"<worksheet><sheetData>{HEAD}</sheetData><![CDATA[{attack(piece)}]]></worksheet>"
    body = packed(sheet1=sheet)
    assert len(body) < 100_000
    with bounded(4):
        assert await read(body, XLSX_MEDIA_TYPE, sheet=roster) == []


@pytest.mark.parametrize("part", ["workbook", "links", "styles", "sharedStrings", "sheet1"])
@pytest.mark.parametrize("tag", ["a", "si", "row", "c", "rPh", "font"])
async def test_elements_one_within_the_other_are_refused(
    read: Any, roster: Any, part: str, tag: str
) -> None:
    body = packed(**{part: f"<worksheet>{attack(f'<{tag}>', 4)}"})
    tracemalloc.start()
    try:
        with bounded(4), pytest.raises(SpreadsheetMalformed):
            await read(body, XLSX_MEDIA_TYPE, sheet=roster)
        assert tracemalloc.get_traced_memory()[1] < 8 * MIB
    finally:
        tracemalloc.stop()


async def test_one_element_of_many_megabytes_is_refused(read: Any, roster: Any) -> None:
    """The parser holds an element until its end, and looks at it anew with each piece."""
    body = packed(
        sheet1=f'<worksheet><sheetData a="{"x" * (15 * MIB)}">{HEAD}</sheetData></worksheet>'
    )
    with bounded(2), pytest.raises(SpreadsheetMalformed):
        await read(body, XLSX_MEDIA_TYPE, sheet=roster)


@pytest.mark.parametrize("opening", ["[", '"', "\\", "_", "*"])
async def test_formats_of_numbers_take_linear_time(read: Any, roster: Any, opening: str) -> None:
    mark = opening.replace('"', "&quot;")
    one = f'<numFmt numFmtId="1" formatCode="{mark * 1000}"/>'
    body = packed(styles=f"<styleSheet><numFmts>{attack(one)}</numFmts></styleSheet>")
    with bounded(4):
        assert await read(body, XLSX_MEDIA_TYPE, sheet=roster) == []


@pytest.mark.parametrize("element", ['<font><name val="x"/></font>', "<xf/>", "<numFmt/>"])
async def test_styles_without_end_are_bounded(read: Any, roster: Any, element: str) -> None:
    body = packed(
        styles="<styleSheet>"
        + "".join(
            f"<{group}>{attack(element, 1)}</{group}>" for group in ("numFmts", "fonts", "cellXfs")
        )
        + "</styleSheet>"
    )
    tracemalloc.start()
    try:
        with suppress(Problem):
            await read(body, XLSX_MEDIA_TYPE, sheet=roster)
        assert tracemalloc.get_traced_memory()[1] < 16 * MIB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("opening", ["(", "[(", "{", "( ", "Mã ("])
@pytest.mark.parametrize("form", ["xlsx", "csv"])
async def test_headings_of_brackets_take_linear_time(
    read: Any, roster: Any, opening: str, form: str
) -> None:
    heading = opening * (200_000 // len(opening))
    with bounded(4):
        if form == "csv":
            body = f"Mã CBCCVC,Họ và tên,{heading}\nCB1,Nguyễn Văn An,\n".encode()
            await read(body, "text/csv", sheet=roster)
        else:
            cell = f'<c r="C1" t="inlineStr"><is><t>{heading}</t></is></c></row>'
            sheet = f"<worksheet><sheetData>{HEAD.replace('</row>', cell)}</sheetData></worksheet>"
            await read(packed(sheet1=sheet), XLSX_MEDIA_TYPE, sheet=roster)


async def test_merged_ranges_that_overlap_take_linear_time(read: Any, roster: Any) -> None:
    """Twenty thousand of them over every heading and over every row of the data."""
    row = "".join(f'<c r="{column}{{0}}"><v>1</v></c>' for column in ("A", "B", "SF"))
    lines = "".join(f'<row r="{line}">{row.format(line)}</row>' for line in range(2, 3_000))
    merges = "".join(f'<mergeCell ref="A{n % 2 + 1}:ZZ{900_000 + n}"/>' for n in range(19_000))
    merges += "".join(f'<mergeCell ref="A{n}:B{900_000 + n}"/>' for n in range(3, 900))
    body = packed(
        sheet1=f"<worksheet><sheetData>{HEAD}{lines}</sheetData><mergeCells>{merges}</mergeCells></worksheet>"
    )
    with bounded(5):
        await read(body, XLSX_MEDIA_TYPE, sheet=roster)


async def test_a_directory_of_ten_thousand_parts_is_refused(read: Any, roster: Any) -> None:
    target = io.BytesIO(packed())
    with zipfile.ZipFile(target, "a") as archive:
        for number in range(10_000):
            archive.writestr(str(number), b"")
    with bounded(2), pytest.raises(SpreadsheetTooLarge):
        await read(target.getvalue(), XLSX_MEDIA_TYPE, sheet=roster)


async def test_sheets_are_bounded_in_all(read: Any, roster: Any) -> None:
    """Of each sheet without headings only the first MiB is unpacked."""
    empty = "<worksheet><sheetData>" + "<row/>" * (3 * MIB // 6) + "</sheetData></worksheet>"
    sheets = "".join(f'<sheet name="{n}" r:id="{n}"/>' for n in range(6))
    links = "".join(
        f'<Relationship Id="{n}" Type="x/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(6)
    )
    names = {f"worksheets/sheet{n}": empty for n in range(6)}
    body = packed(
        workbook=f'<workbook xmlns:r="r"><sheets>{sheets}</sheets></workbook>',
        links=f"<Relationships>{links}</Relationships>",
        **names,
    )
    with bounded(25), pytest.raises(Problem):
        await read(body, XLSX_MEDIA_TYPE, sheet=roster)


@pytest.mark.parametrize(
    "body",
    [
        b'"' + b"\n" * (MIB // 2),
        b'"x"y"\n' * (MIB // 4),
        (b'"\n' + b"\n" * 200_000) * 5,
        b"," * (MIB // 2),
        b"\n" * (MIB // 2),
    ],
    ids=["open quote", "odd quotes", "quotes far apart", "commas", "empty lines"],
)
async def test_no_csv_takes_more_than_linear_time(read: Any, roster: Any, body: bytes) -> None:
    head = "Mã CBCCVC,Họ và tên\n".encode()
    with bounded(12):
        await read(head + body, "text/csv", sheet=roster)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * (MIB // 2),
        b"[" + b'{"a":' * (MIB // 2),
        b'["' + b"\\" * (MIB // 2),
        b"[" + b" " * (MIB // 2),
        b"[" + b"{}" * (MIB // 2),
        b'[{"a":"' + b'"{' * (MIB // 2),
    ],
    ids=["brackets", "objects", "backslashes", "spaces", "no commas", "quotes"],
)
@pytest.mark.parametrize("media_type", ["application/json", "application/x-ndjson"])
async def test_no_json_takes_more_than_linear_time(
    read: Any, roster: Any, body: bytes, media_type: str
) -> None:
    with bounded(12):
        with suppress(Problem):
            await read(body, media_type, sheet=roster)
