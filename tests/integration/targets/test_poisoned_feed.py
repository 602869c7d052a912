"""An event that cannot be applied is shown with its position, stops its feed and no more, and can be set aside
and applied after all; whatever rests on the feed says so meanwhile."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from services.targets import worker
from services.targets.population import event_handlers, repository
from shared.feed.cursors import position_of
from shared.feed.follower import EventNotApplied, Follower
from tests.making.daklak import BODY, OFFICE, PROGRESS, figure, listed
from tests.making.written_feed import WrittenFeed
from tests.running import InProcessTransport, RunningService
from tests.worlds import events as made

BAD = "CB-BAD"


@pytest.fixture
def repaired(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """A product that fails on the official BAD, as on a chain of 980 bodies, until the list has an entry."""
    done: list[bool] = []
    decode = event_handlers.decode

    def decode_or_fail(envelope: Any) -> Any:
        if not done and BAD in json.dumps(envelope.data):
            raise RecursionError
        return decode(envelope)

    monkeypatch.setattr(event_handlers, "decode", decode_or_fail)
    return done


async def follow(targets: RunningService, feed: WrittenFeed) -> None:
    await targets.follow(feed)


async def ready(targets: RunningService) -> dict[str, Any]:
    targets.app.state.bodies_known = True  # of all plans: not what is asked here
    answer = await targets.client(None).get("/health/ready")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def metric(targets: RunningService, name: str) -> list[str]:
    text = (await targets.client(None).get("/metrics")).text
    return [line for line in text.splitlines() if line.startswith(name)]


def follower(targets: RunningService, transport: InProcessTransport, source: str) -> Follower:
    http = httpx.AsyncClient(transport=transport)
    made_ones = worker.make_followers(targets.database, targets.environment, targets.clock, http)
    return made_ones[source]


async def decide(targets: RunningService, feed: str, position: int, **who: Any) -> httpx.Response:
    return await targets.client(**who).post(
        f"/v1/followed-feeds/{feed}/set-aside",
        json={"position": position, "reason": "lỗi 312, chờ bản sửa"},
    )


async def test_the_event_that_cannot_be_applied_is_shown_and_what_came_before_is_served(
    counted: RunningService, directory: WrittenFeed, repaired: list[bool]
) -> None:
    assert await ready(counted) == {"status": "ready"}
    before = len(directory.events)
    good = made.official("CB7", made.assignment(OFFICE))
    directory.publish(*[good] * 300, made.official(BAD, made.assignment(OFFICE)), good)
    poisoned = before + 301
    for _ in range(2):
        with pytest.raises(EventNotApplied) as stuck:
            await follow(counted, directory)
        assert stuck.value.stuck.position == poisoned
    told = await ready(counted)
    assert told["status"] == "degraded"
    (feed,) = told["feeds"]
    assert feed.pop("since")
    assert feed == {
        "feed": "enrolment",
        "state": "stuck",
        "position": poisoned,
        "type": "vn.bac.official.changed.v1",
        "error": "RecursionError",
    }
    (line,) = await metric(counted, "bac_feed_stuck_position{")
    assert 'feed="enrolment"' in line
    assert "RecursionError" in line
    assert float(line.rsplit(" ", 1)[1]) == poisoned
    since = await metric(counted, 'bac_feed_stuck_since_timestamp_seconds{feed="enrolment"}')
    assert float(since[0].rsplit(" ", 1)[1]) > 0
    # What was told before it is counted, and says up to where.
    found = (await counted.client().get(PROGRESS, params={"as_of": "2024-12-31"})).json()
    assert position_of(found["counted_at"]["enrolment"]) == poisoned - 1
    assert found["set_aside"] == []
    assert (await figure(counted.client(), as_of="2024-12-31"))["eligible"] == 5
    (item,) = [
        each
        for each in (await counted.client().get("/v1/followed-feeds")).json()["items"]
        if each["feed"] == "enrolment"
    ]
    assert item["stuck"]["subject"] == BAD
    repaired.append(True)
    await follow(counted, directory)
    assert await ready(counted) == {"status": "ready"}
    assert await metric(counted, "bac_feed_stuck_position{") == []


async def test_set_aside_the_feed_goes_on_and_everything_says_so_until_it_is_applied_after_all(
    counted: RunningService,
    directory: WrittenFeed,
    transport: InProcessTransport,
    repaired: list[bool],
) -> None:
    client = counted.client()
    poisoned = len(directory.events) + 1
    directory.publish(
        made.official(BAD, made.assignment(OFFICE)),
        made.official("CB7", made.assignment(OFFICE)),
        made.official(BAD, made.assignment(OFFICE, status="cadre"), version=2),
        made.official("CB8", made.assignment(OFFICE)),
    )
    with pytest.raises(EventNotApplied):
        await follow(counted, directory)
    assert (await decide(counted, "enrolment", poisoned + 1)).json()["code"] == "feed_not_stuck"
    assert (await decide(counted, "nobody", poisoned)).status_code == 404
    for role in ("authority", "auditor"):
        assert (await decide(counted, "enrolment", poisoned, role=role)).status_code == 403
    for _ in range(2):
        assert (await decide(counted, "enrolment", poisoned)).status_code == 200
    async with counted.database.pool.acquire() as connection:
        trail = await connection.fetch(
            "SELECT subject, detail FROM audit WHERE action = 'feed.set_aside'"
        )
    assert [row["subject"] for row in trail] == [f"enrolment:{poisoned}"]
    assert "lỗi 312" in trail[0]["detail"]

    await follow(counted, directory)
    assert (await figure(client, as_of="2024-12-31"))["eligible"] == 6
    aside = [{"feed": "enrolment", "position": at} for at in (poisoned, poisoned + 2)]
    found = (await client.get(PROGRESS)).json()
    assert found["counted_at"]["enrolment"] == directory.head
    assert found["set_aside"] == aside
    members = "/v1/plans/daklak-2020/indicators/I1-2025/members"
    assert (await client.get(members, params={"state": "missing"})).json()["set_aside"] == aside
    words = f"enrolment {poisoned}; enrolment {poisoned + 2}"
    assert words in (await client.get(f"{PROGRESS}.csv")).text
    assert words in (await client.get(f"{members}.csv", params={"state": "missing"})).text
    told = await ready(counted)
    assert told["status"] == "degraded"
    assert told["feeds"][0]["state"] == "set_aside"
    assert told["feeds"][0]["positions"] == [poisoned, poisoned + 2]
    (line,) = await metric(counted, 'bac_feed_set_aside_events{feed="enrolment"}')
    assert line.endswith(" 2.0")

    again = "/v1/followed-feeds/enrolment/re-application"
    assert (await client.post(again, json={"position": 1})).status_code == 404
    follows = follower(counted, transport, "enrolment")
    assert await follows.apply_again() == 0  # nobody asked
    assert (await client.post(again, json={"position": poisoned})).status_code == 200
    assert await follows.apply_again() == 0  # not repaired yet
    assert (await ready(counted))["feeds"][0]["positions"] == [poisoned, poisoned + 2]
    repaired.append(True)
    assert (await client.post(again, json={"position": poisoned})).status_code == 200
    assert await follows.apply_again() == 2
    assert await ready(counted) == {"status": "ready"}
    found = (await client.get(PROGRESS)).json()
    assert found["set_aside"] == []
    assert (await figure(client, as_of="2024-12-31"))["eligible"] == 7
    assert (BAD, "no_certificate") in await listed(client, "missing", as_of="2024-12-31")


async def test_a_subject_corrected_in_the_directory_mends_the_feed(
    counted: RunningService, directory: WrittenFeed, transport: InProcessTransport
) -> None:
    position = len(directory.events) + 1
    broken = made.official(BAD, made.assignment(OFFICE))
    broken["data"]["assignments"] = "none"
    directory.publish(broken, made.official("CB7", made.assignment(OFFICE)))
    with pytest.raises(EventNotApplied) as stuck:
        await follow(counted, directory)
    assert stuck.value.stuck.error == "ValidationError"
    await decide(counted, "enrolment", position)
    directory.publish(made.official(BAD, made.assignment(OFFICE), version=2))
    await follow(counted, directory)
    assert (await ready(counted))["feeds"][0]["positions"] == [position, position + 2]
    again = {"position": position + 2}
    await counted.client().post("/v1/followed-feeds/enrolment/re-application", json=again)
    assert await follower(counted, transport, "enrolment").apply_again() == 2
    assert await ready(counted) == {"status": "ready"}
    assert (await figure(counted.client(), as_of="2024-12-31"))["eligible"] == 6


async def test_a_revocation_waits_behind_the_certificate_that_was_set_aside(
    counted: RunningService,
    registers: WrittenFeed,
    transport: InProcessTransport,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Applied alone it would be lost, and the certificate would later count as if it still stood."""
    client = counted.client()
    issued = made.certificate("S2", "key-CB2", 4, "2023-03-01")
    revoked = made.revoked("S2", "key-CB2", "2024-01-01")
    assert issued["subject"] == revoked["subject"]
    decode = event_handlers.decode

    def fail(envelope: Any) -> Any:
        if envelope.id == issued["id"]:
            raise RecursionError
        return decode(envelope)

    position = len(registers.events) + 1
    registers.publish(issued, revoked, made.certificate("S3", "key-CB3", 4, "2023-03-01"))
    with monkeypatch.context() as patched:
        patched.setattr(event_handlers, "decode", fail)
        with pytest.raises(EventNotApplied):
            await follow(counted, registers)
        await decide(counted, "certification", position)
        await follow(counted, registers)
        assert (await figure(client, as_of="2024-12-31"))["achieved"] == 2
        told = await ready(counted)
        assert told["feeds"][0]["positions"] == [position, position + 1]
    await client.post(
        "/v1/followed-feeds/certification/re-application", json={"position": position}
    )
    assert await follower(counted, transport, "certification").apply_again() == 2
    assert (await figure(client, as_of="2023-12-31"))["achieved"] == 3
    assert (await figure(client, as_of="2024-12-31"))["achieved"] == 2


async def test_counted_anew_from_the_beginning_the_decision_still_holds(
    counted: RunningService, directory: WrittenFeed, registers: WrittenFeed, repaired: list[bool]
) -> None:
    poisoned = len(directory.events) + 1
    first = made.official("CB7", made.assignment(OFFICE))
    directory.publish(made.official(BAD, made.assignment(OFFICE)), first)
    with pytest.raises(EventNotApplied):
        await follow(counted, directory)
    await decide(counted, "enrolment", poisoned)
    await follow(counted, directory)
    before = await figure(counted.client(), as_of="2024-12-31")
    async with counted.database.pool.acquire() as connection:
        await repository.empty_projection(connection, worker.make_projector().fingerprint)
    await follow(counted, directory)
    await follow(counted, registers)
    assert await figure(counted.client(), as_of="2024-12-31") == before
    assert (await ready(counted))["feeds"][0]["positions"] == [poisoned]


async def test_a_body_of_any_depth_in_an_old_feed_stops_nothing(
    counted: RunningService, directory: WrittenFeed
) -> None:
    """Of a folder whose directory took a chain of bodies before there was a limit."""
    chain = [
        made.agency(f"H15.C{n}", made.agency_version(parent=f"H15.C{n - 1}" if n else BODY))
        for n in range(400)
    ]
    directory.publish(*chain, made.official("CB7", made.assignment("H15.C399")))
    await follow(counted, directory)
    assert await ready(counted) == {"status": "ready"}
    assert (await figure(counted.client(), as_of="2024-12-31"))["eligible"] == 5


async def test_a_follower_whose_token_is_not_a_services_says_so(
    counted: RunningService,
    directory: WrittenFeed,
) -> None:
    before = (await counted.client().get(PROGRESS)).json()
    directory.whole = False
    directory.publish(made.official("CB7", made.assignment(OFFICE)))
    with pytest.raises(RuntimeError, match="feed:follow"):
        await follow(counted, directory)
    told = await ready(counted)
    assert told["feeds"][0]["error"] == "TokenNotAFollowers"
    assert "position" not in told["feeds"][0]
    assert (await counted.client().get(PROGRESS)).json() == before
    directory.whole = True
    await follow(counted, directory)
    assert await ready(counted) == {"status": "ready"}
