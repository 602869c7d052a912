"""Every fault planted into the path that serves figures (never into the recount) is found by asking both
arbitrary questions about small random worlds, whose events come in small batches and with the tree moving
after its people were counted: the comparison of every day, `test_many_worlds.py`, is sharp enough.

``test_planted_faults_in_crowds.py`` looks for faults with the questions of real use."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.targets.plans.loading import load_languages, load_provinces
from services.targets.plans.readings import CATALOGUE, available_options, default_readings
from services.targets.plans.schemas import Plan
from services.targets.population import (
    assignments,
    credentials,
    deciding,
    people,
    shifts,
    standing,
    tree,
)
from services.targets.population.days import END
from services.targets.population.profiles import ProfileScheme
from services.targets.population.series import EMPTY_OPENING, Page
from services.targets.progress import counting
from services.targets.recount.counting import Recount
from shared.contracts.events import CertificateSuperseded, EvidenceWithdrawn
from tests.worlds import in_memory
from tests.worlds.generated import PLANS, World, questions, worlds
from tests.worlds.in_memory import InMemoryFigures

Plant = Callable[[pytest.MonkeyPatch], None]
LANGUAGES, PROVINCES = load_languages(), load_provinces()
FAULTS: dict[str, Plant] = {}


class Different(Exception):
    """The two paths answered one question differently."""


def fault(plant: Plant) -> Plant:
    FAULTS[plant.__name__] = plant
    return plant


@fault
def a_moved_subtree_is_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(shifts, "regrouped", lambda *_: [])


@fault
def a_birthday_comes_a_day_late(patch: pytest.MonkeyPatch) -> None:
    right = standing.birthday
    patch.setattr(standing, "birthday", lambda born, years: right(born, years) + 1)


@fault
def a_bare_year_of_birth_is_its_last_day(patch: pytest.MonkeyPatch) -> None:
    right = standing.born_on
    patch.setattr(
        standing,
        "born_on",
        lambda text: dt.date(int(text), 12, 31) if len(text) == 4 else right(text),
    )


def _never_ends(patch: pytest.MonkeyPatch, kind: type) -> None:
    right = people.ending

    def ending(event: Any) -> Any:
        reference, until = right(event)
        return reference, END if isinstance(event, kind) else until

    patch.setattr(people, "ending", ending)


@fault
def a_supersession_is_ignored(patch: pytest.MonkeyPatch) -> None:
    _never_ends(patch, CertificateSuperseded)


@fault
def a_withdrawal_of_evidence_is_ignored(patch: pytest.MonkeyPatch) -> None:
    _never_ends(patch, EvidenceWithdrawn)


@fault
def an_annulment_counts_from_its_decision(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        people,
        "ending",
        lambda event: (
            getattr(event, "evidence_id", None) or event.certificate_id,
            event.decided_on.toordinal(),
        ),
    )


@fault
def a_reissue_counts_from_its_own_day(patch: pytest.MonkeyPatch) -> None:
    right = people.issued
    patch.setattr(
        people,
        "issued",
        lambda event: right(event)._replace(first=event.issued_on.toordinal()),
    )


@fault
def evidence_counts_from_its_acceptance(patch: pytest.MonkeyPatch) -> None:
    right = people.accepted
    patch.setattr(
        people,
        "accepted",
        lambda event: right(event)._replace(first=event.decided_on.toordinal()),
    )


@fault
def an_acceptance_counts_whoever_decided_it(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(deciding, "counts", lambda *_: True)


@fault
def the_last_day_of_validity_does_not_count(patch: pytest.MonkeyPatch) -> None:
    right = standing.expiry
    patch.setattr(standing, "expiry", lambda *given: right(*given) - 1)


@fault
def a_birth_date_that_differs_is_overlooked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(credentials, "_differ", lambda *_: False)


@fault
def former_identities_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(people.People, "_linked_identities", lambda *_: ())


@fault
def every_language_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(standing, "is_foreign", lambda *_: True)


@fault
def the_last_day_of_an_assignment_does_not_count(patch: pytest.MonkeyPatch) -> None:
    right = assignments.until_after
    patch.setattr(assignments, "until_after", lambda last: right(last) - (0 if last is None else 1))


@fault
def the_official_wins_over_the_assignment(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(standing, "_stated", lambda _, own: int(own))


@fault
def a_degree_is_held_before_it_was_awarded(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(standing, "_degree_from", lambda held, _: 0 if held else END)


@fault
def a_body_of_the_central_line_is_not_noticed(patch: pytest.MonkeyPatch) -> None:
    right = shifts.StandingRules._person

    def person(self: Any, state: Any, assignment: Any, version: Any, *rest: Any) -> Any:
        return right(self, state, assignment, version._replace(central_vertical=False), *rest)

    patch.setattr(shifts.StandingRules, "_person", person)


@fault
def secondments_move_membership(patch: pytest.MonkeyPatch) -> None:
    def all_assignments(state: Any) -> list[tuple[int, int, Any]]:
        ordered = sorted(state.assignments, key=lambda each: (each.valid_from, not each.primary))
        return [
            (each.valid_from.toordinal(), assignments.until_after(each.valid_to), each)
            for each in ordered[-1:]
        ]

    patch.setattr(standing, "primary_assignments", all_assignments)


@fault
def contract_staff_count_as_civil_servants(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(standing._STATUS, "other", 1)


@fault
def predecessors_say_nothing_of_origin(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(tree.Tree, "origin", lambda *_: None)


@fault
def newcomers_belong_nowhere(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(tree.Tree, "origin_of_newcomers", lambda *_: None)


@fault
def bodies_above_the_plans_own_count_every_origin(patch: pytest.MonkeyPatch) -> None:
    right = shifts.bodies_counted_by_origin
    patch.setattr(
        shifts,
        "bodies_counted_by_origin",
        lambda known, plans: {
            plan.body.agency_code: right(known, plans)[plan.body.agency_code] for plan in plans
        },
    )


@fault
def people_outside_the_tree_are_counted(patch: pytest.MonkeyPatch) -> None:
    right = tree.versions_of

    def endless(changed: Any) -> Any:
        versions = right(changed)
        return (*versions[:-1], versions[-1]._replace(until=END))

    patch.setattr(in_memory, "versions_of", endless)


@fault
def age_is_thought_irrelevant(patch: pytest.MonkeyPatch) -> None:
    right = ProfileScheme._shorten

    def shorten(self: ProfileScheme, person: Any) -> Any:
        ages = {self.position[name] for name in self.age_fields}
        young = tuple(1 if place in ages else value for place, value in enumerate(person))
        return right(self, young)

    patch.setattr(ProfileScheme, "_shorten", shorten)


@fault
def a_folded_page_forgets_its_opening(patch: pytest.MonkeyPatch) -> None:
    right = in_memory.folded
    patch.setattr(
        in_memory,
        "folded",
        lambda pages, *rest: right(
            [Page(p.from_day, EMPTY_OPENING, p.changes) for p in pages], *rest
        ),
    )


@fault
def a_page_that_begins_on_the_day_is_passed_over(patch: pytest.MonkeyPatch) -> None:
    right = in_memory.counts_on
    patch.setattr(in_memory, "counts_on", lambda day, *rest: right(day - 1, *rest))


@fault
def percentages_are_cut_off(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        counting,
        "percent",
        lambda achieved, eligible: achieved * 10000 // eligible / 100 if eligible else None,
    )


@fault
def a_shortfall_is_rounded_down(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        counting,
        "shortfall",
        lambda required, eligible, achieved: max(0, required * eligible // 100 - achieved),
    )


@fault
def an_exclusion_hits_every_status(patch: pytest.MonkeyPatch) -> None:
    right = counting.clauses.exclusion
    patch.setattr(counting.clauses, "exclusion", lambda clause: right(clause)[1:])


def _ignoring(key: str) -> Plant:
    def plant(patch: pytest.MonkeyPatch) -> None:
        right = InMemoryFigures.figures

        def figures(
            self: InMemoryFigures,
            plan: Plan,
            agency: str | None,
            as_of: dt.date,
            readings: Mapping[str, str],
        ) -> Any:
            ignored = {**readings, key: default_readings(plan)[key]}
            return right(self, plan, agency, as_of, ignored)

        patch.setattr(InMemoryFigures, "figures", figures)

    return plant


for _key in CATALOGUE:
    FAULTS[f"{_key}_is_ignored"] = _ignoring(_key)


def parents_told_last(events: Sequence[Any]) -> list[Any]:
    """The same facts, but every body first stands alone: the whole tree then moves below its people."""
    alone, later, rest = [], [], []
    for event in events:
        if event["type"] != "vn.bac.agency.changed.v1":
            rest.append(event)
            continue
        versions = [{**each, "parent_code": None} for each in event["data"]["versions"]]
        alone.append({**event, "data": {**event["data"], "versions": versions, "version": 0}})
        later.append(event)
    return alone + rest + later


def dates_in(world: World) -> list[dt.date]:
    """Days that the world's events name, fortieth birthdays, and the days after."""
    text = json.dumps(world.events)
    found = {dt.date.fromisoformat(each) for each in re.findall(r"20[12]\d-\d\d-\d\d", text)}
    for year, month, day in re.findall(r'"birth_date": "(19\d\d)-?(\d\d)?-?(\d\d)?"', text):
        found.add(dt.date(int(year) + 40, int(month or 1), min(int(day or 1), 28)))
        found.add(dt.date(int(year) + 40, int(month or 12), min(int(day or 30), 28)))
    return sorted(found | {each + dt.timedelta(days=1) for each in found})


def compare(scheme: ProfileScheme, events: Sequence[Any], asked: list[Any], batch: int) -> None:
    figures = InMemoryFigures(PLANS, LANGUAGES, PROVINCES, scheme=scheme)
    for start in range(0, len(events), batch):
        figures.apply(events[start : start + batch])
    recount = Recount(events, LANGUAGES, PROVINCES)
    for plan, agency, as_of, readings in asked:
        served = figures.figures(plan, agency, as_of, readings)
        for one, other in zip(served, recount.figures(plan, agency, as_of, readings), strict=True):
            answer = {
                "eligible": one.eligible,
                "achieved": one.achieved,
                "percent": one.percent,
                "shortfall": one.shortfall,
                "status": one.status,
                "focus": one.focus and one.focus._asdict(),
                "level_only": one.level_only and one.level_only._asdict(),
            }
            expected = other.as_answer()
            if any(answer[name] != expected[name] for name in answer):
                raise Different


def hunt(turned: Sequence[str], examples: int, asked_of: str | None = None) -> None:
    """Asks random worlds until the two differ; ``turned`` are switches turned in every question, and
    ``asked_of`` is the plan that is asked, where only one has the clause."""
    scheme = ProfileScheme(PLANS.values())

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def search(data: st.DataObject) -> None:
        world = data.draw(worlds())
        days = dates_in(world)
        asked = []
        for _ in range(6):
            question = data.draw(questions(world))
            plan, agency, readings = question.plan, question.agency, dict(question.readings)
            if asked_of is not None:
                plan, agency = PLANS[asked_of], agency or world.body
                readings = default_readings(plan)
            for key in turned:
                options = available_options(plan, key)
                readings[key] = data.draw(st.sampled_from(options[1:] or options))
            as_of = data.draw(st.sampled_from(days)) if data.draw(st.booleans()) else question.as_of
            asked.append((plan, agency, as_of, readings))
        told_last = data.draw(st.booleans())
        events = parents_told_last(world.events) if told_last else world.events
        compare(scheme, events, asked, data.draw(st.sampled_from([1000, 4])))

    search()


TURNED = {
    "the_last_day_of_validity_does_not_count": ("R9_achieved_at",),
    **{f"{key}_is_ignored": (key,) for key in CATALOGUE},
}
"""Switches without which a fault can hardly show."""


ASKED_OF = {"a_body_of_the_central_line_is_not_noticed": "hcm-2022"}
EXAMPLES = 10_000
"""Far more than any fault needs: which worlds are drawn changes with the code."""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    FAULTS[name](monkeypatch)
    with pytest.raises(Different):
        hunt(TURNED.get(name, ()), EXAMPLES, ASKED_OF.get(name))


def test_without_a_fault_nothing_is_found() -> None:
    hunt((), examples=200)
