"""POST /v1/evidence/import, and what filing and deciding ask of enrolment."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import pytest
import xlsxwriter

from tests.making.certification import agency, evidence, learn
from tests.running import RunningService

NDJSON = {"Content-Type": "application/x-ndjson"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
IMPORT = "/v1/evidence/import"


def numbered(count: int, **changes: Any) -> list[dict[str, Any]]:
    return [evidence(certificate_number=f"N{n}", **changes) for n in range(1, count + 1)]


@pytest.mark.parametrize("form", ["rows", "csv"])
async def test_an_unknown_body_and_another_fault_of_one_row_are_both_told(
    certification: RunningService, tree: None, form: str
) -> None:
    clerk = certification.client("agency", agency="H56.09")
    if form == "rows":
        row = evidence(agency_code="H99", dated="2027-01-01", kind="horoscope")
        answer = await clerk.post(IMPORT, json=[row])
        expected = {("/agency_code", "not_found"), ("/kind", "not_in_list")}
    else:
        head = "Số CCCD;Họ và tên;Ngày sinh;Loại minh chứng;Mã ngoại ngữ;Ngày cấp;Mã cơ quan"
        row = "038190000001;Nguyễn Thị Ví Dụ;02/05/1990;Bằng ngoại ngữ;en;31/02/2020;H99"
        answer = await clerk.post(
            IMPORT, content=f"{head}\n{row}\n".encode(), headers={"Content-Type": "text/csv"}
        )
        expected = {("/agency_code", "not_found"), ("/dated", "date_invalid")}
    assert answer.status_code == 200, answer.text
    told = {(each["pointer"], each["code"]) for each in answer.json()["errors"]}
    assert told >= expected, answer.text


async def test_good_rows_stand_and_bad_rows_are_named(
    certification: RunningService, tree: None
) -> None:
    clerk = certification.client("agency", agency="H56.09")
    rows: list[Any] = [
        evidence(),
        b"{broken",
        evidence(dated="2027-01-01"),
        b"",
        evidence(agency_code="H30"),
        evidence(agency_code="H99"),
        evidence(agency_code="H56.09.TTYT"),
        evidence(scores={"overall": 7.0}),
        evidence(kind="horoscope"),
        evidence(),
        evidence(person={**evidence()["person"], "birth_date": "1990-02-31"}),
        ["no", "object"],
        evidence(language="vi"),
    ]
    content = b"\n".join(
        row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows
    )
    answer = await clerk.post(IMPORT, content=content, headers=NDJSON)
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert (report["received"], report["recorded"], report["duplicates"]) == (12, 2, 1)
    assert report["rejected"] == 9
    assert [(error["row"], error["pointer"], error["code"]) for error in report["errors"]] == [
        (2, "", "row_malformed"),
        (3, "/dated", "evidence_dates_impossible"),
        (4, "/agency_code", "not_found"),
        (5, "/agency_code", "not_found"),
        (7, "/scores/overall", "evidence_conflict"),
        (8, "/kind", "not_in_list"),
        (10, "/person", "invalid_value"),
        (11, "", "wrong_type"),
        (12, "/language", "language_unknown"),
    ]
    assert "Nguyễn" not in answer.text
    assert "038190" not in answer.text
    events = await certification.events()
    assert [event["type"].split(".")[3] for event in events] == ["recorded", "recorded"]
    again = (await clerk.post(IMPORT, content=content, headers=NDJSON)).json()
    assert (again["recorded"], again["duplicates"], again["rejected"]) == (0, 3, 9)
    assert len(await certification.events()) == 2


async def test_a_paper_filed_alone_and_in_a_file_is_one(
    certification: RunningService, tree: None
) -> None:
    clerk = certification.client("agency", agency="H56.09")
    first = await clerk.post("/v1/evidence", json=evidence())
    report = (await clerk.post(IMPORT, json=[evidence(), evidence(certificate_number="B")])).json()
    assert (report["recorded"], report["duplicates"]) == (1, 1)
    items = (await clerk.get("/v1/evidence")).json()["items"]
    assert items[0]["evidence_id"] == first.json()["evidence_id"]
    alone = await clerk.post("/v1/evidence", json=evidence(certificate_number="B"))
    assert (alone.status_code, alone.json()["evidence_id"]) == (200, items[1]["evidence_id"])


async def test_files_of_many_chunks_keep_their_order_and_are_audited(
    certification: RunningService, tree: None
) -> None:
    clerk = certification.client("agency", agency="H56.09")
    report = (await clerk.post(IMPORT, json=numbered(2300))).json()
    assert (report["received"], report["recorded"], report["rejected"]) == (2300, 2300, 0)
    page = (await clerk.get("/v1/evidence", params={"limit": 500})).json()
    assert [item["certificate_number"] for item in page["items"]] == [
        f"N{n}" for n in range(1, 501)
    ]
    async with certification.database.pool.acquire() as connection:
        lines = await connection.fetch(
            "SELECT caller, subject, detail FROM audit WHERE action = 'evidence.file'"
        )
    assert [line["subject"] for line in lines] == ["evidence:1000", "evidence:1000", "evidence:300"]
    assert sum(len(json.loads(line["detail"])["evidence"]) for line in lines) == 2300


async def test_the_same_file_from_many_at_once_is_filed_once(
    certification: RunningService, tree: None
) -> None:
    clerks = [
        certification.client("agency", agency="H56.09", subject=f"clerk-{turn}")
        for turn in range(6)
    ]
    rows = numbered(300)
    reports = await asyncio.gather(
        *(
            clerk.post(IMPORT, json=rows if turn % 2 else rows[::-1])
            for turn, clerk in enumerate(clerks)
        )
    )
    assert {answer.status_code for answer in reports} == {200}
    assert sum(answer.json()["recorded"] for answer in reports) == 300
    assert sum(answer.json()["duplicates"] for answer in reports) == 1500


async def test_the_report_is_stored_under_its_key(
    certification: RunningService, tree: None
) -> None:
    clerk = certification.client("agency", agency="H56.09")
    key = {"Idempotency-Key": "papers-1"}
    first = await clerk.post(IMPORT, json=[evidence()], headers=key)
    assert (await clerk.post(IMPORT, json=[evidence()], headers=key)).text == first.text
    other = await clerk.post(IMPORT, json=numbered(2), headers=key)
    assert other.json()["code"] == "idempotency_key_reused"


HEADINGS = [
    "STT", "Số CCCD", "Họ và tên", "Ngày sinh", "Loại chứng chỉ", "Mã ngoại ngữ", "Ngày cấp",
    "Tên chứng chỉ", "Số hiệu", "Nơi cấp", "Tổng điểm", "Hạng", "Mã đơn vị",
]  # fmt: skip
TYPED = [
    "1", "38190000001", "Nguyễn  Thị Ví Dụ", "02/05/1990", "Chứng chỉ quốc tế", "Tiếng Anh", "10/02/2025",
    "IELTS", "25VN000001", "British Council", "6,5", "", "H56.09.TTYT",
]  # fmt: skip


async def _only_view(certification: RunningService) -> dict[str, Any]:
    (item,) = (await certification.client().get("/v1/evidence")).json()["items"]
    found: dict[str, Any] = item
    return found


async def test_a_csv_as_excel_saves_it_is_taken(certification: RunningService, tree: None) -> None:
    clerk = certification.client("agency", agency="H56.09")
    content = "\r\n".join([";".join(HEADINGS), ";".join(TYPED)]).encode("utf-8-sig")
    answer = await clerk.post(IMPORT, content=content, headers={"Content-Type": "text/csv"})
    report = answer.json()
    assert (report["recorded"], report["errors"]) == (1, []), answer.text
    assert [line["code"] for line in report["warnings"]] == ["leading_zeros_restored"]
    view = await _only_view(certification)
    assert view["person"]["full_name"] == "Nguyễn Thị Ví Dụ"
    assert view["person"]["birth_date"] == "1990-05-02"
    assert (view["kind"], view["filed_by"]) == ("foreign_certificate", "H56.09.TTYT")
    assert view["language"] == "en"
    assert (view["dated"], view["scores"]) == ("2025-02-10", {"overall": 6.5})


async def test_a_workbook_with_titles_and_serial_days_is_taken(
    certification: RunningService, tree: None
) -> None:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    sheet = book.add_worksheet("Minh chứng")
    sheet.merge_range(0, 0, 0, len(HEADINGS) - 1, "DANH SÁCH MINH CHỨNG NĂM 2025")
    sheet.write_row(2, 0, HEADINGS)
    sheet.write_row(3, 0, TYPED)
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.write_number(3, 1, 38190000001)
    sheet.write_number(3, 3, 32995, day)
    sheet.write_number(3, 6, 45698, day)
    sheet.write_number(3, 10, 6.5)
    book.close()
    clerk = certification.client("agency", agency="H56.09")
    answer = await clerk.post(IMPORT, content=target.getvalue(), headers={"Content-Type": XLSX})
    assert (answer.json()["recorded"], answer.json()["errors"]) == (1, []), answer.text
    view = await _only_view(certification)
    assert (view["person"]["birth_date"], view["dated"]) == ("1990-05-02", "2025-02-10")
    assert view["scores"] == {"overall": 6.5}


async def test_who_may_not_file_alone_may_not_file_in_bulk(
    certification: RunningService, tree: None
) -> None:
    for role, who, status in (
        ("institution", {"institution": "DHV"}, 404),
        ("official", {}, 404),
        ("auditor", {}, 403),
    ):
        client = certification.client(role, **who)
        assert (await client.post(IMPORT, json=[evidence()])).status_code == status, role


class Following:
    """Stands for enrolment's feed: counts how often it is asked, and may have news or be away."""

    def __init__(self, certification: RunningService) -> None:
        self.asked = 0
        self.reachable = True
        self.news: list[Any] = []
        self._certification = certification
        certification.catch_up = self.follow

    async def follow(self) -> bool:
        self.asked += 1
        if self.reachable:
            await learn(self._certification, *self.news)
        return self.reachable


@pytest.fixture
def following(certification: RunningService, tree: None) -> Following:
    return Following(certification)


async def test_enrolment_is_asked_before_a_refusal_and_only_then(
    certification: RunningService, following: Following
) -> None:
    authority = certification.client("authority", agency="H56")
    for body in numbered(5):
        filed = await authority.post("/v1/evidence", json=body | {"agency_code": "H56.09"})
        assert filed.status_code == 201
    listed = (await authority.get("/v1/evidence")).json()["items"]
    accepted = {"decision_number": "1/QĐ", "decided_on": "2026-01-02", "level": 4}
    one, *others = [item["evidence_id"] for item in listed]
    assert (await authority.post(f"/v1/evidence/{one}/acceptance", json=accepted)).is_success
    report = await authority.post(
        "/v1/evidence/acceptances", json={**accepted, "evidence_ids": others}
    )
    assert report.json()["accepted"] == 4
    assert following.asked == 0
    following.news = [agency("H56.NEW", "H56")]
    filed = await authority.post("/v1/evidence", json=evidence(agency_code="H56.NEW"))
    assert (filed.status_code, following.asked) == (201, 1)
    unknown = await authority.post("/v1/evidence", json=evidence(agency_code="H99"))
    assert (unknown.status_code, following.asked) == (404, 2)


async def test_a_list_is_judged_by_the_newest_tree(
    certification: RunningService, following: Following
) -> None:
    filed = await certification.client("agency", agency="H56.NEW").post(
        "/v1/evidence", json=evidence()
    )
    assert filed.status_code == 201
    authority = certification.client("authority", agency="H56")
    body = {
        "decision_number": "1/QĐ",
        "decided_on": "2026-01-02",
        "level": 4,
        "evidence_ids": [filed.json()["evidence_id"]],
    }
    key = {"Idempotency-Key": "list"}
    hidden = (await authority.post("/v1/evidence/acceptances", json=body)).json()
    assert [fault["code"] for fault in hidden["errors"]] == ["not_found"]
    following.news = [agency("H56.NEW", "H56")]
    report = (await authority.post("/v1/evidence/acceptances", json=body, headers=key)).json()
    assert (report["accepted"], following.asked) == (1, 2)
    again = (await authority.post("/v1/evidence/acceptances", json=body, headers=key)).json()
    assert again == report


async def test_nothing_is_refused_while_enrolment_cannot_be_asked(
    certification: RunningService, following: Following
) -> None:
    following.reachable = False
    authority = certification.client("authority", agency="H56")
    key = {"Idempotency-Key": "k"}
    alone = await authority.post("/v1/evidence", json=evidence(agency_code="H99"), headers=key)
    assert (alone.status_code, alone.json()["code"]) == (503, "dependency_unavailable")
    rows = [evidence(agency_code="H99"), evidence(agency_code="H56.09")]
    report = (await authority.post(IMPORT, json=rows)).json()
    assert (report["recorded"], report["rejected"]) == (1, 1)
    assert [line["code"] for line in report["errors"]] == ["dependency_unavailable"]
    async with certification.database.pool.acquire() as connection:
        assert await connection.fetchval("SELECT count(*) FROM idempotency") == 0
