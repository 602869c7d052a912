"""A wrong code or a wrong number in a row: nobody's record is overwritten by it in silence."""

from __future__ import annotations

from typing import Any

import pytest

from tests.making.rosters import citizen, official, plant_tree, post, row, send
from tests.running import RunningService

PATH = "/v1/officials/import"
OTHER_NAME = {"full_name": "Trần Thị Khác", "sex": None}


@pytest.fixture
async def service(enrolment: RunningService) -> RunningService:
    await plant_tree(enrolment.client())
    await send(enrolment.client(), PATH, [row(1)])
    return enrolment


def codes(lines: list[dict[str, Any]]) -> list[str]:
    return [line["code"] for line in lines]


@pytest.mark.parametrize(
    "others", [OTHER_NAME, {"birth_date": "1985-04-02"}, OTHER_NAME | {"birth_date": "1985"}]
)
async def test_a_row_of_somebody_else_under_a_code_in_use_is_refused(
    service: RunningService, others: dict[str, Any]
) -> None:
    admin = service.client()
    before = (await admin.get("/v1/officials/O-000001")).json()
    mistyped = row(2, post("X.B", valid_from="2026-01-01"), **others)
    report = await send(admin, PATH, [mistyped | {"official_code": "O-000001"}, row(3)])
    assert (report["rejected"], report["created"]) == (1, 1), report
    (line,) = report["errors"]
    assert (line["pointer"], line["code"]) == ("/official_code", "official_code_in_use")
    assert "người khác" in line["message"]
    assert citizen(2) not in line["message"]
    assert (await admin.get("/v1/officials/O-000001")).json() == before


async def test_a_row_without_a_number_of_another_name_and_birth_date_is_refused(
    service: RunningService,
) -> None:
    admin = service.client()
    other = row(1, **OTHER_NAME, birth_date="1990-01-01")
    del other["citizen_id"]
    report = await send(admin, PATH, [other])
    assert codes(report["errors"]) == ["official_code_in_use"], report
    del other["official_code"]
    put = await admin.put("/v1/officials/O-000001", json=other, headers={"If-Match": '"1"'})
    assert codes(put.json()["warnings"]) == ["other_person_suspected"]
    await admin.put("/v1/officials/O-000001", json=official(1), headers={"If-Match": "*"})
    masked = row(1, **OTHER_NAME, birth_date="1991-01-01", citizen_id="********0001")
    report = await send(admin, PATH, [masked])
    assert (report["updated"], report["rejected"]) == (1, 0), report
    married = row(1, birth_date="1991-01-01", full_name="Nguyễn Văn Đổi Tên")
    del married["citizen_id"]
    report = await send(admin, PATH, [married])
    assert (report["updated"], report["rejected"]) == (1, 0), report


@pytest.mark.parametrize("name", ["Nguyễn Văn Ví Dụ", "NGUYỄN VĂN VÍ DỤ", "Nguyen Van Vi Du"])
async def test_another_number_of_the_same_person_is_taken_with_a_warning(
    service: RunningService, name: str
) -> None:
    admin = service.client("admin", scope="pii:read")
    changed = row(2, full_name=name, identity_reason="new_number") | {"official_code": "O-000001"}
    report = await send(admin, PATH, [changed])
    assert (report["updated"], report["rejected"]) == (1, 0), report
    (line,) = report["warnings"]
    assert (line["pointer"], line["code"]) == ("/citizen_id", "identity_number_changed")
    assert "former_identities" in line["message"]
    assert citizen(1) not in line["message"]
    shown = (await admin.get("/v1/officials/O-000001")).json()
    assert [each["number"] for each in shown["former_identities"]] == [citizen(1)]
    again = await send(admin, PATH, [row(2, full_name=name) | {"official_code": "O-000001"}])
    assert (again["unchanged"], again["warnings"]) == (1, [])


async def test_a_number_known_as_a_former_one_tells_that_the_person_is_the_same(
    service: RunningService,
) -> None:
    admin = service.client()
    passport = {"type": "passport", "country": "LA", "number": "N1234567"}
    renamed = official(1, full_name="Nguyễn Văn Khác") | {"identity": passport}
    del renamed["citizen_id"]
    known = renamed | {
        "official_code": "O-000001",
        "identity_reason": "new_number",
        "former_identities": [{"type": "citizen_id", "country": "VN", "number": citizen(1)}],
    }
    report = await send(admin, PATH, [known])
    assert (report["updated"], report["rejected"]) == (1, 0), report


async def test_a_deliberate_put_changes_name_and_number_and_is_told(
    service: RunningService,
) -> None:
    clerk = service.client("agency", agency="X.A")
    changed = official(2, full_name="Trần Văn Khác", identity_reason="clerical")
    put = await clerk.put("/v1/officials/O-000001", json=changed, headers={"If-Match": '"1"'})
    assert put.status_code == 200, put.text
    assert codes(put.json()["warnings"]) == ["other_person_suspected", "identity_number_changed"]
    freed = changed | {"former_identities": []}
    put = await clerk.put("/v1/officials/O-000001", json=freed, headers={"If-Match": '"2"'})
    assert put.json()["warnings"] == []


async def test_a_number_that_is_anothers_is_refused_alike_whether_present_or_former(
    service: RunningService,
) -> None:
    admin = service.client()
    reason = {"identity_reason": "new_number"}
    await send(admin, PATH, [row(2, **reason) | {"official_code": "O-000001"}])
    lines = []
    for number in (1, 2):
        wanted = row(number, **OTHER_NAME) | {"official_code": "O-000009"}
        report = await send(admin, PATH, [wanted])
        lines += report["errors"]
    former, present = lines
    assert former == present
    assert (former["pointer"], former["code"]) == ("/citizen_id", "citizen_already_registered")
    assert "số cũ" in former["message"]
    assert "O-000001" not in former["message"]
    # Of two in one file: the first changes their number, the second has the number left behind.
    both = [
        row(7, **reason) | {"official_code": "O-000001"},
        row(2, **OTHER_NAME) | {"official_code": "O-000008"},
    ]
    report = await send(admin, PATH, both)
    (line,) = report["errors"]
    assert (line["row"], line["code"]) == (2, "citizen_already_registered")
    freed = official(7, former_identities=[], identity_reason="clerical")
    await admin.put("/v1/officials/O-000001", json=freed, headers={"If-Match": "*"})
    report = await send(admin, PATH, [row(1, **OTHER_NAME) | {"official_code": "O-000009"}])
    assert (report["created"], report["rejected"]) == (1, 0), report
