"""``bac targets check``: holds what the service answers against a recount from the raw events.

Reads both feeds from the beginning, waits until the service has applied all of them, asks a sample of
questions (or also every body of every plan) and reports every figure and every list row that differs.
There must be none.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import httpx

from services.targets.plans.loading import load_plans
from services.targets.plans.readings import default_readings
from services.targets.plans.schemas import Plan
from services.targets.recount.counting import Recount
from services.targets.recount.facts import Event
from services.targets.recount.figures import State
from services.targets.recount.questions import (
    Question,
    every_body,
    sampled_questions,
    seed_of,
)

VIETNAM = dt.timezone(dt.timedelta(hours=7))
PAGE = 5000
LIST_PAGE = 500
SHOWN = 50
"""Differences written out in full; the rest is counted."""

_STATES: tuple[State, ...] = get_args(State)


class CheckImpossible(RuntimeError):
    """The figures could not be compared: a service refused, or events kept arriving."""


class _NotReady(CheckImpossible):
    """The service answers 503: it is rebuilding its figures, which ends by itself."""


class _Moved(Exception):
    """The service has counted newer events than those read here."""


@dataclass(frozen=True, slots=True)
class Difference:
    question: Question
    what: str
    """``I1-2025 eligible``, or ``I1-2025 missing CB123`` for a row of a list."""
    served: object
    recounted: object

    def __str__(self) -> str:
        return f"{self.question}: {self.what}: served {self.served}, recounted {self.recounted}"


@dataclass(slots=True)
class Report:
    events: int = 0
    agencies: int = 0
    officials: int = 0
    questions: int = 0
    bodies: int = 0
    """How many of the agencies were asked about."""
    seed: int | None = None
    """Seed of the sample; null when the questions were given."""
    figures: int = 0
    list_rows: int = 0
    seconds: float = 0.0
    counted_at: dict[str, str] = field(default_factory=dict)
    set_aside: list[str] = field(default_factory=list)
    """Events that the service says it left out; they are counted here."""
    differences: list[Difference] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        return not self.differences

    def __str__(self) -> str:
        lines = [str(each) for each in self.differences[:SHOWN]]
        if len(self.differences) > SHOWN:
            lines.append(f"… and {len(self.differences) - SHOWN} more")
        if self.set_aside:
            lines.append(
                f"targets has set aside, and not counted, the events at {', '.join(self.set_aside)}"
            )
        sample = "" if self.seed is None else f" (sample of seed {self.seed})"
        lines.append(
            f"{self.events} events, {self.agencies} agencies, {self.officials} officials; "
            f"{self.questions} questions about {self.bodies} of {self.agencies} agencies{sample}, "
            f"{self.figures} figures, {self.list_rows} list rows "
            f"compared in {self.seconds:.1f} s; {len(self.differences)} differences"
        )
        return "\n".join(lines)


@dataclass(slots=True)
class _Feed:
    """One service's events, read on from where the last reading stopped."""

    client: httpx.Client
    events: list[Event] = field(default_factory=list)
    head: str = ""

    def read_on(self) -> bool:
        """Reads to the end; true when the feed had moved."""
        before = self.head
        while True:
            parameters: dict[str, str | int] = {"limit": PAGE}
            if self.head:
                parameters["after"] = self.head
            answer = _get(self.client, "/v1/events", parameters)
            if not answer.get("whole", True):
                raise CheckImpossible(
                    "birth dates are withheld from this token; it needs the scope pii:read"
                )
            self.events += answer["events"]
            self.head = answer["cursor"]
            if answer["cursor"] == answer["head"]:
                return self.head != before


def run_check(
    enrolment_url: str,
    certification_url: str,
    targets_url: str,
    token: str,
    *,
    today: dt.date | None = None,
    plans: Mapping[str, Plan] | None = None,
    questions: Sequence[Question] | None = None,
    whole: bool = False,
    seed: int | None = None,
    patience: float = 120.0,
    attempts: int = 5,
    transport: httpx.BaseTransport | None = None,
) -> Report:
    """Compares a sample of questions (or those given) and says where the two differ.

    ``whole``: besides the sample also every body of every plan's tree, on each of the sample's fixed days.
    ``seed`` chooses the sample, else the day does. ``token`` must see the nation.
    ``patience`` is how many seconds the service may need to catch up with the feeds. When events arrive
    meanwhile, all is asked again, ``attempts`` times at most.
    ``transport`` replaces the network, for tests.
    Raises :class:`CheckImpossible`.
    """
    started = time.monotonic()
    plans = load_plans() if plans is None else plans
    today = dt.datetime.now(VIETNAM).date() if today is None else today
    with (
        _client(enrolment_url, token, transport) as enrolment,
        _client(certification_url, token, transport) as certification,
        _client(targets_url, token, transport) as targets,
    ):
        feeds = {"enrolment": _Feed(enrolment), "certification": _Feed(certification)}
        for _ in range(attempts):
            for feed in feeds.values():
                feed.read_on()
            heads = {name: feed.head for name, feed in feeds.items()}
            recount = Recount(event for feed in feeds.values() for event in feed.events)
            asked = questions or [
                *sampled_questions(recount.facts, plans, today, seed=seed),
                *(every_body(recount.facts, plans, today) if whole else ()),
            ]
            report = Report(
                events=sum(len(feed.events) for feed in feeds.values()),
                agencies=len(recount.facts.agencies),
                officials=len(recount.facts.officials),
                bodies=len({each.agency or each.plan.body.agency_code for each in asked}),
                seed=None if questions else seed_of(today) if seed is None else seed,
                counted_at=heads,
            )
            try:
                if asked:
                    _wait_for(targets, asked[0], feeds.values(), heads, patience)
                for question in asked:
                    _compare(targets, recount, question, heads, report)
            except _Moved:
                continue
            report.seconds = time.monotonic() - started
            return report
    raise CheckImpossible("events kept arriving; check again when the directory is quiet")


def check(
    enrolment_url: str,
    certification_url: str,
    targets_url: str,
    token: str,
    questions: Sequence[Question] | None = None,
) -> list[Difference]:
    """The differences alone. Raises :class:`CheckImpossible`."""
    return run_check(
        enrolment_url, certification_url, targets_url, token, questions=questions
    ).differences


def _client(url: str, token: str, transport: httpx.BaseTransport | None) -> httpx.Client:
    return httpx.Client(
        base_url=url,
        headers={"Authorization": f"Bearer {token}"},
        timeout=httpx.Timeout(60.0),
        transport=transport,
    )


def _get(client: httpx.Client, path: str, parameters: Mapping[str, str | int]) -> dict[str, Any]:
    try:
        response = client.get(path, params=parameters)
    except httpx.HTTPError as error:
        raise CheckImpossible(f"{client.base_url}{path}: {error!r}") from error
    if response.status_code == httpx.codes.CONFLICT:
        raise _Moved
    if response.status_code != httpx.codes.OK:
        failure = f"{response.request.url}: {response.status_code} {response.text[:300]}"
        not_ready = response.status_code == httpx.codes.SERVICE_UNAVAILABLE
        raise _NotReady(failure) if not_ready else CheckImpossible(failure)
    answer: dict[str, Any] = response.json()
    return answer


def _wait_for(
    targets: httpx.Client,
    question: Question,
    feeds: Iterable[_Feed],
    heads: Mapping[str, str],
    patience: float,
) -> None:
    """Until the service has counted every event that was read here."""
    until = time.monotonic() + patience
    while not _has_counted(targets, question, heads):
        if any(feed.read_on() for feed in feeds):
            raise _Moved
        if time.monotonic() > until:
            raise CheckImpossible(
                f"targets did not catch up with the feeds within {patience:.0f} s; is its worker running?"
            )
        time.sleep(0.2)


def _has_counted(targets: httpx.Client, question: Question, heads: Mapping[str, str]) -> bool:
    try:
        return bool(_progress(targets, question)["counted_at"] == heads)
    except _NotReady:
        return False


def _progress(targets: httpx.Client, question: Question) -> dict[str, Any]:
    return _get(targets, f"/v1/plans/{question.plan.id}/progress", question.parameters())


def _compare(
    targets: httpx.Client,
    recount: Recount,
    question: Question,
    heads: Mapping[str, str],
    report: Report,
) -> None:
    answer = _progress(targets, question)
    if answer["counted_at"] != heads:
        raise _Moved
    plan = question.plan
    report.set_aside = [f"{a['feed']} {a['position']}" for a in answer.get("set_aside", ())]

    def hold(what: str, served: object, recounted: object) -> None:
        if served != recounted:
            report.differences.append(Difference(question, what, served, recounted))

    hold("agency", answer["agency"], question.agency or plan.body.agency_code)
    hold("as_of", answer["as_of"], question.as_of.isoformat())
    hold("readings", answer["readings"], {**default_readings(plan), **question.readings})
    served = {each["id"]: each for each in answer["indicators"]}
    figures = recount.figures(plan, question.agency, question.as_of, question.readings)
    hold("indicators", list(served), [each.indicator.id for each in figures])
    for figure in figures:
        indicator_id = figure.indicator.id
        answered = served.get(indicator_id, {})
        for name, value in figure.as_answer().items():
            hold(f"{indicator_id} {name}", answered.get(name), value)
        report.figures += 1
        if question.with_lists:
            _compare_lists(targets, recount, question, indicator_id, heads, report)
    report.questions += 1


def _compare_lists(
    targets: httpx.Client,
    recount: Recount,
    question: Question,
    indicator_id: str,
    heads: Mapping[str, str],
    report: Report,
) -> None:
    plan = question.plan
    for state in _STATES:
        listed = _listed(targets, question, indicator_id, state, heads)
        counted = {
            row.official_code: (row.reason, row.level, row.specialised)
            for row in recount.members(
                plan, indicator_id, question.agency, question.as_of, state, question.readings
            )
        }
        report.list_rows += len(counted)
        for code in sorted(listed.keys() | counted.keys()):
            if listed.get(code) != counted.get(code):
                what = f"{indicator_id} {state} {code}"
                report.differences.append(
                    Difference(question, what, listed.get(code), counted.get(code))
                )


def _listed(
    targets: httpx.Client,
    question: Question,
    indicator_id: str,
    state: State,
    heads: Mapping[str, str],
) -> dict[str, tuple[object, object, object]]:
    path = f"/v1/plans/{question.plan.id}/indicators/{indicator_id}/members"
    parameters: dict[str, str | int] = {
        **question.parameters(),
        "state": state,
        "limit": LIST_PAGE,
    }
    rows: dict[str, tuple[object, object, object]] = {}
    while True:
        answer = _get(targets, path, parameters)
        if answer.get("counted_at", heads) != heads:
            raise _Moved
        for row in answer["items"]:
            code, reason = row["official_code"], row["reason"]
            if code in rows:
                reason = "listed twice"
            rows[code] = (reason, row.get("level"), row.get("specialised"))
        if answer["next"] is None:
            return rows
        parameters["cursor"] = answer["next"]
