"""POST /v1/results/batch."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.making.certification import Authorise, authorisation, scores, sheet
from tests.running import RunningService

NDJSON = {"Content-Type": "application/x-ndjson"}


def lines(rows: list[Any]) -> bytes:
    return b"\n".join(row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows)


async def test_good_rows_stand_and_bad_rows_are_named(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client("institution", institution="DHV")
    rows = [
        sheet(1),
        b"{broken",
        sheet(2, claimed_level=5),
        b"",
        sheet(3, "DHCT"),
        sheet(4),
        {**sheet(5), "candidate": sheet(1)["candidate"], "scores": scores(20)},
    ]
    answer = await client.post("/v1/results/batch", content=lines(rows), headers=NDJSON)
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert (report["received"], report["recorded"], report["duplicates"]) == (6, 2, 0)
    assert report["rejected"] == 4
    # A conflict has a line for each field that differs.
    assert sorted({(error["row"], error["code"]) for error in report["errors"]}) == [
        (2, "row_malformed"),
        (3, "level_mismatch"),
        (4, "not_found"),
        (6, "result_conflict"),
    ]
    again = (await client.post("/v1/results/batch", content=lines(rows), headers=NDJSON)).json()
    assert (again["recorded"], again["duplicates"], again["rejected"]) == (0, 2, 4)
    assert len(await certification.events()) == 2
    assert (await client.get("/v1/register-books/DHV/KNLNN/2026")).json()["lines"] == 2


async def test_rows_are_registered_in_their_order_over_chunks(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    rows = [sheet(number) for number in range(1300, 0, -1)]
    answer = await client.post("/v1/results/batch", json=rows)
    assert answer.json()["recorded"] == 1300, answer.text[:500]
    events = await certification.events()
    assert [int(event["data"]["register_number"]) for event in events] == list(range(1, 1301))
    listed = (await client.get("/v1/certificates?limit=2")).json()["items"]
    assert [item["register_number"] for item in listed] == ["1", "2"]


async def test_a_row_that_breaks_the_register_is_isolated_in_its_chunk(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    rows = [
        sheet(n, certificate={"serial": f"S{n if n % 10 else 1}", "register_number": str(n)})
        for n in range(1, 61)
    ]
    report = (await client.post("/v1/results/batch", json=rows)).json()
    assert (report["recorded"], report["rejected"]) == (54, 6)
    assert {error["code"] for error in report["errors"]} == {"serial_in_use"}
    assert (await client.get("/v1/register-books/DHV/KNLNN/2026")).json()["lines"] == 54


async def test_an_institution_nobody_authorised_is_refused_row_by_row(
    certification: RunningService, authorise: Authorise
) -> None:
    rows = [sheet(1, "NOBODY"), sheet(2)]
    report = (await certification.client().post("/v1/results/batch", json=rows)).json()
    assert report["recorded"] == 1
    assert report["errors"][0]["code"] == "institution_not_authorised"


async def test_a_row_of_another_institution_points_at_its_code(
    certification: RunningService, authorise: Authorise
) -> None:
    own = certification.client("institution", institution="DHV")
    rows = [sheet(1, "DHX"), sheet(2)]
    report = (await own.post("/v1/results/batch", json=rows)).json()
    assert report["recorded"] == 1
    assert [(each["row"], each["pointer"], each["code"]) for each in report["errors"]] == [
        (1, "/institution_code", "not_found")
    ]
    single = await own.post("/v1/results", json=sheet(1, "DHX"))
    assert (single.status_code, single.json()["errors"][0]["pointer"]) == (404, "/institution_code")


async def test_a_format_is_not_used_for_another_language(
    certification: RunningService, authorise: Authorise
) -> None:
    """The institution may examine French; this format is of English."""
    await authorise(
        "DHV",
        *(authorisation(activity=each, language="fr") for each in ("testing", "certifying")),
    )
    client = certification.client()
    single = await client.post("/v1/results", json=sheet(1, language="fr"))
    assert (single.status_code, single.json()["code"]) == (422, "format_unknown")
    rows = [sheet(1, language="fr"), sheet(2)]
    report = (await client.post("/v1/results/batch", json=rows)).json()
    assert [each["code"] for each in report["errors"]] == [
        "format_unknown",
        "institution_not_authorised",
    ]


async def test_the_report_is_stored_under_its_key(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client()
    key = {"Idempotency-Key": "file-1"}
    first = await client.post("/v1/results/batch", json=[sheet(1)], headers=key)
    again = await client.post("/v1/results/batch", json=[sheet(1)], headers=key)
    assert first.text == again.text
    other = await client.post("/v1/results/batch", json=[sheet(2)], headers=key)
    assert other.json()["code"] == "idempotency_key_reused"


@pytest.mark.parametrize("separator", [",", ";"])
async def test_a_sheet_from_excel_is_taken(
    certification: RunningService, authorise: Authorise, separator: str
) -> None:
    headings = [
        "Mã đơn vị tổ chức thi", "Mã kỳ thi", "Ngày thi", "Định dạng đề thi", "Ngoại ngữ (mã)",
        "SBD", "Số CCCD", "Họ và tên", "Ngày sinh", "Nghe", "Đọc", "Viết", "Nói",
    ]  # fmt: skip
    row = [
        "DHV", "2026-09", "20/09/2026", "VSTEP.3-5", "en", "0007", "38190000007", "Trần Văn Ví Dụ",
        "02/05/1990", "6,5" if separator == ";" else "6.5", "7", "5.5", "6.0",
    ]  # fmt: skip
    content = "\n".join(separator.join(cells) for cells in (headings, row)).encode()
    answer = await certification.client().post(
        "/v1/results/batch", content=content, headers={"Content-Type": "text/csv"}
    )
    assert answer.json()["recorded"] == 1, answer.text
    (event,) = await certification.events()
    assert event["data"]["level"] == 4


async def test_roles_without_results_cannot_send_any(
    certification: RunningService, authorise: Authorise
) -> None:
    answer = await certification.client("agency", agency="H56").post("/v1/results/batch", json=[])
    assert answer.status_code == 403
    answer = await certification.client().post(
        "/v1/results/batch", content=b"x", headers={"Content-Type": "application/pdf"}
    )
    assert answer.status_code == 415


async def test_a_list_of_results_as_universities_keep_it_is_taken(
    certification: RunningService, authorise: Authorise
) -> None:
    """The language by its name, the level in words, as a grade of the Common European Framework, or wrong."""
    headings = (
        "Mã đơn vị;Kỳ thi;Ngày thi;Bài thi;Ngoại ngữ;SBD;Số CCCD;Họ và tên;Ngày sinh;"
        "Nghe;Đọc;Viết;Nói;Xếp bậc"
    )
    levels = ("Bậc 4", "B2", "B2 (Bậc 4)", "4", "Bậc 5", "Không đạt")
    rows = [
        f"DHV;2026-09;20/09/2026;VSTEP.3-5;Tiếng Anh;{number:03d};0381900{number:05d};Trần Ví Dụ;"
        f"02/05/1990;6,5;7;5,5;6;{level}"
        for number, level in enumerate(levels, start=1)
    ]
    answer = await certification.client().post(
        "/v1/results/batch",
        content="\n".join([headings, *rows]).encode(),
        headers={"Content-Type": "text/csv"},
    )
    report = answer.json()
    assert report["recorded"] == 4, answer.text
    assert [(each["row"], each["pointer"], each["code"]) for each in report["errors"]] == [
        (5, "/claimed_level", "level_mismatch"),
        (6, "/claimed_level", "not_in_list"),
    ]
    events = await certification.events()
    assert {(event["data"]["language"], event["data"]["level"]) for event in events} == {("en", 4)}
