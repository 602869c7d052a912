"""Assignments in bodies that are not in the tree on their first day, and births that cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from tests.making.rosters import agency, official, plant_tree, post, row, send
from tests.running import RunningService

PATH = "/v1/officials/import"
MOVES = "/v1/officials/O-1/moves"


@pytest.fixture
async def service(enrolment: RunningService) -> RunningService:
    await plant_tree(enrolment.client())
    report = await send(
        enrolment.client(),
        "/v1/agencies/import",
        [
            agency("X.D", "X", valid_to="2025-06-30"),
            agency("X.N", "X", valid_from="2026-12-01"),
        ],
    )
    assert report["rejected"] == 0, report
    return enrolment


def codes(issues: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(each["pointer"], each["code"]) for each in issues]


async def test_nobody_moves_to_a_body_on_a_day_it_is_not_there(service: RunningService) -> None:
    admin = service.client()
    await admin.put("/v1/officials/O-1", json=official(1, post("X.A")))
    for kind in ("transfer", "secondment", "rotation", "other"):
        for body, day, shown in (
            ("X.D", "2025-08-01", "01/08/2025"),
            ("X.N", "2026-11-30", "30/11/2026"),
        ):
            wanted = {"kind": kind, "effective_on": day, "decision_number": "1", "to_agency": body}
            refused = await admin.post(MOVES, json=wanted)
            assert refused.status_code == 409, refused.text
            assert refused.json()["code"] == "agency_not_in_force"
            assert refused.json()["errors"][0]["pointer"] == "/to_agency"
            assert shown in refused.json()["detail"]
            english = await admin.post(MOVES, json=wanted, headers={"Accept-Language": "en"})
            assert day in english.json()["detail"]
    assert (await admin.get(MOVES)).json()["items"] == []
    last_day = {"kind": "transfer", "effective_on": "2025-06-30", "decision_number": "1"}
    assert (await admin.post(MOVES, json=last_day | {"to_agency": "X.D"})).status_code == 201


async def test_an_assignment_outside_the_days_of_its_body_is_taken_with_a_warning(
    service: RunningService,
) -> None:
    admin = service.client()
    late = await admin.put(
        "/v1/officials/O-1", json=official(1, post("X.D", valid_from="2025-08-01"))
    )
    assert late.status_code == 201, late.text
    assert codes(late.json()["warnings"]) == [("/assignments/0/valid_from", "agency_not_in_force")]
    assert "01/08/2025" in late.json()["warnings"][0]["message"]
    assert "30/06/2025" in late.json()["warnings"][0]["message"]
    rows = [
        row(2, post("X.D")),
        row(3, post("X.D", valid_from="2025-07-01")),
        row(4, post("X.N", valid_from="2026-11-30")),
        row(5, post("X.A", valid_from="2009-12-31", job_position_code="VT.9")),
    ]
    report = await send(admin, PATH, rows)
    assert report["created"] == 4
    assert [(each["row"], each["code"]) for each in report["warnings"]] == [
        (2, "agency_not_in_force"),
        (3, "agency_not_in_force"),
        (4, "agency_not_in_force"),
        (4, "job_position_unknown"),
    ]
    again = await send(admin, PATH, rows)
    assert (again["unchanged"], again["warnings_total"]) == (4, 4)


async def test_an_unknown_job_position_is_a_warning_until_it_is_known(
    service: RunningService,
) -> None:
    admin = service.client()
    given = official(1, post("X.A", job_position_code="VT.1"))
    doubtful = await admin.put("/v1/officials/O-1", json=given)
    assert codes(doubtful.json()["warnings"]) == [
        ("/assignments/0/job_position_code", "job_position_unknown")
    ]
    position = {"title": "Phiên dịch", "valid_from": "2015-01-01"}
    put = await admin.put("/v1/job-positions/VT.1", json=position)
    assert put.status_code == 201, put.text
    plain = await admin.put("/v1/officials/O-1", json=given, headers={"If-Match": "*"})
    assert plain.json()["warnings"] == []


@pytest.mark.parametrize(
    ("birth_date", "stands"),
    [
        ("2026-11-24", False),
        ("2100", False),
        ("2011-11-24", False),
        ("2011-11-23", True),
        ("2012", False),
        ("2011", True),
        ("1905-11-23", False),
        ("1905-11-24", True),
        ("1904", False),
        ("1905", True),
    ],
)
async def test_a_birth_that_no_official_of_today_can_have_is_refused(
    service: RunningService, birth_date: str, stands: bool
) -> None:
    admin = service.client()
    put = await admin.put("/v1/officials/O-1", json=official(1, birth_date=birth_date))
    report = await send(admin, PATH, [row(2, birth_date=birth_date), row(3)])
    if stands:
        assert put.status_code == 201, put.text
        assert report["created"] == 2
        return
    assert put.status_code == 422
    assert codes(put.json()["errors"]) == [("/birth_date", "birth_date_implausible")]
    assert codes(report["errors"]) == [("/birth_date", "birth_date_implausible")]
    assert report["created"] == 1


async def test_an_assignment_of_a_child_is_doubted(service: RunningService) -> None:
    admin = service.client()
    rows = [
        row(1, post(valid_from="2015-03-01"), birth_date="2000-03-02"),
        row(2, post(valid_from="2015-03-02"), birth_date="2000-03-02"),
        row(3, post(valid_from="2014-12-31"), birth_date="2000"),
        row(4, post(valid_from="2015-01-01"), birth_date="2000"),
        row(5, post(valid_from="2015-02-28"), birth_date="2000-02-29"),
        row(6, post(valid_from="2015-03-01"), birth_date="2000-02-29"),
    ]
    report = await send(admin, PATH, rows)
    assert report["created"] == 6
    young = [each["row"] for each in report["warnings"] if each["code"] == "begun_too_young"]
    assert young == [1, 3, 5]


async def test_an_assignment_that_begins_years_from_now_is_doubted(
    service: RunningService,
) -> None:
    rows = [row(1, post(valid_from="2028-11-23")), row(2, post(valid_from="2028-11-24"))]
    report = await send(service.client(), PATH, [*rows, row(3, post(valid_from="2062-09-01"))])
    assert report["created"] == 3
    found = [(w["row"], w["pointer"], w["code"]) for w in report["warnings"]]
    assert [each for each in found if each[2] == "begins_far_ahead"] == [
        (2, "/assignments/0/valid_from", "begins_far_ahead"),
        (3, "/assignments/0/valid_from", "begins_far_ahead"),
    ]


async def test_a_death_is_not_foretold(service: RunningService) -> None:
    admin = service.client()
    await admin.put("/v1/officials/O-1", json=official(1, post("X.A")))
    death = {"kind": "death", "effective_on": "2026-11-24", "decision_number": "1"}
    refused = await admin.post(MOVES, json=death)
    assert refused.status_code == 422, refused.text
    assert codes(refused.json()["errors"]) == [("/effective_on", "death_in_future")]
    assert (await admin.post(MOVES, json=death | {"effective_on": "2026-11-23"})).status_code == 201
    retirement = death | {"kind": "retirement", "effective_on": "2026-11-20"}
    assert (await admin.post(MOVES, json=retirement)).status_code == 201
