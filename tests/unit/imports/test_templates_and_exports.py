"""Templates and exports are read back by the layout that made them."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import zipfile
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from shared.imports.exports import csv_export, xlsx_export
from shared.imports.layout import Column, Number, SheetLayout
from shared.imports.reading import XLSX_MEDIA_TYPE
from shared.imports.templates import template

OFFICIALS: list[dict[str, Any]] = [
    {
        "official_code": "007",
        "citizen_id": "001080000001",
        "full_name": "=HYPERLINK(\"x\")",
        "birth_date": "1980-03-05",
        "children": 2,
        "score": Decimal("7.5"),
        "assignments": [
            {"agency_code": "-38.01", "status": "civil_servant", "primary": True, "valid_from": "2020-01-01"}
        ],
    },
    {"official_code": "+8", "full_name": "Trần, \"B\"\nC", "birth_date": "1975"},
]  # fmt: skip
READ_BACK = [OFFICIALS[0], {**OFFICIALS[1], "full_name": 'Trần, "B" C'}]


async def listed(rows: list[dict[str, Any]]) -> AsyncIterator[dict[str, Any]]:
    for row in rows:
        yield row


async def whole(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_an_exported_workbook_is_a_valid_import(
    read: Any, roster: Any, language: Any
) -> None:
    body = await whole(xlsx_export(roster, listed(OFFICIALS), language))
    rows = await read(body, XLSX_MEDIA_TYPE, sheet=roster)
    assert [row.value for row in rows] == READ_BACK
    assert all(not row.warnings for row in rows)


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_an_exported_csv_is_a_valid_import(read: Any, roster: Any, language: Any) -> None:
    body = await whole(csv_export(roster, listed(OFFICIALS), language))
    assert body.startswith(b"\xef\xbb\xbf")
    rows = await read(body, "text/csv", sheet=roster)
    assert [row.value for row in rows] == READ_BACK


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    ("score", "shown"),
    [
        ("7.5", "7,5"), ("0.125", "0,1250"), ("12.125", "12,1250"), ("6.0", "6,0"), ("8", "8"),
        ("-1.5", "-1,5"), ("1234.56", "1234,56"),
    ],
)  # fmt: skip
async def test_decimals_of_a_csv_are_as_vietnamese_excel_reads_them(
    read: Any, roster: Any, language: Any, score: str, shown: str
) -> None:
    row = {"official_code": "A", "full_name": "B", "score": Decimal(score)}
    body = await whole(csv_export(roster, listed([row] * 3), language))
    lines = list(csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter=";"))
    assert lines[1][-1] == shown
    assert [one.value for one in await read(body, "text/csv", sheet=roster)] == [row] * 3


async def test_many_decimal_commas_do_not_hide_the_semicolons(read: Any) -> None:
    skills = SheetLayout(
        "Điểm",
        "Scores",
        tuple(Column(f"s{n}", f"Điểm {n}a", f"Score {n}a", Number()) for n in range(4)),
    )
    row = {f"s{n}": Decimal("6.5") for n in range(4)}
    body = await whole(csv_export(skills, listed([row] * 5), "vi"))
    assert [one.value for one in await read(body, "text/csv", sheet=skills)] == [row] * 5


async def test_a_workbook_is_ready_to_be_read_and_printed(roster: Any) -> None:
    name = "Nguyễn Thị Hoàng Ví Dụ Có Tên Dài Hơn Tiêu Đề"
    rows = [{"official_code": "A", "full_name": name, "birth_date": "1980"}] * 700
    rows[0] = rows[0] | {"citizen_id": "001080000001", "children": "x" * 500}
    body = await whole(xlsx_export(roster, listed(rows), "vi"))
    for short in (rows[:3], []):
        await whole(xlsx_export(roster, listed(short), "vi"))
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        book = parts.read("xl/workbook.xml").decode()
    found = re.findall(r'<col min="(\d+)" max="(\d+)" width="([\d.]+)"', sheet)
    widths = {
        column: float(width)
        for first, last, width in found
        for column in range(int(first), int(last) + 1)
    }
    assert len(name) < widths[3] < 60
    assert 12 < widths[2] < 20
    assert 60 <= widths[10] < 62
    assert min(widths.values()) >= 8
    assert 'orientation="landscape"' in sheet
    assert 'fitToHeight="0"' in sheet
    assert 'state="frozen"' in sheet
    assert "_xlnm.Print_Titles" in book


async def test_no_exported_cell_is_a_formula(roster: Any) -> None:
    body = await whole(csv_export(roster, listed(OFFICIALS), "vi"))
    for cells in csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter=";"):
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    book = await whole(xlsx_export(roster, listed(OFFICIALS), "vi"))
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1",
        "-1",
        "@x",
        "\uff1d1+1",
        "\uff0b1",
        "\uff0d1",
        "\uff20x",
        " =1",
        "\u3000\uff1d1",
    ],
)
async def test_a_sign_that_begins_a_formula_is_guarded_also_full_width_and_behind_spaces(
    roster: Any, cell: str
) -> None:
    body = await whole(
        csv_export(roster, listed([{"official_code": "CB1", "full_name": cell}]), "vi")
    )
    _, row = csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter=";")
    assert f"'{cell}" in row


async def test_long_exports_come_in_pieces(read: Any, roster: Any) -> None:
    many = [
        {"official_code": f"CB{n:05}", "full_name": "Nguyễn Văn " + "x" * 60} for n in range(2500)
    ]
    pieces = [piece async for piece in csv_export(roster, listed(many), "vi")]
    assert len(pieces) > 2
    assert len(await read(b"".join(pieces), "text/csv", sheet=roster)) == 2500


async def test_others_are_answered_while_a_workbook_is_made(roster: Any) -> None:
    """The rows are all there at once: whatever ticks, ticks while cells are written."""

    async def rows() -> AsyncIterator[dict[str, Any]]:
        for number in range(3_000):
            yield {"official_code": f"O-{number}", "full_name": "Nguyễn Thị Ví Dụ"}

    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.001)
            ticks += 1

    ticking = asyncio.create_task(tick())
    size = 0
    async for piece in xlsx_export(roster, rows(), "vi"):
        size += len(piece)
    ticking.cancel()
    assert size > 10_000
    assert ticks >= 6, "one for each portion of rows at least"


async def test_a_reader_who_goes_ends_the_making_of_a_workbook(roster: Any) -> None:
    async def rows() -> AsyncIterator[dict[str, Any]]:
        while True:
            yield {"official_code": "O-1", "full_name": "Nguyễn Thị Ví Dụ"}

    async def read() -> None:
        async for _ in xlsx_export(roster, rows(), "vi"):
            pass

    reading = asyncio.create_task(read())
    await asyncio.sleep(0.2)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading


async def test_an_empty_export_has_its_headings(roster: Any) -> None:
    body = await whole(xlsx_export(roster, listed([]), "vi"))
    (row,) = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()
    assert row == [column.vi for column in roster.columns]


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_the_template_is_understood_and_its_example_left_out(
    read: Any, roster: Any, language: Any
) -> None:
    (skipped,) = await read(template(roster, language), XLSX_MEDIA_TYPE, sheet=roster)
    assert [(one.code, one.severity) for one in skipped.issues] == [
        ("example_row_skipped", "warning")
    ]


def test_the_template_keeps_zeros_and_offers_lists(roster: Any) -> None:
    body = template(roster, "vi")
    book = CalamineWorkbook.from_filelike(io.BytesIO(body))
    assert book.sheet_names == ["Danh sách CBCCVC", "Hướng dẫn", "Danh mục"]
    data = book.get_sheet_by_name("Danh sách CBCCVC").to_python()
    assert data[0] == [column.vi for column in roster.columns]
    assert data[1][:3] == ["VD001", "001080000001", "Nguyễn Văn A"]
    notes = str(book.get_sheet_by_name("Hướng dẫn").to_python())
    assert "Đủ 12 chữ số, kể cả số 0 ở đầu" in notes
    assert "Một trong: Cán bộ; Công chức; Viên chức" in notes
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        styles = parts.read("xl/styles.xml").decode()
    assert 'type="list"' in sheet
    assert "'Danh mục'!$F$1:$F$3" in sheet.replace("&apos;", "'")
    # Number format 49 is “@”: the whole column of citizen numbers is text.
    text_styles = [
        index
        for index, style in enumerate(re.findall(r"<xf [^>]*>", styles.split("<cellXfs")[1]))
        if 'numFmtId="49"' in style
    ]
    columns = re.findall(r'<col min="(\d+)" max="(\d+)"[^>]*style="(\d+)"', sheet)
    (style,) = [int(style) for first, last, style in columns if int(first) <= 2 <= int(last)]
    assert style in text_styles
