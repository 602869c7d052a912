"""Institutions, job positions and the facts that ship."""

from __future__ import annotations

import asyncio
import csv
import io
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.enrolment.directory.facts.use_cases import LOADER, load_facts
from shared.persistence.unit_of_work import background_work
from tests.making.directory import BODY, GRANT, NEW_BODY
from tests.making.rosters import official, plant_tree
from tests.running import RunningService


async def test_the_organisers_and_the_bodies_of_the_plans_are_there(
    enrolment: RunningService,
) -> None:
    admin = enrolment.client()
    items = (await admin.get("/v1/institutions")).json()["items"]
    assert [item["code"] for item in items] == ["CTU", "DHNNHUE", "DHTN", "SGU", "VINH"]
    assert all(a["granted_by"] == "ministry" for item in items for a in item["authorisations"])
    documents = Path("services/targets/plans/documents").glob("*.yaml")
    bodies = [yaml.safe_load(path.read_text())["body"] for path in documents]
    assert len(bodies) == 5
    for body in bodies:
        shown = (await admin.get(f"/v1/agencies/{body['agency_code']}")).json()
        assert shown["name"] == body["name"]


async def test_facts_loaded_again_change_nothing_and_never_what_somebody_changed(
    enrolment: RunningService,
) -> None:
    admin = enrolment.client()
    before = len(await enrolment.events())
    changed = await admin.put("/v1/institutions/VINH", json=BODY, headers={"If-Match": '"1"'})
    assert changed.status_code == 200
    async with background_work(enrolment.database, LOADER, enrolment.clock) as work:
        await load_facts(work)
    assert (await admin.get("/v1/institutions/VINH")).json()["name"] == "Trường Ví Dụ"
    assert len(await enrolment.events()) == before + 1


async def test_facts_told_in_an_older_form_are_told_again_but_not_what_somebody_changed(
    enrolment: RunningService,
) -> None:
    """As after an upgrade since which events of institutions say more."""
    admin = enrolment.client()
    changed = await admin.put("/v1/institutions/SGU", json=BODY, headers={"If-Match": '"1"'})
    assert changed.status_code == 200
    before = len(await enrolment.events())
    async with enrolment.database.pool.acquire() as connection:
        await connection.execute(
            "UPDATE shipped_fact SET digest = '' WHERE code IN ('VINH', 'SGU')"
        )
    for _ in range(2):
        async with background_work(enrolment.database, LOADER, enrolment.clock) as work:
            await load_facts(work)
    (told,) = (await enrolment.events())[before:]
    assert told["type"] == "vn.bac.institution.changed.v1"
    assert told["data"]["institution_name"] == "Trường Đại học Vinh"
    assert told["data"]["version"] == 2
    assert (await admin.get("/v1/institutions/SGU")).json()["name"] == "Trường Ví Dụ"


async def test_only_a_nation_wide_caller_sets_what_the_ministry_granted(
    enrolment: RunningService,
) -> None:
    path = "/v1/institutions/NEW"
    province = enrolment.client("authority", agency="H56")
    assert (await province.put(path, json=BODY)).status_code == 403
    own = BODY | {"authorisations": [GRANT | {"granted_by": "province", "province_code": "38"}]}
    assert (await province.put(path, json=own)).status_code == 201
    again = await province.put(path, json=own, headers={"If-Match": "*"})
    assert again.headers["etag"] == '"1"'
    assert (await enrolment.client("agency", agency="H56").put(path, json=own)).status_code == 403
    school = enrolment.client("institution", institution="NEW")
    assert (await school.get(path)).json()["authorisations"][0]["granted_by"] == "province"
    for wrong in (
        {"granted_by": "province"},
        {"province_code": "45", "valid_from": "2025-07-01"},
        {"valid_to": "2019-01-01"},
        {"levels": [7]},
        {"language": "\x00"},
    ):
        body = BODY | {"authorisations": [GRANT | wrong]}
        assert (await enrolment.client().put("/v1/institutions/W", json=body)).status_code == 422


async def test_a_province_changes_its_own_assignments_of_task_and_no_others(
    enrolment: RunningService,
) -> None:
    admin, path = enrolment.client(), "/v1/institutions/NEW"
    here = GRANT | {"granted_by": "province", "province_code": "38", "activity": "training"}
    there = here | {"province_code": "79"}
    other = here | {"granted_by": "other", "province_code": None}
    held = [GRANT, there, other, here]
    assert (await admin.put(path, json=BODY | {"authorisations": held})).status_code == 201
    province = enrolment.client("authority", agency="H56")
    ended = here | {"valid_to": "2026-12-31"}
    for refused, code, pointer in (
        ([there, other, here], "of_the_ministry", "/authorisations"),
        ([GRANT | {"levels": [4]}, there, other, here], "of_the_ministry", "/authorisations/0"),
        ([GRANT, other, here], "of_another_grantor", "/authorisations"),
        ([GRANT, there, here], "of_another_grantor", "/authorisations"),
        ([*held, there | {"levels": [1]}], "of_another_grantor", "/authorisations/4"),
        ([*held, other | {"levels": [1]}], "of_another_grantor", "/authorisations/4"),
    ):
        body = BODY | {"authorisations": refused}
        answer = await province.put(path, json=body, headers={"If-Match": "*"})
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), answer.text
        (fault,) = answer.json()["errors"]
        assert (fault["code"], fault["pointer"]) == (code, pointer)
    renamed = BODY | {"name": "Tên khác", "authorisations": held}
    answer = await province.put(path, json=renamed, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (403, "/name")
    body = BODY | {"authorisations": [ended, other, there, GRANT]}
    answer = await province.put(path, json=body, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text
    own = "/v1/institutions/OWN"
    assert (await province.put(own, json=BODY | {"authorisations": [here]})).status_code == 201
    named = BODY | {"name": "Tên khác", "authorisations": []}
    assert (await province.put(own, json=named, headers={"If-Match": "*"})).status_code == 200


async def test_a_province_is_known_by_its_code_of_the_day(enrolment: RunningService) -> None:
    """Quảng Trị was 45 until 2025-06-30 and is 44 since, which had been Quảng Bình's."""
    province = enrolment.client("authority", agency="H50")
    for number, (code, day, status) in enumerate(
        (
            ("45", "2024-01-01", 201),
            ("44", "2024-01-01", 403),
            ("44", "2025-07-01", 201),
            ("45", "1999-01-01", 201),  # before the first version known of it
        )
    ):
        grant = GRANT | {"granted_by": "province", "province_code": code, "valid_from": day}
        answer = await province.put(
            f"/v1/institutions/QT-{number}", json=BODY | {"authorisations": [grant]}
        )
        assert answer.status_code == status, (code, day, answer.text)


async def test_job_positions_belong_to_a_body_or_to_all(enrolment: RunningService) -> None:
    body = {"title": "Chuyên viên", "agency_code": "H56", "valid_from": "2024-01-01"}
    province = enrolment.client("authority", agency="H56")
    path = "/v1/job-positions/P-1"
    assert (await province.put(path, json=body)).status_code == 201
    assert (await province.put(path, json=body)).status_code == 428
    general = body | {"agency_code": None}
    assert (await province.put("/v1/job-positions/P-2", json=general)).status_code == 403
    outside = body | {"agency_code": "H15"}
    assert (await province.put("/v1/job-positions/P-2", json=outside)).status_code == 404
    reader = enrolment.client("agency", agency="H15")
    assert [i["code"] for i in (await reader.get("/v1/job-positions")).json()["items"]] == ["P-1"]
    school = enrolment.client("institution", institution="VINH")
    assert (await school.get(path)).status_code == 404
    level = body | {"required_language_level": 4}
    assert (await province.put("/v1/job-positions/P-3", json=level)).status_code == 422


@pytest.mark.parametrize(
    ("path", "body", "pointer", "code"),
    [
        (
            "/v1/institutions/W",
            BODY | {"authorisations": [GRANT, GRANT | {"valid_to": "2019-12-31"}]},
            "/authorisations/1/valid_to",
            "valid_to_before_valid_from",
        ),
        (
            "/v1/job-positions/W",
            {"title": "W", "valid_from": "2024-01-01", "valid_to": "2023-12-31"},
            "/valid_to",
            "valid_to_before_valid_from",
        ),
        (
            "/v1/job-positions/W",
            {"title": "W", "valid_from": "2024-01-01", "required_language_level": 4},
            "/required_language_level",
            "level_without_requirement",
        ),
    ],
)
async def test_a_fault_is_shown_where_it_stands(
    enrolment: RunningService, path: str, body: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await enrolment.client().put(path, json=body)
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], fault["code"]) == (pointer, code)


async def test_if_match_never_creates_and_a_weak_tag_never_changes(
    enrolment: RunningService,
) -> None:
    admin = enrolment.client()
    await plant_tree(admin)
    for path, body in (
        ("/v1/institutions/NEW", BODY),
        ("/v1/agencies/X.NEW", NEW_BODY),
        ("/v1/officials/O-NEW", official(1)),
    ):
        for tag in ('"5"', "*"):
            refused = await admin.put(path, json=body, headers={"If-Match": tag})
            assert (refused.status_code, refused.json()["code"]) == (412, "stale_version"), path
        assert (await admin.get(path)).status_code == 404
    assert (await admin.put("/v1/institutions/NEW", json=BODY)).status_code == 201
    weak = await admin.put("/v1/institutions/NEW", json=BODY, headers={"If-Match": 'W/"1"'})
    assert (weak.status_code, weak.headers["etag"]) == (412, '"1"')


@pytest.mark.parametrize("kind", ["institutions", "job-positions", "officials", "agencies"])
async def test_of_those_who_create_the_same_at_once_one_does_and_the_others_are_told_to_look(
    enrolment: RunningService, kind: str
) -> None:
    admin = enrolment.client()
    await plant_tree(admin)
    bodies: dict[str, list[dict[str, Any]]] = {
        "institutions": [BODY | {"name": f"Trường {n}"} for n in range(8)],
        "job-positions": [{"title": f"Việc {n}", "valid_from": "2024-01-01"} for n in range(8)],
        "officials": [official(1, full_name=f"Nguyễn Văn {n}") for n in range(8)],
        "agencies": [NEW_BODY | {"name": f"Cơ quan {n}"} for n in range(8)],
    }
    path = f"/v1/{kind}/NEW"
    answers = await asyncio.gather(*(admin.put(path, json=body) for body in bodies[kind]))
    created = [n for n, answer in enumerate(answers) if answer.status_code == 201]
    assert len(created) == 1, [answer.status_code for answer in answers]
    assert {a.status_code for n, a in enumerate(answers) if n != created[0]} == {428}
    stored = (await admin.get(path)).json()
    wanted = bodies[kind][created[0]]
    assert stored["version"] == 1
    for name in ("name", "title", "full_name"):
        assert stored.get(name) == wanted.get(name)


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


async def test_catalogues_go_home_as_files(enrolment: RunningService) -> None:
    admin = enrolment.client()
    here = GRANT | {"granted_by": "province", "province_code": "38", "activity": "training"}
    grants = [GRANT | {"formats": ["VSTEP.3-5", "VSTEP.2"]}, here | {"note": "=1+1"}]
    await admin.put("/v1/institutions/A-1", json=BODY | {"authorisations": grants})
    await admin.put("/v1/institutions/A-2", json=BODY | {"authorisations": []})
    position = {"title": "Chuyên viên", "agency_code": "H56", "valid_from": "2024-01-01"}
    level = {"requires_language": True, "required_language_level": 4}
    await admin.put("/v1/job-positions/P-1", json=position | level)
    school = enrolment.client("institution", institution="VINH")
    answer = await school.get("/v1/institutions.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="institutions.csv"'
    rows = [row for row in table(answer.text) if row["Mã cơ sở"].startswith("A-")]
    assert [
        (row["Mã cơ sở"], row["Căn cứ"], row["Hoạt động"], row["Định dạng thi"], row["Bậc"])
        for row in rows
    ] == [
        ("A-1", "Bộ cho phép", "Cấp chứng chỉ", "VSTEP.3-5, VSTEP.2", "3, 4, 5"),
        ("A-1", "Tỉnh giao nhiệm vụ", "Đào tạo, bồi dưỡng", "", "3, 4, 5"),
        ("A-2", "", "", "", ""),
    ]
    assert rows[1]["Ghi chú"] == "'=1+1"
    clerk = enrolment.client("agency", agency="H56")
    english = {"Accept-Language": "en"}
    (row,) = table((await clerk.get("/v1/job-positions.csv", headers=english)).text)
    assert (row["Job position code"], row["Language required"], row["Level required"]) == (
        "P-1",
        "yes",
        "4",
    )
    for path in ("/v1/institutions", "/v1/job-positions"):
        by_accept = await clerk.get(path, headers={"Accept": "text/csv"})
        assert by_accept.content == (await clerk.get(f"{path}.csv")).content
        assert (await clerk.get(f"{path}.xlsx")).content[:2] == b"PK"
    assert (await school.get("/v1/job-positions.csv")).status_code == 404
