"""The people behind a figure as a file: the whole list, of one figure, reasons in words."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from services.targets.progress.use_cases import members
from tests.making.daklak import BODY, MEMBERS, OFFICE, PROGRESS, agencies, officials
from tests.making.written_feed import WrittenFeed
from tests.running import RunningService
from tests.worlds import events as made

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
THEN = "2024-12-31"


@pytest.fixture
async def counted(
    targets: RunningService,
    directory: WrittenFeed,
    registers: WrittenFeed,
    monkeypatch: pytest.MonkeyPatch,
) -> RunningService:
    """Pages of two rows, so that a file is read in several."""
    monkeypatch.setattr(members, "FILE_PAGE", 2)
    teacher = made.official("CB6", made.assignment(OFFICE), language_teacher=True)
    directory.publish(*agencies(), *officials(), teacher)
    registers.publish(made.certificate("S1", "key-CB1", 4, "2023-03-01"))
    registers.publish(made.certificate("S2", "key-CB2", 3, "2023-03-01"))
    await targets.follow(directory)
    await targets.follow(registers)
    return targets


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


async def test_the_whole_list_goes_home_with_its_reasons_in_words(counted: RunningService) -> None:
    client = counted.client(subject="reader")
    asked = {"state": "missing", "as_of": THEN}
    file = await client.get(f"{MEMBERS}.csv", params=asked)
    assert file.headers["content-type"].startswith("text/csv")
    name = f"daklak-2020-I1-2025-missing-{THEN}.csv"
    assert file.headers["content-disposition"] == f'attachment; filename="{name}"'
    rows = table(file.content)
    assert [(row["Mã cán bộ"], row["Lý do"], row["Bậc"]) for row in rows] == [
        ("CB2", "Chưa đạt bậc", "3"),
        ("CB3", "Chưa có chứng chỉ được tính", ""),
        ("CB4", "Chưa có chứng chỉ được tính", ""),
    ]
    assert {(row["Kế hoạch"], row["Chỉ tiêu"], row["Cơ quan được tính"]) for row in rows} == {
        ("daklak-2020", "I1-2025", BODY)
    }
    assert {(row["Tính đến ngày"], row["Phiên bản kế hoạch"]) for row in rows} == {
        ("31/12/2024", "1")
    }
    by_accept = await client.get(MEMBERS, params=asked, headers={"Accept": "text/csv"})
    assert by_accept.content == file.content
    async with counted.database.pool.acquire() as connection:
        trail = await connection.fetch("SELECT detail FROM audit WHERE caller = 'reader'")
    assert all(sum(code in str(one) for one in trail) == 2 for code in ("CB2", "CB3", "CB4"))


async def test_each_row_says_under_which_readings_and_positions_it_was_counted(
    counted: RunningService, directory: WrittenFeed, registers: WrittenFeed
) -> None:
    client = counted.client()
    asked = {"state": "achieved", "as_of": THEN}
    (plain,) = table((await client.get(f"{MEMBERS}.csv", params=asked)).content)
    assert plain["Cách hiểu"].startswith("R1=whole; R2=focus_only; R3=nearest; ")
    assert "R8=any_foreign_language; " in plain["Cách hiểu"]
    assert plain["Cách hiểu"].count("=") == 13
    assert plain["Vị trí nguồn danh bạ"] == directory.head
    assert plain["Vị trí nguồn chứng chỉ"] == registers.head
    departing = {"reading.R8_language_scope": "english_only", "agency": OFFICE}
    file = await client.get(f"{MEMBERS}.csv", params=asked | departing)
    assert "R8=english_only; " in table(file.content)[0]["Cách hiểu"]
    name = f"daklak-2020-I1-2025-achieved-{OFFICE}-{THEN}-R8-english_only.csv"
    assert file.headers["content-disposition"] == f'attachment; filename="{name}"'
    many = {
        "reading.R1_focus_clause": "focus_only",
        "reading.R5_specialised_language": "level_only",
        "reading.R6_exclusion_effect": "count_as_achieved",
        "reading.R8_language_scope": "english_only",
    }
    file = await client.get(f"{MEMBERS}.csv", params=asked | many)
    assert f"-{THEN}-R1-R5-R6-R8.csv" in file.headers["content-disposition"]


async def test_clauses_that_exclude_are_said_in_the_plans_words(counted: RunningService) -> None:
    asked = {"state": "excluded", "as_of": THEN}
    client = counted.client()
    rows = table((await client.get(f"{MEMBERS}.csv", params=asked)).content)
    assert [(row["Mã cán bộ"], row["Lý do"]) for row in rows] == [
        ("CB5", "Người lao động, người hoạt động không chuyên trách"),
        ("CB6", "Giáo viên, giảng viên ngoại ngữ."),
    ]
    english = await client.get(f"{MEMBERS}.xlsx", params=asked, headers={"Accept-Language": "en"})
    assert english.headers["content-type"] == XLSX
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(english.content)).get_sheet_by_index(0)
    head, *cells = sheet.to_python()
    assert [dict(zip(head, row, strict=True))["Reason"] for row in cells] == [
        "Contract or part-time staff",
        "FL_TEACHER",
    ]


async def test_two_clauses_of_one_sentence_are_told_apart(
    targets: RunningService, directory: WrittenFeed
) -> None:
    """Quảng Trị excludes two kinds of degrees in one sentence."""
    directory.publish(
        *agencies(),
        made.official("CB1", made.assignment(OFFICE), language_degree=True),
        made.official("CB2", made.assignment(OFFICE), foreign_taught_degree=True),
    )
    await targets.follow(directory)
    file = await targets.client().get(
        MEMBERS.replace("daklak-2020", "quangtri-2022") + ".csv",
        params={"state": "excluded", "as_of": THEN, "agency": OFFICE},
    )
    assert file.status_code == 200, file.text
    reasons = [row["Lý do"] for row in table(file.content)]
    assert [reason.rpartition(" (")[2] for reason in reasons] == ["Vế thứ nhất)", "Vế thứ hai)"]


async def test_a_list_of_nobody_is_a_file_with_headings_alone(counted: RunningService) -> None:
    file = await counted.client().get(
        f"{MEMBERS}.csv", params={"state": "missing", "as_of": "1999-12-31"}
    )
    assert file.status_code == 200
    assert len(file.content.splitlines()) == 1


@pytest.mark.parametrize(
    ("path", "asked", "code"),
    [
        (f"{MEMBERS}.csv", {"counted_at.enrolment": ""}, "figure_moved"),
        (f"{MEMBERS}.csv", {"counted_at.enrolment": "abc"}, "cursor_unknown"),
        (f"{MEMBERS}.xlsx", {"agency": "NOPE"}, "not_found"),
        (f"{MEMBERS}.csv", {"as_of": "2024"}, "invalid_request"),
        (f"{MEMBERS}.csv", {"reading.R1_focus_clause": "x"}, "reading_invalid"),
        (MEMBERS.replace("I1-2025", "I9") + ".csv", {}, "indicator_unknown"),
        (f"{MEMBERS}.pdf", {}, "invalid_request"),
    ],
)
async def test_what_cannot_be_asked_is_refused_before_a_file_leaves(
    counted: RunningService, path: str, asked: dict[str, Any], code: str
) -> None:
    answer = await counted.client().get(path, params={"state": "missing", **asked})
    assert answer.json()["code"] == code
    # No connection stays with a file that never left.
    for _ in range(20):
        await counted.client().get(path, params={"state": "missing", **asked})
    assert (await counted.client().get(PROGRESS)).status_code == 200
