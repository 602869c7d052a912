"""Files of results and rosters as clerks make them, over HTTP."""

from __future__ import annotations

import io
from typing import Any

import pytest
import xlsxwriter

from tests.making.certification import Authorise
from tests.running import RunningService

XLSX = {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
CSV = {"Content-Type": "text/csv"}
HEADINGS = [
    "STT", "Mã đơn vị", "Kỳ thi", "Ngày thi", "Bài thi", "Mã ngoại ngữ", "SBD", "Số CCCD",
    "Họ và tên thí sinh", "Ngày, tháng, năm sinh", "Nghe", "Đọc", "Viết", "Nói",
]  # fmt: skip
ROW = [
    "1", "DHV", "2026-09", "20/09/2026", "VSTEP.3-5", "en", "0007", "38190000007",
    "Trần  Văn Ví Dụ", "02/05/1990", "6,5", "7", "5,5", "6",
]  # fmt: skip


async def test_a_workbook_with_titles_merged_headings_and_serial_days(
    certification: RunningService, authorise: Authorise
) -> None:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    sheet = book.add_worksheet("Kết quả")
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.merge_range(0, 0, 0, 13, "DANH SÁCH KẾT QUẢ THI NĂNG LỰC NGOẠI NGỮ")
    for place, heading in enumerate(HEADINGS[:10]):
        sheet.merge_range(2, place, 3, place, heading)
    sheet.merge_range(2, 10, 2, 13, "Điểm")
    sheet.write_row(3, 10, HEADINGS[10:])
    sheet.write_row(4, 0, ROW)
    sheet.write_number(4, 3, 46285, day)
    sheet.write_number(4, 7, 38190000007)
    sheet.write_number(4, 9, 32995, day)
    for place, score in enumerate((6.5, 7, 5.5, 6), start=10):
        sheet.write_number(4, place, score)
    book.close()
    client = certification.client()
    answer = await client.post("/v1/results/batch", content=target.getvalue(), headers=XLSX)
    report = answer.json()
    assert (report["recorded"], report["errors"]) == (1, []), answer.text
    await _is_recorded(client)


async def _is_recorded(client: Any) -> None:
    (item,) = (await client.get("/v1/results")).json()["items"]
    candidate = item["candidate"]
    assert candidate["full_name"] == "Trần Văn Ví Dụ"
    assert candidate["birth_date"] == "1990-05-02"
    assert candidate["identity_number"] == "038190000007"
    assert item["exam_session"]["held_on"] == "2026-09-20"
    assert item["scores"] == {"listening": 6.5, "reading": 7.0, "writing": 5.5, "speaking": 6.0}
    assert item["level"] == 4


async def test_a_semicolon_file_with_decimal_commas(
    certification: RunningService, authorise: Authorise
) -> None:
    content = "\r\n".join([";".join(HEADINGS), ";".join(ROW)]).encode("utf-8-sig")
    client = certification.client()
    answer = await client.post("/v1/results/batch", content=content, headers=CSV)
    report = answer.json()
    assert (report["recorded"], report["errors"]) == (1, []), answer.text
    assert "leading_zeros_restored" in {line["code"] for line in report["warnings"]}
    await _is_recorded(client)


@pytest.mark.parametrize(
    ("encoding", "name"), [("tcvn3", "TrÇn V¨n VÝ Dô"), ("vni", "Traàn Vaên Ví Duï")]
)
async def test_legacy_text_is_read_where_it_is_named_and_only_there(
    certification: RunningService, authorise: Authorise, encoding: str, name: str
) -> None:
    row = [*ROW[:8], name, *ROW[9:]]
    content = "\r\n".join([";".join(HEADINGS), ";".join(row)]).encode("utf-8-sig")
    client = certification.client()
    answer = await client.post(
        f"/v1/results/batch?encoding={encoding}", content=content, headers=CSV
    )
    assert (answer.json()["recorded"], answer.json()["errors"]) == (1, []), answer.text
    await _is_recorded(client)
    other = await client.post("/v1/results/batch?encoding=viscii", content=content, headers=CSV)
    assert (other.status_code, other.json()["errors"][0]["pointer"]) == (422, "?encoding")


async def test_a_workbook_with_one_sheet_per_room_is_read_whole_and_a_fault_names_its_sheet(
    certification: RunningService, authorise: Authorise
) -> None:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    for room in (1, 2):
        sheet = book.add_worksheet(f"Phòng {room}")
        sheet.write_row(0, 0, HEADINGS)
        for line in (1, 2):
            number = room * 10 + line
            row = [
                *ROW[:6],
                f"00{number}",
                f"0381900000{number}",
                f"Trần Văn {'Ba' * line}",
                *ROW[9:],
            ]
            sheet.write_row(line, 0, row)
    sheet.write_string(2, 9, "30/02/1990")
    book.close()
    client = certification.client()
    answer = await client.post("/v1/results/batch", content=target.getvalue(), headers=XLSX)
    report = answer.json()
    assert (report["received"], report["recorded"]) == (4, 3), answer.text
    (fault,) = report["errors"]
    assert (fault["row"], fault["sheet"], fault["place"]) == (4, "Phòng 2", 3)
    assert (fault["pointer"], fault["column"]) == ("/candidate/birth_date", HEADINGS[9])
