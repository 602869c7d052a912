"""Mistakes planted into the path that serves figures, looked for in fixed crowds of thirty officials: the
questions that people really ask (every switch of a plan, every body, the days on which counting turns)
suffice to find each of them, in a figure or in the list of those who are excluded.

``test_planted_faults.py`` asks arbitrary questions of small random worlds instead, and tells their events in
other orders."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.targets.plans.readings import CATALOGUE, choose, default_readings, deviations
from services.targets.population import credentials, people, standing, tree
from services.targets.population.days import CUT, END
from services.targets.progress import counting
from services.targets.recount.counting import Recount
from services.targets.recount.figures import Figure
from shared.contracts.events import AssignmentAttributes, CertificateSuperseded, EvidenceWithdrawn
from tests.worlds import in_memory
from tests.worlds.asking import LANGUAGES
from tests.worlds.asking import PROVINCES as PROVINCES_FACTS
from tests.worlds.generated import PLANS, PROVINCES, TURNING_DAYS, Question, World, worlds

Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Case:
    """A world and some questions with what the recount answers."""

    world: World
    answers: tuple[tuple[Question, list[Figure], list[tuple[str, str]]], ...]


@functools.cache
def corpus() -> tuple[Case, ...]:
    """The same crowded worlds each time, asked where counting turns."""
    return tuple(case for province in PROVINCES for case in _crowds(province, 4))


@functools.cache
def further_corpus() -> tuple[Case, ...]:
    """More of them: which worlds hypothesis draws depends on what else the test process has loaded, so
    that a rare constellation may be missing from the first few."""
    return tuple(case for province in PROVINCES for case in _crowds(province, 20))


def _crowds(province: tuple[str, ...], number: int) -> list[Case]:
    cases: list[Case] = []

    @settings(
        max_examples=number,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(worlds(min_officials=30, max_officials=30, provinces=st.just(province)))
    def collect(world: World) -> None:
        recount = Recount(world.events, LANGUAGES, PROVINCES_FACTS)
        cases.append(
            Case(world, tuple((each, *_recounted(recount, each)) for each in _asked_of(world)))
        )

    collect()
    return cases


def _asked_of(world: World) -> Iterator[Question]:
    """Each switch of the plan at home and of the wordiest other; days that turn; every body."""
    home = next(each for each in PLANS.values() if each.body.agency_code.startswith(world.body))
    now = dt.date(2025, 12, 31)
    for plan in (home, PLANS["hcm-2022"]):
        for readings in deviations(plan):
            yield Question(plan, world.body, now, readings)
    for readings in deviations(PLANS["cantho-2020"])[:4]:
        yield Question(PLANS["cantho-2020"], world.body, now, readings)
    strict = {
        "R1_focus_clause": "focus_only",
        "R3_leader_bracket_scope": "distribute_all",
        "R9_achieved_at": "unexpired",
    }
    for day in TURNING_DAYS:
        yield Question(home, world.body, day, default_readings(home))
        for plan in (home, PLANS["sixth-2023"]):
            yield Question(plan, world.body, day, choose(plan, strict))
    for code in world.agency_codes:
        yield Question(home, code, now, default_readings(home))


def _recounted(recount: Recount, asked: Question) -> tuple[list[Figure], list[tuple[str, str]]]:
    excluded = recount.members(
        asked.plan,
        asked.plan.indicators[0].id,
        asked.agency,
        asked.as_of,
        "excluded",
        asked.readings,
    )
    figures = recount.figures(asked.plan, asked.agency, asked.as_of, asked.readings)
    return figures, [(row.official_code, row.reason) for row in excluded]


def _served_otherwise(case: Case) -> bool:
    served = in_memory.InMemoryFigures(PLANS, LANGUAGES, PROVINCES_FACTS)
    served.apply(case.world.events)
    for asked, figures, excluded in case.answers:
        question = asked.plan, asked.agency, asked.as_of, asked.readings
        for theirs, ours in zip(served.figures(*question), figures, strict=True):
            answered = theirs.eligible, theirs.achieved, theirs.percent, theirs.shortfall
            counted = ours.headline.eligible, ours.headline.achieved, ours.headline.percent
            beside = (
                theirs.focus and tuple(theirs.focus),
                theirs.level_only and theirs.level_only[0],
            )
            level = ours.level_only and ours.level_only.achieved
            focus = ours.focus and (ours.focus.eligible, ours.focus.achieved, ours.focus.percent)
            if answered != (*counted, ours.shortfall) or beside != (focus, level):
                return True
        listed = served.members(
            asked.plan,
            asked.plan.indicators[0].id,
            asked.agency,
            asked.as_of,
            "excluded",
            asked.readings,
        )
        if [(row.official_code, row.reason) for row in listed] != excluded:
            return True
    return False


# --- the faults ---------------------------------------------------------------------------------


def _wrapped(module: object, name: str, change: Callable[[Any], Any]) -> Plant:
    """Replaces a function or attribute by what ``change`` makes of it."""

    def plant(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, name, change(getattr(module, name)))

    return plant


def _reading_ignored(key: str) -> Plant:
    def change(original: Any) -> Any:
        def question(self: Any, plan: Any, readings: Any) -> Any:
            return original(self, plan, {**readings, key: default_readings(plan)[key]})

        return question

    return _wrapped(in_memory.InMemoryFigures, "question", change)


def _territory_ignored(original: Any) -> Any:
    def series_of(self: Any, plan: Any, agency: str, day: int, readings: Any) -> Any:
        found = original(self, plan, agency, day, readings)
        return None if found is None else (found[0], tree.EVERY_ORIGIN)

    return series_of


def _never_moves(original: Any) -> Any:
    def versions_of(changed: Any) -> Any:
        versions = original(changed)
        return tuple(each._replace(parent=versions[0].parent) for each in versions)

    return versions_of


def _never_ends(original: Any) -> Any:
    def versions_of(changed: Any) -> Any:
        *others, last = original(changed)
        return (*others, last._replace(until=END))

    return versions_of


def _standing_on(kind: type) -> Callable[[Any], Any]:
    """Events of ``kind`` end nothing."""

    def change(original: Any) -> Any:
        def ending(event: Any) -> Any:
            reference, until = original(event)
            return reference, END if isinstance(event, kind) else until

        return ending

    return change


def _one_day_late(original: Any) -> Any:
    def ending(event: Any) -> Any:
        reference, until = original(event)
        return reference, until + 1 if until else until

    return ending


def _of_another(change: Callable[[Any], Any]) -> Plant:
    """Judges each official by what ``change`` makes of the state."""

    def judge(original: Any) -> Any:
        def standings(self: Any, state: Any, credentials: Any) -> Any:
            return original(self, change(state), credentials)

        return standings

    return _wrapped(standing.StandingRules, "standings", judge)


def _all_primary(state: Any) -> Any:
    posts = tuple(msgspec.structs.replace(each, primary=True) for each in state.assignments)
    return msgspec.structs.replace(state, assignments=posts)


def _bare_assignments(state: Any) -> Any:
    bare = AssignmentAttributes()
    posts = tuple(msgspec.structs.replace(each, attributes=bare) for each in state.assignments)
    return msgspec.structs.replace(state, assignments=posts)


def _always_graduated(state: Any) -> Any:
    undated = msgspec.structs.replace(
        state.attributes, language_degree_awarded_on=None, foreign_taught_degree_awarded_on=None
    )
    return msgspec.structs.replace(state, attributes=undated)


def _born_at_the_end(state: Any) -> Any:
    said = state.birth_date
    return msgspec.structs.replace(state, birth_date=f"{said}-12-31" if len(said) == 4 else said)


def _successors_without_origin(original: Any) -> Any:
    def origin(self: Any, code: str) -> Any:
        return original(self, code) if self.in_force(code, CUT - 1) else None

    return origin


def _reissued_from_its_issue(original: Any) -> Any:
    def issued(event: Any) -> Any:
        return original(event)._replace(first=event.issued_on.toordinal())

    return issued


def _from_acceptance(original: Any) -> Any:
    def accepted(event: Any) -> Any:
        return original(event)._replace(first=event.decided_on.toordinal())

    return accepted


def _older_state_wins(original: Any) -> Any:
    def changed(self: Any, state: Any) -> None:
        if state.official_code not in self.officials:
            original(self, state)

    return changed


FAULTS: dict[str, Plant] = {
    **{
        f"reading {key} ignored": _reading_ignored(key)
        for key in CATALOGUE
        if key != "L2_merged_province"
    },
    "reading L2_merged_province ignored": _wrapped(
        in_memory.InMemoryFigures, "series_of", _territory_ignored
    ),
    "a moved subtree stays where it was": _wrapped(in_memory, "versions_of", _never_moves),
    "a body that ended goes on": _wrapped(in_memory, "versions_of", _never_ends),
    "a birthday a day late": _wrapped(
        standing, "birthday", lambda original: lambda born, years: original(born, years) + 1
    ),
    "a bare year taken as its end": _of_another(_born_at_the_end),
    "a supersession ignored": _wrapped(people, "ending", _standing_on(CertificateSuperseded)),
    "a withdrawal of evidence ignored": _wrapped(people, "ending", _standing_on(EvidenceWithdrawn)),
    "a certificate standing on the day of its revocation": _wrapped(
        people, "ending", _one_day_late
    ),
    "a reissue counted from its own issue": _wrapped(people, "issued", _reissued_from_its_issue),
    "evidence counted from its acceptance": _wrapped(people, "accepted", _from_acceptance),
    "birth dates not compared": _wrapped(
        credentials, "_differ", lambda original: lambda one, other: False
    ),
    "former identities forgotten": _wrapped(
        people, "birth_checks", lambda original: lambda state, linked: original(state, ())
    ),
    "minority languages counted": _wrapped(
        standing, "is_foreign", lambda original: lambda credential, languages: True
    ),
    "an expiry a day late": _wrapped(
        standing, "expiry", lambda original: lambda *said: min(original(*said) + 1, END)
    ),
    "secondments moving membership": _of_another(_all_primary),
    "attributes of the assignment forgotten": _of_another(_bare_assignments),
    "a degree counted before it was awarded": _of_another(_always_graduated),
    "successors without the origin of their predecessors": _wrapped(
        tree.Tree, "origin", _successors_without_origin
    ),
    "newcomers following the code instead of the name": _wrapped(
        tree.Tree,
        "origin_of_newcomers",
        lambda original: lambda self, version: version.province_code,
    ),
    "an older state of an official winning": _wrapped(
        people.People, "_official_changed", _older_state_wins
    ),
    "percent cut instead of rounded": _wrapped(
        counting,
        "percent",
        lambda original: (
            lambda achieved, eligible: achieved * 10_000 // eligible / 100 if eligible else None
        ),
    ),
    "a shortfall rounded down": _wrapped(
        counting,
        "shortfall",
        lambda original: (
            lambda required, eligible, achieved: max(0, required * eligible // 100 - achieved)
        ),
    ),
}


@pytest.mark.timeout(600)
def test_without_a_fault_nothing_differs() -> None:
    assert [number for number, case in enumerate(corpus()) if _served_otherwise(case)] == []


@pytest.mark.timeout(600)
@pytest.mark.parametrize("fault", FAULTS)
def test_planted_fault_is_found(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus()
    FAULTS[fault](monkeypatch)
    assert any(_served_otherwise(case) for case in corpus()) or any(
        _served_otherwise(case) for case in further_corpus()
    )
