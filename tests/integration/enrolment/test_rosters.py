"""Rosters in the forms that clerks have."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import msgspec
import pytest
import xlsxwriter

from tests.making.rosters import citizen, plant_tree, post, row, send
from tests.running import RunningService

PATH = "/v1/officials/import"


@pytest.fixture
async def service(enrolment: RunningService) -> RunningService:
    await plant_tree(enrolment.client())
    return enrolment


def counts(report: dict[str, Any]) -> tuple[int, int, int, int, int]:
    return tuple(
        report[name] for name in ("received", "created", "updated", "unchanged", "rejected")
    )  # type: ignore[return-value]


async def test_the_same_file_twice_changes_nothing(service: RunningService) -> None:
    admin = service.client()
    rows = [row(n, post("X.A" if n % 2 else "Y.A")) for n in range(1, 2301)]
    assert counts(await send(admin, PATH, rows)) == (2300, 2300, 0, 0, 0)
    assert counts(await send(admin, PATH, rows)) == (2300, 0, 0, 2300, 0)
    events = await service.events()
    assert sum(e["type"] == "vn.bac.official.changed.v1" for e in events) == 2300
    rows[7]["full_name"] = "Trần Thị Khác"
    assert counts(await send(admin, PATH, rows)) == (2300, 0, 1, 2299, 0)


async def test_one_file_sent_four_times_at_once_registers_everybody_once(
    service: RunningService,
) -> None:
    rows = [row(n, post("X.A")) for n in range(1, 601)]
    senders = [service.client("admin", subject=f"clerk-{n}") for n in range(4)]
    reports = await asyncio.gather(*(send(sender, PATH, rows) for sender in senders))
    assert sum(report["created"] for report in reports) == 600
    assert sum(report["unchanged"] for report in reports) == 1800
    assert [report["rejected"] for report in reports] == [0] * 4
    events = await service.events()
    assert sum(e["type"] == "vn.bac.official.changed.v1" for e in events) == 600


async def test_good_rows_stand_and_bad_rows_are_named(service: RunningService) -> None:
    admin = service.client()
    lines = [
        msgspec.json.encode(row(1)),
        b"",
        b"{ broken",
        msgspec.json.encode(row(2, citizen_id="123")),
        msgspec.json.encode(row(3, post("nowhere"))),
        msgspec.json.encode(row(4) | {"citizen_id": citizen(1)}),
        msgspec.json.encode(row(5, full_name="a\x00b")),
        msgspec.json.encode(row(6)),
    ]
    answer = await admin.post(
        PATH, content=b"\n".join(lines), headers={"Content-Type": "application/x-ndjson"}
    )
    report = answer.json()
    assert counts(report) == (7, 2, 0, 0, 5)
    assert [(e["row"], e["code"]) for e in report["errors"]] == [
        (2, "row_malformed"),
        (3, "citizen_id_malformed"),
        (4, "agency_unknown"),
        (5, "citizen_already_registered"),
        (6, "control_character"),
    ]
    assert citizen(1) not in answer.text


async def test_two_primaries_in_one_file_are_refused_near_and_far(service: RunningService) -> None:
    admin = service.client()
    near = [row(1, post("X.A")), row(1, post("X.B", valid_from="2020-01-01")), row(2)]
    report = await send(admin, PATH, near)
    assert [(e["row"], e["code"]) for e in report["errors"]] == [
        (1, "two_primaries"),
        (2, "two_primaries"),
    ]
    assert report["created"] == 1
    far = [row(n) for n in range(10, 2210)]
    far.append(row(10, post("X.B", valid_from="2020-01-01")))
    far.append(row(11))
    for _ in range(2):
        report = await send(admin, PATH, far)
        assert [(e["row"], e["code"]) for e in report["errors"]] == [(2201, "two_primaries")]
    assert report["unchanged"] == 2201


async def test_one_assignment_on_each_row_makes_one_official(service: RunningService) -> None:
    admin = service.client()
    rows = [
        row(1, post("X.A", valid_to="2019-12-31")),
        row(1, post("X.B", valid_from="2020-01-01")),
        row(1, post("Y.A", posting="concurrent", primary=False)),
    ]
    assert counts(await send(admin, PATH, rows)) == (3, 1, 2, 0, 0)
    assert counts(await send(admin, PATH, rows)) == (3, 0, 0, 3, 0)
    assert len((await admin.get("/v1/officials/O-000001")).json()["assignments"]) == 3
    other = [row(2), row(2, post("X.B", primary=False), full_name="Người Khác Hẳn")]
    report = await send(admin, PATH, other)
    assert [(e["row"], e["code"]) for e in report["errors"]] == [(2, "row_contradicts")]


async def test_a_workbook_as_a_clerk_sends_it(service: RunningService) -> None:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet()
    sheet.merge_range(0, 0, 0, 6, "DANH SÁCH CÁN BỘ, CÔNG CHỨC, VIÊN CHỨC")
    headings = ["Mã CBCCVC", "Số CCCD", "Họ và tên", "Ngày sinh", "Giới tính", "Mã cơ quan"]
    headings += ["Đối tượng", "Chức vụ", "Từ ngày", "Vị trí chính"]
    for n, heading in enumerate(headings):
        sheet.write(1, n, heading)
    sheet.write_row(
        2,
        0,
        [
            *("O-1", 38085000001, "Nguyễn  Thị  A", "02/03/1985", "Nam", "X.A"),
            *("Công chức", "Chuyên viên", 43344, "x"),
        ],
    )
    sheet.write_row(
        3,
        0,
        [
            *("O-2", "038085000002", "Le\u0302 Va\u0306n B", 31108, "nam", "X.A"),
            *("viên chức", "Bác sĩ", "01/09/2018", ""),
        ],
    )
    sheet.write_row(4, 0, ["O-3", "12", "C", "1985", "nam", "X.A", "khác", "?", "31/02/2018", ""])
    book.close()
    admin = service.client()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = await admin.post(PATH, content=stream.getvalue(), headers={"Content-Type": kind})
    report = answer.json()
    assert counts(report) == (3, 2, 0, 0, 1), report
    assert "leading_zeros_restored" in {w["code"] for w in report["warnings"]}
    first = (await service.client(scope="pii:read").get("/v1/officials/O-1")).json()
    assert first["citizen_id"] == "038085000001"
    assert first["full_name"] == "Nguyễn Thị A"
    assert first["assignments"][0]["valid_from"] == "2018-09-01"
    second = (await admin.get("/v1/officials/O-2")).json()
    assert (second["full_name"], second["birth_date"]) == ("Lê Văn B", "1985-03-02")
    assert all("/" in e["pointer"] and e["message"] for e in report["errors"])
    assert {(e["pointer"], e["column"], e["place"]) for e in report["errors"]} == {
        ("/citizen_id", "Số CCCD", 5),
        ("/assignments/0/status", "Đối tượng", 5),
        ("/assignments/0/valid_from", "Từ ngày", 5),
    }
    (status,) = [e["message"] for e in report["errors"] if e["column"] == "Đối tượng"]
    assert "“Cán bộ”, “Công chức”, “Viên chức”" in status
    assert "khác" not in status


async def test_a_sheet_takes_the_words_for_the_sexes_that_json_takes(
    service: RunningService,
) -> None:
    head = "Mã cán bộ;Số CCCD;Họ và tên;Ngày sinh;Giới tính;Mã cơ quan;Đối tượng;Chức danh;Từ ngày"
    words = {"M": "male", "F": "female", "nam": "male", "Nữ": "female", "nu": "female"}
    lines = [
        f"O-{n};{citizen(n)};Vũ Ví Dụ;02/03/1985;{word};X.A;Công chức;Chuyên viên;01/09/2018"
        for n, word in enumerate(words)
    ]
    text = "\n".join([head, *lines])
    answer = await service.client().post(
        PATH, content=text.encode(), headers={"Content-Type": "text/csv"}
    )
    assert answer.json()["rejected"] == 0, answer.text
    rows = [row(10 + n, sex=word) for n, word in enumerate(words)]
    assert (await send(service.client(), PATH, rows))["rejected"] == 0
    for n, sex in enumerate(words.values()):
        for code in (f"O-{n}", f"O-{10 + n:06d}"):
            shown = (await service.client().get(f"/v1/officials/{code}")).json()
            assert shown["sex"] == sex


async def test_what_is_exported_is_what_is_imported(service: RunningService) -> None:
    admin = service.client("admin", scope="pii:read")
    await send(admin, PATH, [row(1, post("X.A", leadership="division")), row(2, post("Y.A"))])
    for suffix, kind in (
        ("csv", "text/csv"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ):
        file = await admin.get(f"/v1/officials.{suffix}")
        assert file.status_code == 200
        by_accept = await admin.get("/v1/officials", headers={"Accept": kind})
        assert by_accept.headers["content-type"].startswith(kind)
        answer = await admin.post(PATH, content=file.content, headers={"Content-Type": kind})
        report = answer.json()
        assert counts(report) == (2, 0, 0, 2, 0), report
    clerk = service.client("agency", agency="X.A")
    text = (await clerk.get("/v1/officials.csv")).text
    assert "O-000001" in text
    assert "O-000002" not in text
    assert citizen(1) not in text


async def test_the_template_is_taken_back_as_it_is(service: RunningService) -> None:
    admin = service.client()
    file = await admin.get("/v1/officials/import/template")
    kind = file.headers["content-type"]
    answer = await admin.post(PATH, content=file.content, headers={"Content-Type": kind})
    assert answer.status_code == 200, answer.text
    assert answer.json()["received"] == 0


async def test_a_complete_roster_names_whom_it_leaves_out(service: RunningService) -> None:
    admin = service.client()
    away = post("X.B", posting="secondment", primary=False, valid_from="2020-01-01")
    await send(
        admin,
        PATH,
        [row(1), row(2, post("X.A.1")), row(3, post("Y.A")), row(4, post("Y.A"), away)],
    )
    report = await send(admin, PATH, [row(1)], complete_for="X", as_of="2026-01-01")
    assert report["not_listed"] == ["O-000002"]
    assert (await admin.get("/v1/officials/O-000002")).json()["assignments"][0]["valid_to"] is None
    before = await send(admin, PATH, [row(1)], complete_for="X", as_of="2010-01-01")
    assert before["not_listed"] == []
    clerk = service.client("agency", agency="X.A")
    refused = await clerk.post(PATH, json=[], params={"complete_for": "Y"})
    assert refused.status_code == 404


@pytest.mark.parametrize("form", ["application/json", "application/x-ndjson", "text/csv"])
async def test_whoever_is_named_in_a_row_that_cannot_be_taken_is_not_missing_from_the_file(
    service: RunningService, form: str
) -> None:
    """Whoever ended the people of `not_listed` would end somebody because of a slip in a date."""
    clerk = service.client("agency", agency="X.A")
    await send(clerk, PATH, [row(number) for number in range(1, 6)])
    wrong = [
        {"official_code": "O-000002", "full_name": "A", "birth_date": "31/02/1985"},
        {"official_code": " O-000003", "full_name": "A", "birth_date": "1985", "valid_from": "x"},
        {"official_code": "O-000004", "full_name": 5 if form != "text/csv" else ""},
    ]
    if form == "text/csv":
        heading = "Mã cán bộ;Họ và tên;Ngày sinh;Mã cơ quan;Đối tượng;Chức danh;Từ ngày\n"
        body = heading + "".join(
            f"{each['official_code']};{each['full_name']};{each.get('birth_date', '')};X.A;Công chức;"
            f"CV;{each.get('valid_from', '01/09/2018')}\n"
            for each in wrong
        )
    elif form == "application/json":
        body = json.dumps([*wrong, "O-000001", None, {"official_code": 5}])
    else:
        body = "\n".join([*map(json.dumps, wrong), "{broken", '{"official_code": 5}'])
    answer = await clerk.post(
        PATH, content=body.encode(), headers={"Content-Type": form}, params={"complete_for": "X.A"}
    )
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert report["rejected"] == report["received"]
    assert report["not_listed"] == ["O-000001", "O-000005"]


async def test_a_body_out_of_scope_is_unknown_to_a_clerk(service: RunningService) -> None:
    clerk = service.client("agency", agency="X.A")
    report = await send(clerk, PATH, [row(1, post("Y.A")), row(2, post("X.A.1"))])
    assert [(e["row"], e["code"]) for e in report["errors"]] == [(1, "agency_unknown")]
    school = service.client("institution", institution="VINH")
    assert (await school.post(PATH, json=[])).status_code == 404
    reader = service.client("auditor")
    assert (await reader.post(PATH, json=[])).status_code == 403


async def test_the_report_is_stored_under_its_key(service: RunningService) -> None:
    admin = service.client()
    headers = {"Idempotency-Key": "roster-1"}
    first = await admin.post(PATH, json=[row(1)], headers=headers)
    again = await admin.post(PATH, json=[row(1)], headers=headers)
    assert first.json() == again.json()
    assert first.json()["created"] == 1


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b'{"a": 1}', 422),
        ("application/json", b'[{"official_code": "O-1"}', 422),
        ("application/pdf", b"x", 415),
        ("application/vnd.ms-excel", b"x", 422),
        ("application/msword", b"x", 415),
        ("text/csv", b"a,b\n1,2\n", 422),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK", 422),
        ("application/json", b"\xff\xfe[\x00", 422),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused_as_a_whole(
    service: RunningService, kind: str, body: bytes, status: int
) -> None:
    answer = await service.client().post(PATH, content=body, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_an_unknown_body_and_a_bad_date_of_one_row_are_both_told(
    service: RunningService,
) -> None:
    """As JSON, as CSV, where a rule refuses the row, and with nothing but such rows in the file."""
    admin = service.client()
    told = {
        ("/assignments/0/agency_code", "agency_unknown"),
        ("/assignments/0/valid_from", "invalid_value"),
    }
    report = await send(admin, PATH, [row(1, post("NOWHERE", valid_from="2018-02-31"))])
    assert {(each["pointer"], each["code"]) for each in report["errors"]} == told
    assert (report["received"], report["rejected"]) == (1, 1)
    head = "Mã CBCCVC;Họ và tên;Số CCCD;Ngày sinh;Giới tính;Mã cơ quan;Đối tượng;Chức vụ;Từ ngày\n"
    line = (
        f"O-1;Nguyễn Văn An;{citizen(1)};02/03/1985;Nam;NOWHERE;Công chức;Chuyên viên;31/02/2018\n"
    )
    answer = await admin.post(
        PATH, content=(head + line).encode(), headers={"Content-Type": "text/csv"}
    )
    codes = {(each["pointer"], each["code"]) for each in answer.json()["errors"]}
    assert ("/assignments/0/agency_code", "agency_unknown") in codes, answer.text
    assert ("/assignments/0/valid_from", "date_invalid") in codes
    early = row(1, post("NOWHERE", valid_from="2018-09-01", valid_to="2017-01-01"))
    report = await send(admin, PATH, [early])
    assert {each["pointer"] for each in report["errors"]} >= {
        "/assignments/0/agency_code",
        "/assignments/0/valid_to",
    }


async def test_what_is_not_storable_asks_nothing_of_the_database(service: RunningService) -> None:
    rows = [row(1, post("a\x00b")), row(2, post("x" * 5000)), row(3, post("\ud800"))]
    body = json.dumps(rows).encode()
    answer = await service.client().post(
        PATH, content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["rejected"] == 3
