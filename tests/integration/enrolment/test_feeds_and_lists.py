"""The feed tells a reader no more than the lists do, and who reads it stands in the trail."""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.making.rosters import official, plant_tree, post
from tests.running import RunningService

BORN = "1985-03-02"
TYPES = {"vn.bac.official.changed.v1", "vn.bac.official.joined.v1"}


async def planted(service: RunningService) -> None:
    admin = service.client()
    await plant_tree(admin)
    answer = await admin.put("/v1/officials/O-1", json=official(1, post("X.A")))
    assert answer.status_code == 201, answer.text
    moved = {"kind": "transfer", "effective_on": "2026-11-01", "decision_number": "1/QĐ"}
    answer = await admin.post(
        "/v1/officials/O-1/moves", json={**moved, "to_agency": "Y.A", "assignment": post("Y.A")}
    )
    await service.settle()


async def pages_read(service: RunningService) -> list[tuple[str, dict[str, Any]]]:
    async with service.database.pool.acquire() as connection:
        rows = await connection.fetch(
            "SELECT caller, detail FROM audit WHERE action = 'feed.read' ORDER BY id"
        )
    return [(row["caller"], json.loads(row["detail"])) for row in rows]


async def test_birth_dates_are_withheld_from_readers_without_pii_read_old_positions_too(
    enrolment: RunningService,
) -> None:
    await planted(enrolment)
    for role, who in (
        ("auditor", {}),
        ("auditor", {"agency": "X"}),
        ("authority", {}),
        ("authority", {"agency": "X"}),
        ("authority", {"bloc": "state"}),
        ("agency", {"agency": "X"}),
    ):
        events = await enrolment.events(enrolment.client(role, **who))
        told = [each for each in events if each["type"] in TYPES]
        assert told, (role, who)
        assert all(each["data"]["birth_date"] is None for each in told), (role, who)
        assert BORN not in json.dumps(events)
        whole = await enrolment.events(enrolment.client(role, scope="pii:read", **who))
        told = [each for each in whole if each["type"] in TYPES]
        assert all(each["data"]["birth_date"] == BORN for each in told), (role, who)
        for shown, hidden in zip(whole, events, strict=True):
            shown["data"].pop("birth_date", None), hidden["data"].pop("birth_date", None)
            assert shown == hidden


async def test_a_page_says_whether_it_is_whole(enrolment: RunningService) -> None:
    await planted(enrolment)
    for client, whole in (
        (enrolment.client("auditor"), False),
        (enrolment.client("auditor", scope="pii:read"), True),
        (enrolment.client("auditor", scope="feed:follow"), True),
        (enrolment.client("authority", scope="feed:follow"), False),
        (enrolment.client("auditor", agency="X", scope="feed:follow"), False),
        (enrolment.client("auditor", bloc="party", scope="feed:follow"), False),
        (enrolment.client("admin"), True),
    ):
        page = (await client.get("/v1/events", params={"limit": 5000})).json()
        assert page["whole"] is whole
        dates = {e["data"].get("birth_date") for e in page["events"] if e["type"] in TYPES}
        assert dates <= ({BORN} if whole else {None})


async def test_each_page_that_somebody_read_is_one_line_of_the_trail_and_followers_leave_none(
    enrolment: RunningService,
) -> None:
    await planted(enrolment)
    auditor = enrolment.client("auditor", subject="auditor-1")

    async def page(client: httpx.AsyncClient, after: str = "") -> dict[str, Any]:
        answer = await client.get("/v1/events", params={"after": after, "limit": 3})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    first = await page(auditor)
    await page(auditor, first["cursor"])
    await page(auditor, first["head"])  # nothing there, nothing read
    await page(enrolment.client("admin", subject="admin-1"))
    await page(enrolment.client("auditor", subject="service:targets", scope="feed:follow"))
    lines = await pages_read(enrolment)
    assert [caller for caller, _ in lines] == ["auditor-1", "auditor-1", "admin-1"]
    assert lines[0][1] == {"after": 0, "to": 3, "events": 3}
    assert lines[1][1]["after"] == 3
    assert lines[2][1] == {"after": 0, "to": 3, "events": 3}


async def test_services_follow_each_other_whole_and_without_a_line_in_the_trail(
    enrolment: RunningService, targets: RunningService, certification: RunningService
) -> None:
    await planted(enrolment)
    await targets.follow(enrolment)
    await certification.follow(enrolment)
    assert await pages_read(enrolment) == []
    async with targets.database.pool.acquire() as connection:
        facts = await connection.fetchval("SELECT facts FROM official")
    assert json.loads(facts)["birth_date"] == BORN
