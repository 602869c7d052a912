"""What takes long to answer is bounded: a page of the feed, and a look-up of many names."""

from __future__ import annotations

from shared.feed.endpoints import LARGEST_PAGE
from shared.web.shares import Share, Shares
from tests.making.rosters import agency, send
from tests.running import RunningService


async def test_a_page_of_the_feed_is_bounded_for_all_but_followers(
    enrolment: RunningService,
) -> None:
    rows = [agency("X"), *(agency(f"X.{number}", "X") for number in range(LARGEST_PAGE + 50))]
    await send(enrolment.client(), "/v1/agencies/import", rows)
    await enrolment.sequence()
    asked = {"limit": 5000}
    portal = enrolment.client("authority", agency="X")
    page = (await portal.get("/v1/events", params=asked)).json()
    assert len(page["events"]) == LARGEST_PAGE
    rest = await portal.get("/v1/events", params={**asked, "after": page["cursor"]})
    assert rest.json()["cursor"] == page["head"]
    follower = enrolment.client("auditor", scope="feed:follow")
    whole = (await follower.get("/v1/events", params=asked)).json()
    assert len(whole["events"]) > LARGEST_PAGE


async def test_a_look_up_of_many_names_has_the_share_of_a_file(enrolment: RunningService) -> None:
    enrolment.app.state.shares = Shares(
        {"export": Share(0, 0), "upload": Share(1, 1), "long_poll": Share(1, 1)}
    )
    client = enrolment.client()
    for count, status in ((1000, 200), (1001, 429)):
        codes = [f"O-{number}" for number in range(count)]
        answer = await client.post("/v1/officials/lookup", json={"official_codes": codes})
        assert answer.status_code == status, answer.text
    assert answer.headers["retry-after"]
