"""What the directory shows, sent back to it as it is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.making.rosters import citizen, official, plant_tree, post, row, send
from tests.running import RunningService

PATH = "/v1/officials/import"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
async def service(enrolment: RunningService) -> RunningService:
    await plant_tree(enrolment.client())
    return enrolment


def counts(report: dict[str, Any]) -> tuple[int, int, int, int]:
    return tuple(report[name] for name in ("created", "updated", "unchanged", "rejected"))  # type: ignore[return-value]


def faults(report: dict[str, Any]) -> list[tuple[int, str, str]]:
    return [(each["row"], each["pointer"], each["code"]) for each in report["errors"]]


PASSPORT = {"type": "passport", "country": "US", "number": "N1234567"}


async def test_an_export_with_masked_numbers_is_taken_back_unchanged(
    service: RunningService,
) -> None:
    clerk = service.client("agency", agency="X.A")
    posts = (post(valid_to="2020-12-31"), post("X.A.1", valid_from="2021-01-01"))
    foreign = row(3, identity=PASSPORT)
    del foreign["citizen_id"]
    await send(clerk, PATH, [row(1, *posts), row(2), foreign])
    for suffix, kind in (("csv", "text/csv"), ("xlsx", XLSX)):
        file = await clerk.get(f"/v1/officials.{suffix}")
        assert citizen(1).encode() not in file.content
        answer = await clerk.post(PATH, content=file.content, headers={"Content-Type": kind})
        assert counts(answer.json()) == (0, 0, 4, 0), answer.text
    items = (await clerk.get("/v1/officials")).json()["items"]
    assert items[0]["citizen_id"] == "********0001"
    assert counts(await send(clerk, PATH, items)) == (0, 0, 3, 0)
    whole = (await service.client(scope="pii:read").get("/v1/officials/O-000001")).json()
    assert whole["citizen_id"] == citizen(1)


async def test_a_masked_number_that_is_not_the_stored_one_is_refused(
    service: RunningService,
) -> None:
    clerk = service.client("agency", agency="X.A")
    await send(clerk, PATH, [row(1), row(2)])
    await send(service.client(), PATH, [row(5, post("Y.A"))])
    rows = [
        row(1, citizen_id="********0001", full_name="Trần Văn Mới"),
        row(2, citizen_id="********0001"),
        row(3, citizen_id="********0003"),
        row(5, citizen_id="********0005"),
        row(6, citizen_id="*******0006"),
    ]
    report = await send(clerk, PATH, rows)
    assert counts(report) == (0, 1, 0, 4)
    assert faults(report) == [
        (2, "/citizen_id", "identity_masked"),
        (3, "/citizen_id", "identity_masked"),
        (4, "/citizen_id", "identity_masked"),
        (5, "/citizen_id", "citizen_id_malformed"),
    ]
    assert "số đã bị che" in report["errors"][0]["message"].lower()
    put = await clerk.put("/v1/officials/O-9", json=official(9, citizen_id="********0009"))
    assert (put.status_code, put.json()["errors"][0]["code"]) == (422, "identity_masked")


async def test_what_get_shows_is_what_put_takes(service: RunningService) -> None:
    admin = service.client()
    clerk = service.client("agency", agency="X.A")
    old = {"type": "cmnd9", "country": "VN", "number": "171234567"}
    made = official(
        1,
        post("X.A", valid_to="2020-12-31"),
        post("Y.A", posting="concurrent", primary=False, valid_from="2019-01-01"),
        post("X.A.1", valid_from="2021-01-01"),
        former_identities=[old, PASSPORT],
    )
    assert (await admin.put("/v1/officials/O-1", json=made)).status_code == 201
    foreign = official(2, identity=PASSPORT | {"number": "N7654321"})
    del foreign["citizen_id"]
    assert (await admin.put("/v1/officials/O-2", json=foreign)).status_code == 201
    for code in ("O-1", "O-2"):
        read = await clerk.get(f"/v1/officials/{code}")
        tag = {"If-Match": read.headers["etag"]}
        same = await clerk.put(f"/v1/officials/{code}", json=read.json(), headers=tag)
        assert same.status_code == 200, same.text
        assert same.json()["version"] == 1
        renamed = read.json() | {"full_name": "Trần Văn Mới", "birth_date": "1985-03-03"}
        changed = await clerk.put(f"/v1/officials/{code}", json=renamed, headers=tag)
        assert changed.status_code == 200, changed.text
        assert changed.json()["version"] == 2
        assert changed.json()["former_identities"] == read.json()["former_identities"]
    whole = (await service.client(scope="pii:read").get("/v1/officials/O-1")).json()
    assert whole["citizen_id"] == citizen(1)
    assert [each["number"] for each in whole["former_identities"]] == ["171234567", "N1234567"]


async def test_what_was_read_may_not_be_sent_to_another(service: RunningService) -> None:
    admin = service.client()
    for number in (1, 2):
        await admin.put(f"/v1/officials/O-{number}", json=official(number))
    first = (await admin.get("/v1/officials/O-1")).json()
    second = (await admin.get("/v1/officials/O-2")).json()
    later = first["assignments"][0] | {"valid_from": "2018-10-01"}
    unknown_former = [{"type": "cmnd9", "country": "VN", "number": "*****4567"}]
    for changes, pointer, code in (
        ({"official_code": "O-2"}, "/official_code", "code_differs"),
        ({"agency_code": "X.B"}, "/agency_code", "agency_code_derived"),
        (
            {"assignments": second["assignments"]},
            "/assignments/0/assignment_id",
            "assignment_id_differs",
        ),
        ({"assignments": [later]}, "/assignments/0/assignment_id", "assignment_id_differs"),
        ({"citizen_id": citizen(3)}, "/identity", "two_identities"),
        (
            {"former_identities": unknown_former},
            "/former_identities/0/number",
            "identity_masked",
        ),
    ):
        answer = await admin.put(
            "/v1/officials/O-1", json=first | changes, headers={"If-Match": "*"}
        )
        assert answer.status_code == 422, answer.text
        assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]


async def test_of_several_numbers_it_is_not_said_which_is_anothers(
    service: RunningService,
) -> None:
    admin = service.client()
    old = {"type": "cmnd9", "country": "VN", "number": "171234567"}
    await admin.put("/v1/officials/O-1", json=official(1, former_identities=[old]))
    taken = official(2, former_identities=[PASSPORT, old])
    put = await admin.put("/v1/officials/O-2", json=taken)
    assert put.json()["code"] == "citizen_already_registered"
    assert [each["pointer"] for each in put.json()["errors"]] == [""]
    by_identity = official(2, identity=old)
    del by_identity["citizen_id"]
    put = await admin.put("/v1/officials/O-2", json=by_identity)
    assert [each["pointer"] for each in put.json()["errors"]] == ["/identity/number"]
    both = {"official_code": "O-3", **official(1, former_identities=[old])}
    report = await send(admin, PATH, [both, row(4)])
    assert faults(report) == [(1, "", "citizen_already_registered")]
    assert report["created"] == 1
    await admin.put("/v1/officials/O-5", json=official(5))
    added = official(5, former_identities=[old], identity_reason="former_number")
    put = await admin.put("/v1/officials/O-5", json=added, headers={"If-Match": "*"})
    assert [each["pointer"] for each in put.json()["errors"]] == ["/former_identities/0"]


async def test_a_day_without_a_body_it_is_complete_for_is_refused(service: RunningService) -> None:
    answer = await service.client().post(PATH, json=[row(1)], params={"as_of": "2026-01-01"})
    assert answer.status_code == 422
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [
        ("?as_of", "complete_for_needed")
    ]
    assert (await service.client().get("/v1/officials")).json()["items"] == []
