"""``bac targets check`` finds what is wrong in the service's answers, and only that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from services.targets.plans.loading import load_plans
from services.targets.plans.readings import parse_readings
from services.targets.recount.counting import Recount
from services.targets.recount.questions import Question, sampled_questions
from services.targets.recount.use_cases import CheckImpossible, Report, check, run_check
from tests.worlds import events as made
from tests.worlds.events import Event

PLANS = load_plans()
TODAY = dt.date(2026, 11, 22)
Answer = dict[str, Any]


def enrolment_events() -> list[Event]:
    province = made.agency_version(province="66")
    events = [
        made.agency("H15", province),
        made.agency("H15.01", made.agency_version(parent="H15", province="66")),
        made.agency(
            "H15.02",
            made.agency_version(parent="H15", province="66", system="public_service"),
        ),
    ]
    for number in range(6):
        post = made.assignment(
            "H15.01" if number < 3 else "H15.02",
            "civil_servant" if number < 3 else "public_employee",
        )
        events.append(made.official(f"CB{number}", post, language_teacher=number == 5))
    return events


def certification_events() -> list[Event]:
    return [
        made.certificate("C0", "key-CB0", 4),
        made.certificate("C3", "key-CB3", 3),
        made.certificate("C4", "key-CB4", 5),
        made.revoked("C4", "key-CB4", "2025-01-01"),
    ]


class Services:
    """The three services as one transport. ``spoil`` may falsify an answer of targets."""

    def __init__(self, spoil: Callable[[httpx.Request, Answer], None] | None = None) -> None:
        self.feeds = {"enrolment": enrolment_events(), "certification": certification_events()}
        self.counted = {name: len(events) for name, events in self.feeds.items()}
        self.spoil = spoil
        self.before_progress: Callable[[Services], None] = lambda services: None
        self.authorization: set[str] = set()
        self.recounts: dict[tuple[int, ...], Recount] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.authorization.add(request.headers["Authorization"])
        if request.url.path == "/v1/events":
            return httpx.Response(200, json=self._events(request))
        self.before_progress(self)
        answer = self._targets(request)
        if self.spoil is not None:
            self.spoil(request, answer)
        return httpx.Response(200, json=answer)

    def _recount(self) -> Recount:
        counted = tuple(self.counted.values())
        if counted not in self.recounts:
            self.recounts[counted] = Recount(
                event
                for name, events in self.feeds.items()
                for event in events[: self.counted[name]]
            )
        return self.recounts[counted]

    def _events(self, request: httpx.Request) -> Answer:
        events = self.feeds[request.url.host]
        start = int(request.url.params.get("after", "0"))
        end = min(start + 4, len(events))
        return {"events": events[start:end], "cursor": str(end), "head": str(len(events))}

    def _targets(self, request: httpx.Request) -> Answer:
        parameters = dict(parse_qsl(request.url.query.decode()))
        parts = request.url.path.split("/")
        plan = PLANS[parts[3]]
        readings = parse_readings(plan, parameters.items())
        as_of = dt.date.fromisoformat(parameters["as_of"])
        agency = parameters.get("agency", plan.body.agency_code)
        counted_at = {name: str(count) for name, count in self.counted.items()}
        recount = self._recount()
        if parts[-1] == "progress":
            return {
                "plan": plan.id,
                "plan_version": plan.version,
                "agency": agency,
                "as_of": parameters["as_of"],
                "readings": readings,
                "counted_at": counted_at,
                "indicators": [
                    each.as_answer() for each in recount.figures(plan, agency, as_of, readings)
                ],
            }
        state: Any = parameters["state"]
        rows = recount.members(plan, parts[5], agency, as_of, state, readings)
        start = int(parameters.get("cursor", "0"))
        page = rows[start : start + 2]
        items = [
            {
                "official_code": row.official_code,
                "reason": row.reason,
                "level": row.level,
                "specialised": row.specialised,
            }
            for row in page
        ]
        more = start + 2 < len(rows)
        return {
            "items": items,
            "next": str(start + 2) if more else None,
            "counted_at": counted_at,
        }


def checked(services: Services, **said: Any) -> Report:
    return run_check(
        "http://enrolment",
        "http://certification",
        "http://targets",
        "a-token",
        today=TODAY,
        transport=httpx.MockTransport(services),
        **said,
    )


def test_a_right_service_has_no_differences_over_the_whole_sample() -> None:
    services = Services()
    report = checked(services)
    assert report.agrees
    assert report.events == 13
    assert report.officials == 6
    assert report.counted_at == {"enrolment": "9", "certification": "4"}
    assert report.questions > 20
    assert report.list_rows > 20
    assert str(report).endswith("0 differences")
    assert "about 3 of 3 agencies (sample of seed 20261122), " in str(report)
    assert services.authorization == {"Bearer a-token"}


def test_every_body_is_asked_about_on_every_fixed_day_when_all_are_wanted() -> None:
    asked: set[tuple[str, str]] = set()

    def watch(request: httpx.Request, answer: Answer) -> None:
        if "indicators" in answer and answer["plan"] == "daklak-2020":
            asked.add((answer["agency"], answer["as_of"]))

    services = Services(watch)
    services.feeds["enrolment"] = [
        *enrolment_events(),
        made.agency("H15.E", made.agency_version(valid_to="2020-01-01", parent="H15.01")),
    ]
    services.counted["enrolment"] += 1
    report = checked(services, whole=True)
    assert report.agrees
    assert asked >= {
        (body, day)
        for body in ("H15", "H15.01", "H15.02", "H15.E")
        for day in (
            "2024-12-31",
            "2025-06-30",
            "2025-07-01",
            "2025-12-31",
            "2030-12-31",
            "2026-11-22",
        )
    }
    assert "about 4 of 4 agencies" in str(report)


def test_a_body_outside_the_sample_is_found_out_when_all_are_wanted() -> None:
    def spoil(request: httpx.Request, answer: Answer) -> None:
        if "agency=H15.077&" in f"{request.url}&" and "indicators" in answer:
            answer["indicators"][0]["eligible"] += 1

    services = Services(spoil)
    others = [made.agency(f"H15.{n:03}", made.agency_version(parent="H15")) for n in range(200)]
    services.feeds["enrolment"] += others
    services.counted["enrolment"] += len(others)
    assert checked(services, seed=1).agrees
    report = checked(services, seed=1, whole=True)
    assert {each.what for each in report.differences} == {"I1-2025 eligible"}
    assert "about 203 of 203 agencies (sample of seed 1)" in str(report)


def test_one_figure_off_by_one_is_reported_with_its_question() -> None:
    def spoil(request: httpx.Request, answer: Answer) -> None:
        if "as_of=2025-12-31" in str(request.url) and "indicators" in answer:
            answer["indicators"][1]["achieved"] += 1

    plan = PLANS["daklak-2020"]
    defaults = parse_readings(plan, [])
    asked = [
        Question(plan, None, dt.date(2024, 12, 31), defaults, False),
        Question(plan, None, dt.date(2025, 12, 31), defaults, False),
    ]
    report = checked(Services(spoil), questions=asked)
    (found,) = report.differences
    assert (found.what, found.served, found.recounted) == ("I2-2025 achieved", 1, 0)
    assert found.question is asked[1]
    assert "daklak-2020 as_of=2025-12-31: I2-2025 achieved" in str(report)


def test_a_member_that_is_missing_from_a_list_is_reported_by_code() -> None:
    def spoil(request: httpx.Request, answer: Answer) -> None:
        if "items" in answer:
            answer["items"] = [row for row in answer["items"] if row["official_code"] != "CB4"]

    plan = PLANS["daklak-2020"]
    asked = [Question(plan, "H15.02", TODAY, parse_readings(plan, []), True)]
    found = {each.what for each in checked(Services(spoil), questions=asked).differences}
    assert found == {"I2-2025 missing CB4", "I2-2030 missing CB4"}


def test_a_wrong_reason_and_a_row_listed_twice_are_reported() -> None:
    def spoil(request: httpx.Request, answer: Answer) -> None:
        for row in list(answer.get("items", ())):
            if row["official_code"] == "CB5":
                row["reason"] = "not_covered"
            if row["official_code"] == "CB0":
                answer["items"].append(row)

    plan = PLANS["daklak-2020"]
    asked = [Question(plan, None, TODAY, parse_readings(plan, []), True)]
    found = checked(Services(spoil), questions=asked).differences
    assert {each.what for each in found if each.what.endswith("CB5")} == {
        f"{indicator.id} excluded CB5" for indicator in plan.indicators
    }
    twice = {each.what for each in found if each.what.endswith("CB0")}
    assert twice == {"I1-2025 achieved CB0", "I1-2030 missing CB0"}


def test_readings_that_the_answer_forgets_to_repeat_are_reported() -> None:
    def spoil(request: httpx.Request, answer: Answer) -> None:
        answer.get("readings", {}).pop("L2_merged_province", None)

    plan = PLANS["daklak-2020"]
    asked = [Question(plan, None, TODAY, parse_readings(plan, []), False)]
    (found,) = checked(Services(spoil), questions=asked).differences
    assert found.what == "readings"


def test_the_check_waits_until_the_service_has_applied_every_event() -> None:
    services = Services()
    services.counted["certification"] = 0
    asked_so_far: list[int] = []

    def catch_up(services: Services) -> None:
        asked_so_far.append(1)
        if len(asked_so_far) == 3:
            services.counted["certification"] = 4

    services.before_progress = catch_up
    assert checked(services).agrees


def test_the_check_waits_while_the_service_rebuilds_its_figures() -> None:
    services = Services()
    refused: list[int] = []

    def rebuilding_at_first(request: httpx.Request) -> httpx.Response:
        if request.url.host == "targets" and len(refused) < 2:
            refused.append(1)
            return httpx.Response(503, json={"code": "projection_rebuilding"})
        return services(request)

    report = run_check(
        "http://enrolment",
        "http://certification",
        "http://targets",
        "a-token",
        today=TODAY,
        transport=httpx.MockTransport(rebuilding_at_first),
    )
    assert report.agrees
    assert len(refused) == 2


def test_a_service_that_stays_behind_is_no_agreement() -> None:
    services = Services()
    services.counted["certification"] = 0
    with pytest.raises(CheckImpossible, match="did not catch up"):
        checked(services, patience=0.0)


def test_events_that_arrive_during_the_check_make_it_start_again() -> None:
    services = Services()
    calls: list[int] = []

    def arrive(services: Services) -> None:
        calls.append(1)
        if len(calls) == 10:
            services.feeds["certification"].append(made.certificate("C1", "key-CB1", 4))
            services.counted["certification"] += 1

    services.before_progress = arrive
    report = checked(services)
    assert report.agrees
    assert report.counted_at["certification"] == "5"
    assert report.events == 14


def test_events_that_never_stop_arriving_end_the_check() -> None:
    services = Services()

    def arrive(services: Services) -> None:
        serial = f"N{len(services.feeds['certification'])}"
        services.feeds["certification"].append(made.certificate(serial, "key-nobody"))
        services.counted["certification"] += 1

    services.before_progress = arrive
    with pytest.raises(CheckImpossible, match="kept arriving"):
        checked(services)


def test_a_refusal_of_a_service_ends_the_check_with_its_words() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        return httpx.Response(401, text="no token")

    with pytest.raises(CheckImpossible, match="401 no token"):
        run_check(
            "http://enrolment",
            "http://certification",
            "http://targets",
            "a-token",
            transport=httpx.MockTransport(refuse),
        )


def test_an_unreachable_service_ends_the_check() -> None:
    with pytest.raises(CheckImpossible, match=r"127\.0\.0\.1:9"):
        check("http://127.0.0.1:9", "http://127.0.0.1:9", "http://127.0.0.1:9", "a-token")


def test_the_sample_is_the_same_each_time_and_asks_every_plan_day_and_reading() -> None:
    facts = Recount(enrolment_events()).facts
    first = sampled_questions(facts, PLANS, TODAY)
    assert [str(each) for each in first] == [
        str(each) for each in sampled_questions(facts, PLANS, TODAY)
    ]
    other_day = sampled_questions(facts, PLANS, TODAY + dt.timedelta(days=1), seed=7)
    assert [each.agency for each in other_day] != [each.agency for each in first]
    seeded = [str(each) for each in sampled_questions(facts, PLANS, TODAY, seed=20261122)]
    assert seeded == [str(each) for each in first]
    of_daklak = [each for each in first if each.plan.id == "daklak-2020" and each.agency is None]
    assert {each.as_of for each in of_daklak} >= {dt.date(2025, 6, 30), dt.date(2025, 7, 1), TODAY}
    assert {(key, option) for each in of_daklak for key, option in each.readings.items()} >= {
        ("R6_exclusion_effect", "count_as_achieved"),
        ("L2_merged_province", "surviving_plan"),
    }
    assert {each.plan.id for each in first} == set(PLANS)
