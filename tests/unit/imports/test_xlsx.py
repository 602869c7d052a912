"""Workbooks: real ones, strange ones, broken ones and hostile ones."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import re
import struct
import zipfile
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Any

import pytest

from shared.imports.errors import (
    ColumnRepeated,
    HeadingsNotFound,
    OldSpreadsheetFormat,
    SpreadsheetMalformed,
    SpreadsheetTooLarge,
)
from shared.imports.limits import MIB, Limits
from shared.imports.reading import XLSX_MEDIA_TYPE, rows
from shared.imports.shared_strings import SharedStrings
from shared.imports.xlsx import Workbook
from tests.making.bodies import xlsx

HEAD = ["STT", "Mã CBCCVC", "Họ và tên", "Số CCCD", "Ngày sinh", "Từ ngày", "Điểm", "Chính"]


def repack(body: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    """The same workbook with parts changed, or left out (``None``)."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(body)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            part = change(name, old.read(name))
            if part is not None:
                new.writestr(name, part)
    return target.getvalue()


@pytest.mark.parametrize("options", [{}, {"constant_memory": True}])
async def test_a_plain_list_is_read(read: Any, roster: Any, workbook: Any, options: Any) -> None:
    table = [
        HEAD,
        [1, "CB1", "Nguyễn  thị A", "001080000001", "05/03/1980", "1/1/2020", 7.1, True],
        [2, "CB2", "Trần B", 38080000001, 1975, None, None, "x"],
    ]
    one, two = await read(workbook(table, **options), XLSX_MEDIA_TYPE, sheet=roster)
    assert (one.number, one.place, one.warnings) == (1, 2, ())
    assert one.value == {
        "official_code": "CB1",
        "full_name": "Nguyễn thị A",
        "citizen_id": "001080000001",
        "birth_date": "1980-03-05",
        "score": Decimal("7.1"),
        "assignments": [{"valid_from": "2020-01-01", "primary": True}],
    }
    assert two.value["citizen_id"] == "038080000001"
    assert two.value["birth_date"] == "1975"
    assert [warning.code for warning in two.warnings] == ["leading_zeros_restored"]


@pytest.mark.parametrize("epoch_1904", [False, True])
async def test_real_date_cells_are_read_in_either_epoch(
    read: Any, roster: Any, workbook: Any, epoch_1904: bool
) -> None:
    def dates(book: Any, sheet: Any) -> None:
        style = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_datetime(1, 4, dt.datetime(1980, 3, 5), style)
        sheet.write_datetime(1, 5, dt.datetime(2020, 1, 1), style)
        sheet.write_datetime(2, 2, dt.datetime(2020, 1, 1), style)

    table = [HEAD, [1, "CB1", "A"], [2, "CB2", None]]
    good, bad = await read(
        workbook(table, dates, date_1904=epoch_1904), XLSX_MEDIA_TYPE, sheet=roster
    )
    assert good.value["birth_date"] == "1980-03-05"
    assert good.value["assignments"] == [{"valid_from": "2020-01-01"}]
    assert [one.code for one in bad.issues] == ["text_became_date"]


async def test_titles_merged_headings_and_blank_rows_are_understood(
    read: Any, roster: Any, workbook: Any
) -> None:
    def change(book: Any, sheet: Any) -> None:
        style = book.add_format({"bold": True})
        sheet.merge_range(0, 0, 0, 5, "DANH SÁCH CÔNG CHỨC NĂM 2026", style)
        for column, heading in enumerate(["STT", "Mã CBCCVC", "Họ và tên"]):
            sheet.merge_range(2, column, 3, column, heading, style)
        sheet.merge_range(2, 3, 2, 4, "Thời gian", style)
        sheet.write(3, 3, "Từ ngày")
        sheet.write(3, 4, "Đến ngày")
        for column in range(5):
            sheet.write(4, column, f"({column + 1})")
        sheet.write_row(5, 0, [1, "CB1", "A", "1/1/2020", "31/12/2024"])
        sheet.write_row(7, 0, [2, "CB2", "B", "1/1/2021"])
        # Ordinals and formats without anything else make no row.
        sheet.write_row(8, 0, [3, "", " "])
        for line in range(9, 400):
            sheet.write_blank(line, 1, None, style)
            sheet.write_blank(line, 40, None, style)

    one, two = await read(workbook([], change), XLSX_MEDIA_TYPE, sheet=roster)
    assert one.value["assignments"] == [{"valid_from": "2020-01-01", "valid_to": "2024-12-31"}]
    assert [(row.number, row.place) for row in (one, two)] == [(1, 6), (2, 8)]


async def test_merged_data_cells_count_for_each_of_their_rows(
    read: Any, roster: Any, workbook: Any, parted: Any
) -> None:
    def change(_: Any, sheet: Any) -> None:
        sheet.merge_range(1, 2, 3, 2, "38.01")

    table = [
        ["Mã CBCCVC", "Họ và tên", "Mã cơ quan"],
        ["1", "A"],
        ["2", "B"],
        ["3", "C"],
        ["4", "D"],
    ]
    good, _, notices = parted(await read(workbook(table, change), XLSX_MEDIA_TYPE, sheet=roster))
    assert [row.value.get("assignments") for row in good] == [[{"agency_code": "38.01"}]] * 3 + [
        None
    ]
    assert [notice.issue.code for notice in notices] == ["merged_cells_filled"]


async def test_cell_types_of_every_kind_are_read(
    read: Any, roster: Any, workbook: Any, parted: Any
) -> None:
    def change(book: Any, sheet: Any) -> None:
        bold = book.add_format({"bold": True})
        sheet.write_rich_string(1, 1, "Nguyễn ", bold, "Văn", " A")
        sheet.write_formula(2, 1, '="Trần "&"B"', None, "Trần B")
        sheet.write_formula(3, 1, "=NA()", None, "#N/A")
        sheet.write_string(4, 1, "a_x0000_b")

    table = [["Mã CBCCVC", "Họ và tên"], ["1"], ["2"], ["3"], ["4"]]
    body = workbook(table, change)
    # The library asks for its formulas to be calculated, whatever values they were given.
    calculated = repack(body, lambda _, part: part.replace(b' fullCalcOnLoad="1"', b""))
    good, bad, _ = parted(await read(calculated, XLSX_MEDIA_TYPE, sheet=roster))
    assert [row.value["full_name"] for row in good[:2]] == ["Nguyễn Văn A", "Trần B"]
    assert [one.issues[0].code for one in bad] == ["cell_error"]
    # xlsxwriter escapes the escape itself: what was typed comes back.
    assert good[2].value["full_name"] == "a_x0000_b"


async def test_an_escaped_nul_is_a_row_problem(read: Any, roster: Any, workbook: Any) -> None:
    body = workbook([["Mã CBCCVC", "Họ và tên"], ["1", "AAA"]])
    body = repack(body, lambda _, part: part.replace(b"AAA", b"A_x0000_A"))
    (bad,) = await read(body, XLSX_MEDIA_TYPE, sheet=roster)
    assert bad.issues[0].code == "control_character"


async def test_prefixed_names_and_missing_references_are_read(
    read: Any, roster: Any, workbook: Any
) -> None:
    body = workbook([["Mã CBCCVC", "Họ và tên"], ["1", "A"]])

    def prefixed(name: str, part: bytes) -> bytes:
        if not name.startswith("xl/worksheets/sheet"):
            return part
        part = part.replace(b"<worksheet xmlns=", b"<worksheet xmlns:x=")
        part = re.sub(rb' r="[A-Z]*\d+"', b"", part)
        return re.sub(rb"<(/?)(\w)", rb"<\1x:\2", part)

    (row,) = await read(repack(body, prefixed), XLSX_MEDIA_TYPE, sheet=roster)
    assert row.value == {"official_code": "1", "full_name": "A"}
    assert row.place == 2


async def test_every_sheet_with_the_headings_is_read_and_its_rows_are_told_by_sheet(
    read: Any, roster: Any, workbook: Any, parted: Any
) -> None:
    def change(book: Any, _: Any) -> None:
        for name in ("Một", "Hai"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Mã CBCCVC", "Họ và tên"])
            sheet.write_row(1, 0, [name, "A"])
            sheet.write_row(3, 0, ["", "B"])
        book.add_worksheet("Ẩn").hide()

    body = workbook([["Bìa"], ["không có danh sách"]], change)
    good, bad, notices = parted(await read(body, XLSX_MEDIA_TYPE, sheet=roster))
    assert [(row.value["official_code"], row.sheet, row.number, row.place) for row in good] == [
        ("Một", "Một", 1, 2),
        ("Hai", "Hai", 3, 2),
    ]
    assert [(row.sheet, row.number, row.place) for row in bad] == [("Một", 2, 4), ("Hai", 4, 4)]
    assert notices == []


async def test_no_row_is_taken_in_when_a_later_sheet_is_refused_as_a_whole(
    roster: Any, workbook: Any
) -> None:
    def change(book: Any, _: Any) -> None:
        sheet = book.add_worksheet("Hai")
        sheet.write_row(0, 0, ["Mã CBCCVC", "Họ và tên", "Họ và tên"])
        sheet.write_row(1, 0, ["2", "A", "B"])

    body = workbook([["Mã CBCCVC", "Họ và tên"], ["1", "A"]], change)

    async def chunks() -> AsyncIterator[bytes]:
        yield body

    seen = []
    with pytest.raises(ColumnRepeated):
        async for item in rows(chunks(), XLSX_MEDIA_TYPE, sheet=roster):
            seen.append(item)
    assert seen == []


async def test_a_table_without_the_headings_is_told_and_a_cover_or_a_template_s_sheet_is_not(
    read: Any, roster: Any, workbook: Any, parted: Any
) -> None:
    def change(book: Any, _: Any) -> None:
        book.add_worksheet("Bìa").write_row(0, 0, ["Danh sách", "năm", "2026"])
        for name in ("Hướng dẫn", "Lương"):
            sheet = book.add_worksheet(name)
            for line in range(3):
                sheet.write_row(line, 0, ["a", "b", "c"])

    body = workbook([["Mã CBCCVC", "Họ và tên"], ["1", "A"]], change)
    good, _, notices = parted(await read(body, XLSX_MEDIA_TYPE, sheet=roster))
    assert [(row.number, row.sheet) for row in good] == [(1, None)]
    assert [(notice.issue.code, notice.sheet) for notice in notices] == [
        ("sheet_left_out", "Lương")
    ]


async def test_fonts_of_old_files_tell_capitals_and_raise_suspicion(
    read: Any, roster: Any, workbook: Any
) -> None:
    def change(book: Any, sheet: Any) -> None:
        sheet.write_string(1, 1, "§ç ThÞ Hµ", book.add_format({"font_name": ".VnTimeH"}))
        sheet.write_string(2, 1, "§ç ThÞ Hµ", book.add_format({"font_name": ".VnTime"}))

    body = workbook([["Mã CBCCVC", "Họ và tên"], ["1"], ["2"]], change)
    capital, small = await read(body, XLSX_MEDIA_TYPE, sheet=roster, encoding="tcvn3")
    assert [capital.value["full_name"], small.value["full_name"]] == ["ĐỖ THỊ HÀ", "Đỗ Thị Hà"]
    for row in await read(body, XLSX_MEDIA_TYPE, sheet=roster, encoding="unicode"):
        assert row.value["full_name"] == "§ç ThÞ Hµ"


async def test_a_row_too_large_is_a_row_problem(
    read: Any, roster: Any, workbook: Any, parted: Any
) -> None:
    table = [["Mã CBCCVC", "Họ và tên"], ["1", "A"], ["2", *["x" * 400] * 5], ["3", "C"]]
    good, bad, _ = parted(
        await read(
            workbook(table, constant_memory=True), XLSX_MEDIA_TYPE, sheet=roster,
            limits=Limits(max_row_bytes=1500),
        )
    )  # fmt: skip
    assert [row.value["official_code"] for row in good] == ["1", "3"]
    assert [(one.number, one.issues[0].code) for one in bad] == [(2, "row_too_large")]


@pytest.mark.parametrize("cut", [3, 100, 0.3, 0.9, -30, -1])
async def test_a_cut_file_is_refused(read: Any, roster: Any, workbook: Any, cut: float) -> None:
    body = workbook([HEAD, *[[n, f"CB{n}", f"Tên {n}"] for n in range(300)]])
    with pytest.raises(SpreadsheetMalformed):
        await read(
            body[: int(len(body) * cut) if 0 < cut < 1 else int(cut)], XLSX_MEDIA_TYPE, sheet=roster
        )


async def test_an_altered_file_is_refused_before_its_first_row(
    read: Any, roster: Any, workbook: Any
) -> None:
    body = bytearray(workbook([HEAD, *[[n, f"CB{n}", f"Tên {n}"] for n in range(3000)]]))
    with zipfile.ZipFile(io.BytesIO(bytes(body))) as parts:
        info = parts.getinfo("xl/worksheets/sheet1.xml")
    body[info.header_offset + 60 + info.compress_size // 2] ^= 0x55
    with pytest.raises(SpreadsheetMalformed):
        await read(bytes(body), XLSX_MEDIA_TYPE, sheet=roster)


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (b"", SpreadsheetMalformed),
        (b"no zip at all", SpreadsheetMalformed),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), OldSpreadsheetFormat),
        (b"PK\x05\x06" + bytes(18), SpreadsheetMalformed),
        (
            b"PK\x05\x06" + bytes(8) + struct.pack("<LL", 50 * MIB, 0) + bytes(2),
            SpreadsheetTooLarge,
        ),
        (b"PK\x05\x06" + bytes(8) + b"\xff" * 8 + bytes(2), SpreadsheetMalformed),
    ],
)
async def test_what_is_no_workbook_is_refused(
    read: Any, roster: Any, body: bytes, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await read(body, XLSX_MEDIA_TYPE, sheet=roster)


@pytest.mark.parametrize(
    "part",
    [
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/worksheets/sheet1.xml",
        "xl/sharedStrings.xml",
    ],
)
async def test_a_missing_part_is_refused(read: Any, roster: Any, workbook: Any, part: str) -> None:
    body = repack(
        workbook([HEAD, [1, "CB1", "A"]]), lambda name, data: None if name == part else data
    )
    with pytest.raises(SpreadsheetMalformed):
        await read(body, XLSX_MEDIA_TYPE, sheet=roster)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<worksheet ", b'<!DOCTYPE w [<!ENTITY a "aaaa">]><worksheet '),
        (b"</sheetData>", b""),
        (b'r="A1"', b'r="A1B"'),
        (b"<v>0</v>", b"<v>99999</v>"),
        (b"<v>0</v>", b"<v>-1</v>"),
        (b' r="1"', b' r="99999999999999999999"'),
        (b"<worksheet ", b"<other "),
    ],
)
async def test_parts_that_contradict_the_format_are_refused(
    read: Any, roster: Any, workbook: Any, old: bytes, new: bytes
) -> None:
    def change(name: str, part: bytes) -> bytes:
        if name != "xl/worksheets/sheet1.xml":
            return part
        assert old in part
        return part.replace(old, new, 1)

    with pytest.raises(SpreadsheetMalformed):
        await read(repack(workbook([HEAD, [1, "CB1", "A"]]), change), XLSX_MEDIA_TYPE, sheet=roster)


@pytest.mark.parametrize(
    "bombed", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"]
)
async def test_a_zip_bomb_is_refused_unread(
    read: Any, roster: Any, workbook: Any, bombed: str
) -> None:
    padding = b" " * (20 * MIB)
    body = repack(
        workbook([HEAD, [1, "CB1", "A"]]),
        lambda name, part: part + padding if name == bombed else part,
    )
    assert len(body) < MIB
    with pytest.raises(SpreadsheetTooLarge):
        await read(body, XLSX_MEDIA_TYPE, sheet=roster)


async def test_too_many_merged_cells_are_refused(read: Any, roster: Any, workbook: Any) -> None:
    def change(_: Any, sheet: Any) -> None:
        for line in range(1, 30):
            sheet.merge_range(line, 0, line, 1, "x")

    body = workbook([["Mã CBCCVC", "Họ và tên"]], change)
    with pytest.raises(SpreadsheetMalformed, match="merged"):
        await read(body, XLSX_MEDIA_TYPE, sheet=roster, limits=Limits(max_merged_ranges=20))


async def test_no_headings_is_told_with_examples(read: Any, roster: Any, workbook: Any) -> None:
    with pytest.raises(HeadingsNotFound, match="Official code"):
        await read(workbook([["a", "b"], [1, 2]]), XLSX_MEDIA_TYPE, sheet=roster)


async def test_a_reader_that_gives_up_leaves_nothing_open(roster: Any) -> None:
    """A client that goes away cancels the request while the thread is still unpacking."""
    chunks = list(xlsx(3_000))

    async def stream() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    for wait in (0.0, 0.005, 0.02):
        task = asyncio.create_task(_read_all(stream(), roster))
        await asyncio.sleep(wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    items = rows(stream(), XLSX_MEDIA_TYPE, sheet=roster)
    assert (await anext(items)).number == 1
    await items.aclose()  # type: ignore[attr-defined]


async def _read_all(stream: AsyncIterator[bytes], layout: Any) -> int:
    return len([item async for item in rows(stream, XLSX_MEDIA_TYPE, sheet=layout)])


async def test_the_loop_stays_free_while_a_sheet_is_read(roster: Any) -> None:
    chunks = list(xlsx(6_000))

    async def stream() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    task = asyncio.create_task(_read_all(stream(), roster))
    turns = 0
    while not task.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert await task == 6_000
    assert turns > 10


def test_shared_strings_come_back_in_any_order() -> None:
    texts = [f"chuỗi {n} " + "x" * (n % 300) for n in range(2000)]
    xml = "<sst>" + "".join(
        f"<si><t>{text[:5]}</t><rPh><t>no</t></rPh><r><t>{text[5:]}</t></r></si>" for text in texts
    ) + "</sst>"  # fmt: skip
    strings = SharedStrings()
    strings.load(
        iter([xml.encode()[start : start + 1000] for start in range(0, len(xml.encode()), 1000)])
    )
    for number in [*range(0, 2000, 7), 1999, 0, *range(1999, 0, -501)]:
        assert strings[number] == texts[number]
    with pytest.raises(SpreadsheetMalformed):
        strings[2000]
    strings.close()


def test_another_reader_sees_the_same_cells(workbook: Any) -> None:
    """calamine reads whole sheets, which is why it does not serve imports; its cells are the same."""
    from python_calamine import CalamineWorkbook

    table = [["a", "b", "c"], ["Nguyễn <&> A", 12.5, True], ["", "dòng\nhai", 7]]
    body = workbook(table)
    theirs = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()
    book = Workbook(io.BytesIO(body), Limits())
    ours = [row for batch in book.row_batches(book.sheets[0]) for row in batch]
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.cells is not None
        for column, cell in enumerate(other):
            own = mine.cells.get(column, "")
            assert (float(own.digits) if hasattr(own, "digits") else own) == cell
    book.close()
