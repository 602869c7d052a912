"""Rosters typed in TCVN3 or VNI fonts are read where the encoding is named, and never guessed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
import xlsxwriter

from shared.imports.legacy_text import LegacyEncoding
from tests.making.legacy_text import to_tcvn3, to_vni
from tests.making.rosters import plant_tree
from tests.running import RunningService

PATH = "/v1/officials/import"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADINGS = (
    "Mã cán bộ", "Số định danh cá nhân", "Họ và tên", "Ngày sinh", "Giới tính", "Mã cơ quan",
    "Đối tượng", "Chức danh", "Từ ngày",
)  # fmt: skip
ROWS = (
    ("O-1", "038085000001", "Nguyễn Văn Thuở", "02/03/1985", "Nam", "X.A", "Viên chức", "Bác sĩ",
     "01/09/2018"),
    ("O-2", "038185000002", "Đỗ Thị Huyền", "03/04/1985", "Nữ", "X.A", "Công chức", "Kế toán",
     "01/09/2018"),
)  # fmt: skip
WRITERS: list[tuple[LegacyEncoding, Callable[[str], str]]] = [("tcvn3", to_tcvn3), ("vni", to_vni)]


def _csv(lines: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(lines)
    return text.getvalue().encode("utf-8-sig")


def _xlsx(lines: list[list[str]]) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    sheet = book.add_worksheet()
    for number, line in enumerate(lines):
        sheet.write_row(number, 0, line)
    book.close()
    return target.getvalue()


@pytest.fixture
async def service(enrolment: RunningService) -> RunningService:
    await plant_tree(enrolment.client())
    return enrolment


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize(("encoding", "legacy"), WRITERS, ids=[name for name, _ in WRITERS])
@pytest.mark.parametrize("headings_too", [True, False], ids=["whole file", "rows only"])
async def test_a_roster_in_a_legacy_font_is_read_where_it_is_named(
    service: RunningService,
    form: str,
    encoding: LegacyEncoding,
    legacy: Callable[[str], str],
    headings_too: bool,
) -> None:
    head = [legacy(each) if headings_too else each for each in HEADINGS]
    lines = [head, *([legacy(cell) for cell in row] for row in ROWS)]
    body = _csv(lines) if form == "csv" else _xlsx(lines)
    kind = {"Content-Type": "text/csv" if form == "csv" else XLSX}
    clerk = service.client("agency", agency="X.A")
    answer = await clerk.post(f"{PATH}?encoding={encoding}", content=body, headers=kind)
    report = answer.json()
    assert (report["created"], report["errors"]) == (2, []), answer.text
    listed = (await clerk.get("/v1/officials")).json()["items"]
    assert [
        (each["full_name"], each["sex"], each["assignments"][0]["position_title"])
        for each in listed
    ] == [("Nguyễn Văn Thuở", "male", "Bác sĩ"), ("Đỗ Thị Huyền", "female", "Kế toán")]
    again = await clerk.post(f"{PATH}?encoding={encoding}", content=body, headers=kind)
    assert again.json()["unchanged"] == 2


@pytest.mark.parametrize(("encoding", "legacy"), WRITERS, ids=[name for name, _ in WRITERS])
async def test_legacy_text_that_nobody_named_is_held_and_not_guessed(
    service: RunningService, encoding: LegacyEncoding, legacy: Callable[[str], str]
) -> None:
    clerk = service.client("agency", agency="X.A")
    body = _csv([list(HEADINGS), *([legacy(cell) for cell in row] for row in ROWS)])
    answer = await clerk.post(PATH, content=body, headers={"Content-Type": "text/csv"})
    assert (answer.status_code, answer.json()["code"]) == (422, "legacy_text_held"), answer.text
    assert "encoding=" in answer.json()["detail"]
    assert (await clerk.get("/v1/officials")).json()["items"] == []


@pytest.mark.parametrize(("encoding", "legacy"), WRITERS, ids=[name for name, _ in WRITERS])
async def test_json_rows_may_be_in_a_legacy_font_too(
    service: RunningService, encoding: LegacyEncoding, legacy: Callable[[str], str]
) -> None:
    clerk = service.client("agency", agency="X.A")
    row = {
        "official_code": "O-1",
        "citizen_id": "038085000001",
        "full_name": legacy("Nguyễn Văn Thuở"),
        "birth_date": "1985-03-02",
        "assignments": [
            {
                "agency_code": "X.A",
                "status": "public_employee",
                "position_title": legacy("Bác sĩ"),
                "leadership": None,
                "requires_language": False,
                "primary": True,
                "valid_from": "2018-09-01",
                "valid_to": None,
            }
        ],
    }
    answer = await clerk.post(f"{PATH}?encoding={encoding}", json=[row])
    assert answer.json()["created"] == 1, answer.text
    shown = (await clerk.get("/v1/officials/O-1")).json()
    assert (shown["full_name"], shown["assignments"][0]["position_title"]) == (
        "Nguyễn Văn Thuở",
        "Bác sĩ",
    )
