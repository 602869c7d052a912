"""CSV as spreadsheets write it, good and bad."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.imports.csv_text import CsvReader
from shared.imports.errors import (
    BodyEncodingUnreadable,
    ColumnMissing,
    ColumnRepeated,
    CsvMalformed,
    HeadingsNotFound,
    SpreadsheetMalformed,
)
from shared.imports.limits import Limits
from shared.imports.rows import RowProblem

HEAD = "Mã CBCCVC,Họ và tên,Số CCCD,Từ ngày\n"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
async def test_every_usual_dialect_is_read(
    read: Any, roster: Any, delimiter: str, codec: str, end: str
) -> None:
    lines = [
        "Mã CBCCVC|Họ và tên|Số CCCD|Từ ngày",
        "",
        'CB1|"Nguyễn ""A"" Văn"|001080000001|5/3/2020',
        "||||",
    ]
    body = end.join(lines).replace("|", delimiter).encode(codec)
    (row,) = await read(body, "text/csv", sheet=roster, piece=5)
    assert (row.number, row.place, row.warnings) == (1, 3, ())
    assert row.value == {
        "official_code": "CB1",
        "full_name": 'Nguyễn "A" Văn',
        "citizen_id": "001080000001",
        "assignments": [{"valid_from": "2020-03-05"}],
    }


async def test_the_separator_line_of_excel_is_obeyed(read: Any, roster: Any) -> None:
    (row,) = await read(
        "sep=;\nMã CBCCVC;Họ và tên\nCB1;A, B, C, D".encode(), "text/csv", sheet=roster
    )
    assert row.value["full_name"] == "A, B, C, D"


async def test_quoted_line_breaks_stay_in_their_row(read: Any, roster: Any) -> None:
    body = HEAD + 'CB1,"Nguyễn\nVăn A",,\nCB2,B,,\n'
    one, two = await read(body.encode(), "text/csv", sheet=roster, piece=9)
    assert one.value["full_name"] == "Nguyễn Văn A"
    assert (two.number, two.place) == (2, 4)


@pytest.mark.parametrize("broken", ['CB2,"B,,', 'CB2,"B"x,,', 'CB2,B",,'])
async def test_broken_quotes_spoil_their_own_line_only(
    read: Any, roster: Any, parted: Any, broken: str
) -> None:
    body = HEAD + "CB1,A,,\n" + broken + "\nCB3,C,,\nCB4,D,,\n"
    good, bad, _ = parted(
        await read(body.encode(), "text/csv", sheet=roster, limits=Limits(max_row_bytes=200))
    )
    assert [row.value["official_code"] for row in good] == ["CB1", "CB3", "CB4"]
    assert [(one.number, one.place, one.issues[0].code) for one in bad] == [(2, 3, "row_quoting")]


async def test_each_fault_of_a_row_is_told_with_its_pointer(
    read: Any, roster: Any, parted: Any
) -> None:
    body = HEAD + ",A,123,32/1/2020\nCB2,B,38080000001,\nCB3,C,,,,rogue\n"
    good, bad, _ = parted(await read(body.encode(), "text/csv", sheet=roster))
    assert [(one.code, one.pointer) for one in bad[0].issues] == [
        ("field_required", "/official_code"),
        ("code_wrong_length", "/citizen_id"),
        ("date_invalid", "/assignments/0/valid_from"),
    ]
    assert [one.code for one in good[0].warnings] == ["leading_zeros_restored"]
    assert [one.code for one in bad[1].issues] == ["row_too_many_cells"]


async def test_unknown_columns_are_told_once(read: Any, roster: Any, parted: Any) -> None:
    body = "STT,Mã CBCCVC,Họ và tên,Dân tộc\n1,CB1,A,Kinh\n2,CB2,B,Tày\n"
    good, _, notices = parted(await read(body.encode(), "text/csv", sheet=roster))
    assert [notice.issue.code for notice in notices] == ["column_unknown"]
    assert "Dân tộc" in notices[0].issue.message_vi
    assert good[0].value == {"official_code": "CB1", "full_name": "A"}


async def test_bytes_that_are_not_utf8_spoil_their_row_only(
    read: Any, roster: Any, parted: Any
) -> None:
    body = HEAD.encode() + b"CB1,Nguy\xd4n,,\nCB2,B,,\nCB3,a\x00b,,\n"
    good, bad, _ = parted(await read(body, "text/csv", sheet=roster))
    assert [row.value["official_code"] for row in good] == ["CB2"]
    assert [one.issues[0].code for one in bad] == ["row_not_utf8", "control_character"]


@pytest.mark.parametrize("as_bytes", ["latin-1", "utf-8"])
async def test_tcvn3_files_are_read_once_the_encoding_is_named(
    read: Any, roster: Any, as_bytes: str
) -> None:
    body = "M· CBCCVC,Hä vµ tªn\nCB1,NguyÔn V¨n A\n".encode(as_bytes)
    (row,) = await read(body, "text/csv", sheet=roster, encoding="tcvn3")
    assert row.value["full_name"] == "Nguyễn Văn A"
    if as_bytes == "utf-8":
        with pytest.raises(HeadingsNotFound, match="TCVN3"):
            await read(body, "text/csv", sheet=roster)


async def test_headings_in_another_encoding_are_told_from_headings_that_are_not_there(
    read: Any, roster: Any
) -> None:
    """What Excel saves as plain “CSV” on a Vietnamese Windows."""
    body = (HEAD + "CB1,Lê Bé,038085000001,01/02/2020\n").encode("cp1258", "replace")
    with pytest.raises(HeadingsNotFound, match="CSV UTF-8") as refused:
        await read(body, "text/csv", sheet=roster)
    assert "CSV UTF-8" in refused.value.detail_vi
    with pytest.raises(HeadingsNotFound) as absent:
        await read(b"a,b\n1,2\n", "text/csv", sheet=roster)
    assert "UTF-8" not in absent.value.detail_vi


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (b"", HeadingsNotFound),
        (b"a,b\n1,2\n", HeadingsNotFound),
        ("Mã CBCCVC,Số CCCD\nCB1,\n".encode(), ColumnMissing),
        ("Mã CBCCVC,Họ và tên,Full name\nCB1,A,B\n".encode(), ColumnRepeated),
        (b"PK\x03\x04\x00\x00\x00\x08", SpreadsheetMalformed),
        (b"abcdef\x00b,c\n", CsvMalformed),
        ("Mã CBCCVC,Họ".encode("utf-16-le"), BodyEncodingUnreadable),
        ("Mã CBCCVC,Họ".encode("utf-16")[:-1], BodyEncodingUnreadable),
    ],
)
async def test_a_file_that_is_no_list_is_refused_whole(
    read: Any, roster: Any, body: bytes, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await read(body, "text/csv", sheet=roster)


async def test_missing_columns_are_all_named(read: Any, roster: Any) -> None:
    with pytest.raises(ColumnMissing) as refusal:
        await read("Số CCCD,Từ ngày\n".encode(), "text/csv", sheet=roster)
    assert [error.pointer for error in refusal.value.errors] == ["/official_code", "/full_name"]


CELLS = st.text(alphabet=st.sampled_from(list('ab"\n\r,; ễ')), max_size=6)


@settings(max_examples=60)
@given(
    table=st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=8),
    cuts=st.lists(st.integers(0, 500), max_size=6),
)
def test_written_tables_come_back_for_every_cut(table: list[list[str]], cuts: list[int]) -> None:
    # A lone CR ends no line for us, and CR LF inside a quoted cell is one line break.
    table = [[cell.replace("\r", "") for cell in cells] for cells in table]
    target = io.StringIO()
    csv.writer(target, lineterminator="\r\n").writerows(table)
    body = b"sep=,\r\n" + target.getvalue().encode()
    reader = CsvReader(Limits(), None)
    found: list[Any] = []
    start = 0
    for cut in [*sorted(cut % (len(body) + 1) for cut in cuts), len(body)]:
        found += reader.feed(body[start:cut])
        start = cut
    found += reader.feed(b"", final=True)
    assert not any(isinstance(row, RowProblem) for row in found)
    expected = [{i: cell for i, cell in enumerate(cells) if cell} for cells in table]
    assert [row.cells for row in found] == [cells for cells in expected if cells]
