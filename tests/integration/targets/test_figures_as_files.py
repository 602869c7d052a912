"""The figures of a plan as a file: one row per indicator, each with what it was counted from."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.making.daklak import BODY, OFFICE, PROGRESS, agencies, officials
from tests.making.written_feed import WrittenFeed
from tests.running import RunningService
from tests.worlds import events as made

THEN = "2024-12-31"


@pytest.fixture
async def counted(
    targets: RunningService, directory: WrittenFeed, registers: WrittenFeed
) -> RunningService:
    directory.publish(
        *agencies(),
        *officials(),
        made.official("CB6", made.assignment(OFFICE), language_teacher=True),
    )
    registers.publish(made.certificate("S1", "key-CB1", 4, "2023-03-01"))
    await targets.follow(directory)
    await targets.follow(registers)
    return targets


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


async def test_one_row_per_indicator_with_all_it_was_counted_from(
    counted: RunningService, directory: WrittenFeed, registers: WrittenFeed
) -> None:
    client = counted.client()
    answer = (await client.get(PROGRESS, params={"as_of": THEN})).json()
    file = await client.get(f"{PROGRESS}.csv", params={"as_of": THEN})
    assert file.headers["content-type"].startswith("text/csv")
    assert f'filename="daklak-2020-progress-{THEN}.csv"' in file.headers["content-disposition"]
    rows = table(file.content)
    assert [row["Chỉ tiêu"] for row in rows] == [each["id"] for each in answer["indicators"]]
    first, served = rows[0], answer["indicators"][0]
    assert first["Nội dung chỉ tiêu"] == served["title"]["vi"]
    assert (first["Kế hoạch"], first["Phiên bản kế hoạch"]) == ("daklak-2020", "1")
    assert (first["Cơ quan được tính"], first["Tính đến ngày"]) == (BODY, "31/12/2024")
    assert (first["Tỷ lệ phải đạt (%)"], first["Bậc phải đạt"]) == ("25", "4")
    assert (first["Số người thuộc diện"], first["Số người đạt"]) == ("4", "1")
    assert (first["Tỷ lệ đạt (%)"], first["Kết quả"]) == ("25,0", "Đạt chỉ tiêu")
    assert (first["Đạt chỉ xét bậc"], first["Số người không thuộc diện"]) == ("", "2")
    of_2030 = next(row for row in rows if row["Chỉ tiêu"] == "I1-2030")
    assert (of_2030["Số người đạt"], of_2030["Đạt chỉ xét bậc"]) == ("0", "1")
    assert {row["Cách hiểu"].count("=") for row in rows} == {13}
    assert {row["Vị trí nguồn danh bạ"] for row in rows} == {directory.head}
    assert {row["Vị trí nguồn chứng chỉ"] for row in rows} == {registers.head}
    by_accept = await client.get(PROGRESS, params={"as_of": THEN}, headers={"Accept": "text/csv"})
    assert by_accept.content == file.content


async def test_the_readers_language_and_a_departure_from_the_readings(
    counted: RunningService,
) -> None:
    file = await counted.client().get(
        f"{PROGRESS}.xlsx",
        params={"as_of": THEN, "reading.R1_focus_clause": "both"},
        headers={"Accept-Language": "en"},
    )
    assert f"progress-{THEN}-R1-both.xlsx" in file.headers["content-disposition"]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(file.content)).get_sheet_by_index(0)
    head, *cells = sheet.to_python()
    first = dict(zip(head, cells[0], strict=True))
    assert str(first["Title"]).startswith("Cadres and civil servants")
    assert (first["Eligible"], first["Excluded"], first["Status"]) == (4, 2, "Met")
    assert first["Focus: eligible"] == 0
    assert str(first["Readings"]).startswith("R1=both; ")


@pytest.mark.parametrize(
    "asked",
    [
        {"as_of": THEN},
        {"as_of": "2026-01-01"},
        {"as_of": "2026-01-01", "reading.L2_merged_province": "surviving_plan"},
        {"as_of": THEN, "reading.R6_exclusion_effect": "count_as_achieved"},
        {"as_of": "1999-12-31"},
        {"as_of": "2026-01-01", "agency": OFFICE},
    ],
    ids=["then", "merged", "surviving", "counted as achieved", "before", "office"],
)
async def test_as_many_are_excluded_as_the_list_names(
    counted: RunningService, directory: WrittenFeed, asked: dict[str, str]
) -> None:
    directory.publish(
        made.agency(
            "H37.P",
            made.agency_version(valid_to="2025-06-30", province="54"),
            made.agency_version("2025-07-01", parent=BODY),
        ),
        made.official("PY1", made.assignment("H37.P")),
    )
    await counted.follow(directory)
    client = counted.client()
    of_another_plan: set[str] = set()
    for row in table((await client.get(f"{PROGRESS}.csv", params=asked)).content):
        path = f"/v1/plans/daklak-2020/indicators/{row['Chỉ tiêu']}/members"
        listed = (await client.get(path, params={"state": "excluded", **asked})).json()["items"]
        assert row["Số người không thuộc diện"] == str(len(listed)), row["Chỉ tiêu"]
        of_another_plan |= {
            each["official_code"] for each in listed if each["reason"] == "other_territory"
        }
    assert of_another_plan == ({"PY1"} if asked == {"as_of": "2026-01-01"} else set())


@pytest.mark.parametrize(
    ("path", "asked", "accept", "code"),
    [
        (f"{PROGRESS}.csv", {"agency": "NOPE"}, "*/*", "not_found"),
        (f"{PROGRESS}.xlsx", {"as_of": "2024"}, "*/*", "invalid_request"),
        (f"{PROGRESS}.csv", {"reading.R1_focus_clause": "x"}, "*/*", "reading_invalid"),
        (f"{PROGRESS}.pdf", {}, "*/*", "invalid_request"),
        (PROGRESS.replace("daklak", "none") + ".csv", {}, "*/*", "plan_unknown"),
        (PROGRESS, {}, "application/pdf", "not_acceptable"),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    counted: RunningService, path: str, asked: dict[str, Any], accept: str, code: str
) -> None:
    answer = await counted.client().get(path, params=asked, headers={"Accept": accept})
    assert answer.json()["code"] == code
    outside = await counted.client("agency", agency="H30").get(f"{PROGRESS}.csv")
    assert outside.status_code == 404
