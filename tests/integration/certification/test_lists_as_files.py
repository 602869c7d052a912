"""Results, the register and evidence as files: the whole list, in the caller's language, nothing run as a formula."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.making.certification import Authorise, evidence, scores, sheet
from tests.running import RunningService

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def workbook(content: bytes) -> list[dict[str, Any]]:
    head, *rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    )
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


async def test_the_register_goes_home_as_a_file_by_book_and_line(
    certification: RunningService, authorise: Authorise
) -> None:
    await authorise("DHX")
    client = certification.client()
    own = certification.client("institution", institution="DHV")
    for number in range(1, 4):
        await client.post("/v1/results", json=sheet(number, issued_on="2026-10-01"))
    await client.post("/v1/results", json=sheet(9, "DHX"))
    revoked = {"reason_code": "fraud", "decision_number": "4/QĐ", "decided_on": "2026-11-20"}
    serial = (await own.get("/v1/certificates")).json()["items"][1]["serial"]
    await own.post(f"/v1/certificates/{serial}/revocation", json=revoked)
    answer = await own.get("/v1/certificates.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="certificates.csv"'
    rows = table(answer.content)
    assert [row["Số vào sổ"] for row in rows] == ["1", "2", "3"]
    assert [row["Tình trạng"] for row in rows] == ["Còn giá trị", "Đã bị thu hồi", "Còn giá trị"]
    first = rows[0]
    assert (first["Sổ gốc"], first["Bậc"], first["Ngày cấp"]) == (
        "DHV/KNLNN/2026",
        "Bậc 4",
        "01/10/2026",
    )
    assert (first["Ngoại ngữ"], first["Số giấy tờ tùy thân"]) == ("Tiếng Anh", "********0001")
    english = workbook(
        (await own.get("/v1/certificates.xlsx", headers={"Accept-Language": "en"})).content
    )
    assert [row["Status"] for row in english] == ["Valid", "Revoked", "Valid"]
    assert english[0]["Full name"] == "Nguyễn Thị Ví Dụ"
    assert len(table((await client.get("/v1/certificates.csv")).content)) == 4
    for other in ("?institution=DHX", "?year=2025"):
        assert table((await own.get(f"/v1/certificates.csv{other}")).content) == []
    assert (
        await certification.client("agency", agency="H56").get("/v1/certificates.csv")
    ).status_code == 403


async def test_results_as_they_stand_now(
    certification: RunningService, authorise: Authorise
) -> None:
    client = certification.client("institution", institution="DHV")
    made = (await client.post("/v1/results", json=sheet(1, issued_on="2026-10-01"))).json()
    absent = sheet(2)
    del absent["scores"]
    absent["candidate"] |= {"attendance": "absent", "full_name": "-Ví Dụ"}
    await client.post("/v1/results", json=absent)
    version = {"reason": "remarking", "decision_number": "12/QĐ", "decided_on": "2026-11-10"}
    path = f"/v1/results/{made['result_id']}/versions"
    await client.post(path, json={**version, "scores": scores(34)})
    by_accept = await client.get("/v1/results", headers={"Accept": "text/csv"})
    assert by_accept.content == (await client.get("/v1/results.csv")).content
    first, second = table(by_accept.content)
    assert (first["Bậc"], first["Điểm chung"], first["Tình trạng"]) == (
        "Bậc 5",
        "8,5",
        "Còn giá trị",
    )
    assert (first["Ngày thi"], first["Ngày cấp"]) == ("20/09/2026", "10/11/2026")
    assert (second["Tình trạng dự thi"], second["Bậc"], second["Số hiệu"]) == ("vắng", "", "")
    assert second["Họ và tên"] == "'-Ví Dụ"
    by_accept = await client.get("/v1/results?session=none", headers={"Accept": XLSX})
    assert workbook(by_accept.content) == []
    refused = await client.get("/v1/results", headers={"Accept": "image/png"})
    assert (refused.status_code, refused.json()["code"]) == (406, "not_acceptable")


async def test_evidence_with_what_was_decided(certification: RunningService, tree: None) -> None:
    clerk = certification.client("agency", agency="H56.09")
    filed = (await clerk.post("/v1/evidence", json=evidence())).json()
    decision = {"decision_number": "118/QĐ-SNV", "decided_on": "2026-02-02", "level": 4}
    admin = certification.client()
    await admin.post(f"/v1/evidence/{filed['evidence_id']}/acceptance", json=decision)
    (row,) = table((await clerk.get("/v1/evidence.csv")).content)
    assert (row["Loại minh chứng"], row["Bậc"]) == ("Chứng chỉ quốc tế", "Bậc 4")
    assert (row["Quyết định công nhận"], row["Ngày công nhận"]) == ("118/QĐ-SNV", "02/02/2026")
    assert (row["Số giấy tờ tùy thân"], row["Mã cơ quan nộp"]) == ("********0001", "H56.09")
    other = certification.client("agency", agency="H30")
    assert table((await other.get("/v1/evidence.csv")).content) == []
    assert (await clerk.get("/v1/evidence.csv?kind=language_degree")).status_code == 200
    assert (
        await certification.client("institution", institution="DHV").get("/v1/evidence.csv")
    ).status_code == 404


async def test_a_long_list_is_read_in_pages_and_each_page_is_in_the_trail(
    certification: RunningService, authorise: Authorise, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.listing.declared.PAGE", 2)
    client = certification.client()
    await client.post("/v1/results/batch", json=[sheet(number) for number in range(1, 6)])
    reader = certification.client("auditor", subject="reader")
    rows = table((await reader.get("/v1/certificates.csv")).content)
    assert [row["Số vào sổ"] for row in rows] == ["1", "2", "3", "4", "5"]
    async with certification.database.pool.acquire() as connection:
        trail = await connection.fetch("SELECT detail FROM audit WHERE caller = 'reader'")
    assert len(trail) == 3
    assert all(any(row["Số hiệu"] in str(line["detail"]) for line in trail) for row in rows)


async def test_a_sheet_names_foreigners_and_own_decisions(
    certification: RunningService, authorise: Authorise
) -> None:
    """What the JSON body can say, a row can say: a passport, the framework, the decision and the book."""
    headings = (
        "Mã đơn vị;Mã kỳ thi;Ngày thi;Khung năng lực;Bài thi;Ngoại ngữ;SBD;Số CCCD;Loại giấy tờ khác;"
        "Nước cấp giấy tờ;Số giấy tờ khác;Họ và tên;Ngày sinh;Nghe;Đọc;Viết;Nói;Ngày cấp;Số hiệu;"
        "Số vào sổ;Tên sổ gốc;Số quyết định;Ngày quyết định"
    )
    row = (
        "DHV;2026-09;20/09/2026;KNLNNVN-2014;VSTEP.3-5;en;1;;Hộ chiếu;LA;PA0012345;Somchai V.;"
        "02/05/1990;6,5;7;5,5;6;05/10/2026;A1;01;Sổ 1;9/QĐ;01/10/2026"
    )
    client = certification.client()
    answer = await client.post(
        "/v1/results/batch",
        content=f"{headings}\n{row}".encode(),
        headers={"Content-Type": "text/csv"},
    )
    assert answer.json()["recorded"] == 1, answer.text
    (held,) = (await client.get("/v1/results")).json()["items"]
    candidate = held["candidate"]
    assert (candidate["identity_type"], candidate["identity_country"]) == ("passport", "LA")
    assert held["exam_session"]["framework"] == "KNLNNVN-2014"
    (certificate,) = (await client.get("/v1/certificates")).json()["items"]
    assert (certificate["register_book"], certificate["register_number"]) == ("Sổ 1", "01")
    assert certificate["decision_number"] == "9/QĐ"


async def test_a_clerk_s_sheet_names_foreigners(certification: RunningService, tree: None) -> None:
    headings = (
        "Loại giấy tờ khác;Nước cấp giấy tờ;Số giấy tờ khác;Họ và tên;Ngày sinh;Loại minh chứng;"
        "Ngoại ngữ;Ngày cấp;Bài thi"
    )
    row = "Hộ chiếu;LA;PA0012345;Somchai V.;1990;Chứng chỉ quốc tế;en;10/02/2025;IELTS"
    clerk = certification.client("agency", agency="H56.09")
    answer = await clerk.post(
        "/v1/evidence/import",
        content=f"{headings}\n{row}\n{row.replace('PA0012345', '')}".encode(),
        headers={"Content-Type": "text/csv"},
    )
    report = answer.json()
    assert report["recorded"] == 1, answer.text
    assert [each["row"] for each in report["errors"]] == [2]
