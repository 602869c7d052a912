"""Figures and lists over HTTP: what they show, who may see them, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.making.daklak import (
    BASE,
    BODY,
    DISTRICT,
    MEMBERS,
    OFFICE,
    PARTY,
    PROGRESS,
    figure,
    listed,
)
from tests.making.written_feed import WrittenFeed
from tests.running import RunningService
from tests.worlds import events as made


async def test_figures_say_who_is_eligible_and_who_has_achieved(counted: RunningService) -> None:
    found = await figure(counted.client(), as_of="2024-12-31")
    assert found.pop("title")["en"].startswith("Cadres and civil servants")
    assert "25% cán bộ, công chức cấp tỉnh" in found.pop("source")["sentence"]
    assert found == {
        "id": "I1-2025",
        "milestone": "2025-12-31",
        "required_percent": 25,
        "required_level": 4,
        "specialised": False,
        "eligible": 4,
        "achieved": 1,
        "percent": 25.0,
        "shortfall": 0,
        "status": "met",
        "focus": None,
        "level_only": None,
    }
    assert (await figure(counted.client(), as_of="2025-07-01"))["eligible"] == 3
    assert (await figure(counted.client(), as_of="2023-02-28"))["achieved"] == 0


async def test_the_answer_carries_plan_version_readings_and_feed_positions(
    counted: RunningService, directory: WrittenFeed, registers: WrittenFeed
) -> None:
    answer = await counted.client().get(PROGRESS, params={"reading.R9_achieved_at": "unexpired"})
    body = answer.json()
    assert body["counted_at"] == {"enrolment": directory.head, "certification": registers.head}
    assert body["plan"] == "daklak-2020"
    assert body["plan_version"] == "1"
    assert body["agency"] == BODY
    assert body["as_of"] == counted.clock.day.isoformat()
    assert len(body["readings"]) == 13
    assert body["readings"]["R9_achieved_at"] == "unexpired"


async def test_a_result_moves_the_figure_and_its_revocation_moves_it_back(
    counted: RunningService, registers: WrittenFeed
) -> None:
    client = counted.client()
    registers.publish(made.certificate("S2", "key-CB2", 5, "2024-05-05"))
    await counted.follow(registers)
    assert (await figure(client, as_of="2026-01-01"))["achieved"] == 2
    registers.publish(made.revoked("S2", "key-CB2", "2025-05-05"))
    await counted.follow(registers)
    assert (await figure(client, as_of="2026-01-01"))["achieved"] == 1
    assert (await figure(client, as_of="2025-05-04"))["achieved"] == 2


async def test_a_certificate_counts_from_the_moment_its_holder_is_on_a_roster(
    counted: RunningService, directory: WrittenFeed, registers: WrittenFeed
) -> None:
    registers.publish(made.certificate("S9", "key-CB9", 4, "2022-02-02"))
    await counted.follow(registers)
    assert (await figure(counted.client(), as_of="2024-12-31"))["achieved"] == 1
    directory.publish(made.official("CB9", made.assignment(OFFICE)))
    await counted.follow(directory)
    assert (await figure(counted.client(), as_of="2024-12-31"))["achieved"] == 2


async def test_lists_give_each_person_with_the_reason(counted: RunningService) -> None:
    client = counted.client()
    assert await listed(client, "achieved", as_of="2024-12-31") == [("CB1", "achieved")]
    assert await listed(client, "missing", as_of="2024-12-31") == [
        ("CB2", "no_certificate"),
        ("CB3", "no_certificate"),
        ("CB4", "no_certificate"),
    ]
    assert await listed(client, "excluded", as_of="2024-12-31") == [("CB5", "not_cbccvc")]


async def test_lists_are_read_page_by_page(counted: RunningService) -> None:
    client = counted.client()
    asked = {"state": "missing", "as_of": "2024-12-31", "limit": "2"}
    first = (await client.get(MEMBERS, params=asked)).json()
    second = (await client.get(MEMBERS, params={**asked, "cursor": first["next"]})).json()
    codes = [row["official_code"] for row in first["items"] + second["items"]]
    assert codes == ["CB2", "CB3", "CB4"]
    assert second["next"] is None


async def test_a_list_of_a_figure_that_moved_on_is_refused_with_the_new_positions(
    counted: RunningService, registers: WrittenFeed
) -> None:
    client = counted.client()
    positions = (await client.get(PROGRESS)).json()["counted_at"]
    pinned = {f"counted_at.{source}": position for source, position in positions.items()}
    answer = await client.get(MEMBERS, params={"state": "missing", **pinned})
    assert answer.status_code == 200
    registers.publish(made.certificate("S2", "key-CB2", 4, "2024-05-05"))
    await counted.follow(registers)
    answer = await client.get(MEMBERS, params={"state": "missing", **pinned})
    assert (answer.status_code, answer.json()["code"]) == (409, "figure_moved")
    assert answer.json()["counted_at"]["certification"] == registers.head


async def test_a_position_that_a_feed_never_gave_is_refused_as_such(
    counted: RunningService, directory: WrittenFeed, registers: WrittenFeed
) -> None:
    client = counted.client()
    for source, position in (
        ("enrolment", "abc"),
        ("enrolment", registers.head),
        ("certification", directory.head),
    ):
        asked = {"state": "missing", f"counted_at.{source}": position}
        for path in (MEMBERS, f"{MEMBERS}.csv"):
            answer = await client.get(path, params=asked)
            assert (answer.status_code, answer.json()["code"]) == (422, "cursor_unknown")


async def test_a_body_not_in_the_tree_that_day_has_no_population(counted: RunningService) -> None:
    found = await figure(counted.client(), agency=DISTRICT, as_of="2025-07-01")
    assert (found["eligible"], found["percent"], found["status"]) == (0, None, "no_population")
    assert (await figure(counted.client(), agency=DISTRICT, as_of="2025-06-30"))["eligible"] == 1


async def test_a_plans_own_body_without_any_roster_has_no_population(
    targets: RunningService,
) -> None:
    found = await figure(targets.client())
    assert found["status"] == "no_population"


@pytest.mark.parametrize(
    ("parameters", "status", "code"),
    [
        ({"reading.R99": "whole"}, 422, "reading_invalid"),
        ({"reading.R1_focus_clause": "none"}, 422, "reading_invalid"),
        ({"reading.L1_abolished_district": "plan_amended"}, 422, "reading_not_available"),
        ({"as_of": "30/06/2025"}, 422, "invalid_request"),
        ({"as_of": "9999-12-31"}, 422, "invalid_request"),
        ({"as_of": "20250630"}, 422, "invalid_request"),
        ({"agency": "H15\x00"}, 422, "invalid_request"),
        ({"agency": "H99.NOT"}, 404, "not_found"),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    counted: RunningService, parameters: dict[str, str], status: int, code: str
) -> None:
    answer = await counted.client().get(PROGRESS, params=parameters)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    answer = await counted.client().get(MEMBERS, params={"state": "missing", **parameters})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_switch_given_twice_is_refused(counted: RunningService) -> None:
    both = [("reading.R1_focus_clause", "both"), ("reading.R1_focus_clause", "whole")]
    answer = await counted.client().get(PROGRESS, params=both)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "reading_repeated"


async def test_unknown_plans_and_indicators_are_not_found(counted: RunningService) -> None:
    client = counted.client()
    unknown_plan = await client.get("/v1/plans/hanoi-2020/progress")
    assert unknown_plan.json()["code"] == "plan_unknown"
    unknown = await client.get(
        "/v1/plans/daklak-2020/indicators/I9-2025/members", params={"state": "missing"}
    )
    assert (unknown.status_code, unknown.json()["code"]) == (404, "indicator_unknown")


@pytest.mark.parametrize("role", ["institution", "official"])
async def test_who_has_no_business_with_progress_finds_nothing(
    counted: RunningService, role: str
) -> None:
    who = {"institution": "TDV"} if role == "institution" else {"official_code": "CB1"}
    client = counted.client(role, **who)
    assert (await client.get(PROGRESS)).status_code == 404
    assert (await client.get(MEMBERS, params={"state": "missing"})).status_code == 404
    assert (await client.get("/v1/plans")).status_code == 200


@pytest.mark.parametrize("role", ["agency", "authority", "auditor"])
async def test_a_caller_sees_the_own_subtree_only(counted: RunningService, role: str) -> None:
    client = counted.client(role, agency=OFFICE)
    assert (await figure(client, agency=OFFICE, as_of="2024-12-31"))["eligible"] == 2
    for outside in (BODY, PARTY):
        answer = await client.get(PROGRESS, params={"agency": outside})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        answer = await client.get(MEMBERS, params={"agency": outside, "state": "missing"})
        assert answer.status_code == 404


async def test_an_abolished_body_is_within_the_scope_it_had_on_its_last_day(
    counted: RunningService,
) -> None:
    asked = {"agency": DISTRICT, "as_of": "2024-12-31"}
    assert (await figure(counted.client("agency", agency=BODY), **asked))["eligible"] == 1
    elsewhere = counted.client("agency", agency=OFFICE)
    assert (await elsewhere.get(PROGRESS, params=asked)).status_code == 404


async def test_one_bloc_never_sees_the_people_of_the_other(counted: RunningService) -> None:
    party = counted.client("authority", agency=BODY, bloc="party")
    state = counted.client("authority", agency=BODY, bloc="state")
    assert await listed(party, "missing", as_of="2024-12-31") == [("CB3", "no_certificate")]
    assert [code for code, _ in await listed(state, "missing", as_of="2024-12-31")] == [
        "CB2",
        "CB4",
    ]
    assert (await figure(party, as_of="2024-12-31"))["eligible"] == 4


async def test_reading_about_people_is_audited_and_figures_are_not(
    counted: RunningService,
) -> None:
    client = counted.client("auditor", subject="thanh-tra")
    await client.get(PROGRESS)
    await client.get(MEMBERS, params={"state": "missing"})
    async with counted.database.pool.acquire() as connection:
        rows = await connection.fetch("SELECT caller, action, subject FROM audit")
    assert [tuple(row) for row in rows] == [("thanh-tra", "members.read", "daklak-2020/I1-2025")]


async def test_plans_are_published_once_and_served_with_their_sentences(
    targets: RunningService,
) -> None:
    client = targets.client("institution", institution="TDV")
    plans = (await client.get("/v1/plans")).json()["items"]
    assert [plan["id"] for plan in plans] == [
        "cantho-2020",
        "daklak-2020",
        "hcm-2022",
        "hoanghoa-2021",
        "quangtri-2022",
    ]
    document = (await client.get("/v1/plans/quangtri-2022")).json()
    assert all(each["source"]["sentence"] for each in document["indicators"])
    frozen = document["readings"]["L1_abolished_district"]
    assert frozen["not_available"] == ["plan_amended"]
    assert list(frozen["meanings"]) == frozen["options"]
    assert frozen["meanings"]["current_level"]["en"] == "The level of their body on the as-of date."
    assert frozen["question_en"].startswith("At which level")
    assert (await client.get("/v1/plans/none")).json()["code"] == "plan_unknown"
    async with targets.app.router.lifespan_context(targets.app):
        pass  # a second start adopts nothing
    await targets.app.state.database.open()
    events = await targets.events()
    assert [event["type"] for event in events] == ["vn.bac.plan.adopted.v1"] * 5
    assert {event["data"]["plan"] for event in events} == {plan["id"] for plan in plans}


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("vi", "Phải là ngày dạng YYYY-MM-DD, từ 02/09/1945 đến 31/12/2199."),
        ("en", "Must be a date YYYY-MM-DD from 1945-09-02 to 2199-12-31."),
    ],
)
async def test_an_impossible_day_is_refused_in_the_readers_way_of_writing_days(
    counted: RunningService, language: str, message: str
) -> None:
    for day in ("1945-09-01", "2200-01-01", "2024-02-30", "2024-1-1", "31/12/2024"):
        answer = await counted.client().get(
            PROGRESS, params={"as_of": day}, headers={"Accept-Language": language}
        )
        assert answer.status_code == 422
        (fault,) = answer.json()["errors"]
        assert (fault["pointer"], fault["message"]) == ("?as_of", message)


async def test_a_page_that_holds_the_last_person_names_no_next(counted: RunningService) -> None:
    client, found = counted.client(), []
    asked: dict[str, Any] = {"state": "missing", "as_of": "2024-12-31", "limit": 1}
    for name in ("cursor", "after", "cursor"):
        page = (await client.get(MEMBERS, params=asked)).json()
        found += [each["official_code"] for each in page["items"]]
        asked |= {name: page["next"]} if page["next"] else {}
        asked = {key: value for key, value in asked.items() if key in (name, *BASE)}
    assert found == ["CB2", "CB3", "CB4"]
    assert page["next"] is None
