"""Which questions a check asks: a sample, the same one every time for the same directory and seed, or every
body of every plan."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from dataclasses import dataclass

from services.targets.plans.readings import default_readings, deviations
from services.targets.plans.schemas import Plan
from services.targets.recount.facts import Facts

FIXED_DAYS = (
    dt.date(2024, 12, 31),
    dt.date(2025, 6, 30),
    dt.date(2025, 7, 1),
    dt.date(2025, 12, 31),
    dt.date(2030, 12, 31),
)
"""The last year of districts, the turn itself, and both milestones."""

_FIRST_DAY = dt.date(2019, 11, 19)
_LAST_DAY = dt.date(2032, 1, 1)


@dataclass(frozen=True, slots=True)
class Question:
    plan: Plan
    agency: str | None
    """Null: the plan's own body, left out of the request."""
    as_of: dt.date
    readings: Mapping[str, str]
    """Every switch named."""
    with_lists: bool
    """Whether the lists of members are compared too."""

    def parameters(self) -> dict[str, str]:
        """Query parameters; only departures from the defaults are named."""
        defaults = default_readings(self.plan)
        asked = {"as_of": self.as_of.isoformat()}
        if self.agency is not None:
            asked["agency"] = self.agency
        for key, option in self.readings.items():
            if option != defaults[key]:
                asked[f"reading.{key}"] = option
        return asked

    def __str__(self) -> str:
        asked = " ".join(f"{name}={value}" for name, value in self.parameters().items())
        return f"{self.plan.id} {asked}"


def seed_of(day: dt.date) -> int:
    """A sample that is another one tomorrow: 20261123."""
    return day.year * 10_000 + day.month * 100 + day.day


def every_body(facts: Facts, plans: Mapping[str, Plan], today: dt.date) -> list[Question]:
    """For every plan: its body and every other that was ever below it, on each fixed day and today, under
    the plan's default readings. Figures only."""
    return [
        Question(plan, code, day, default_readings(plan), False)
        for plan in plans.values()
        for code in _with_all_below(facts, plan.body.agency_code)
        for day in (*FIXED_DAYS, today)
    ]


def sampled_questions(
    facts: Facts,
    plans: Mapping[str, Plan],
    today: dt.date,
    *,
    seed: int | None = None,
    bodies: int = 12,
) -> list[Question]:
    """``seed``: that of the day where none is given.

    Of every plan: its body on each day and under each departure, what lies above it, other plans' bodies, and
    ``bodies`` others drawn from the whole directory, districts that ended among them."""
    draw = random.Random(seed_of(today) if seed is None else seed)
    days = [*FIXED_DAYS, today]
    codes = sorted(facts.agencies)
    questions: list[Question] = []
    for plan in plans.values():
        choices = deviations(plan)
        defaults = choices[0]

        def some_day() -> dt.date:
            if draw.random() < 0.5:
                return draw.choice(days)
            return _FIRST_DAY + dt.timedelta(days=draw.randrange((_LAST_DAY - _FIRST_DAY).days))

        questions += [Question(plan, None, day, defaults, day == today) for day in days]
        questions += [
            Question(plan, None, draw.choice(days), readings, False) for readings in choices[1:]
        ]
        for above in _above(facts, plan.body.agency_code):
            questions.append(Question(plan, above, today, defaults, False))
            questions.append(Question(plan, above, some_day(), draw.choice(choices), False))
        for other in plans.values():
            if other.body.agency_code in facts.agencies and other is not plan:
                readings = draw.choice(choices)
                questions.append(
                    Question(plan, other.body.agency_code, some_day(), readings, False)
                )
        for code in draw.sample(codes, min(bodies, len(codes))):
            questions.append(Question(plan, code, some_day(), draw.choice(choices), True))
    return [each for each in questions if _is_known(each, facts)]


def _above(facts: Facts, code: str) -> list[str]:
    """Every body that ever stood above this one."""
    found: list[str] = []
    waiting = [code]
    while waiting:
        for version in facts.agencies.get(waiting.pop(), ()):
            parent = version.parent_code
            if parent is not None and parent not in found:
                found.append(parent)
                waiting.append(parent)
    return found


def _with_all_below(facts: Facts, code: str) -> list[str]:
    """The body, if it was ever in the directory, and every body that ever stood below it."""
    children: dict[str, set[str]] = {}
    for child, versions in facts.agencies.items():
        for version in versions:
            if version.parent_code is not None:
                children.setdefault(version.parent_code, set()).add(child)
    found = {code} & facts.agencies.keys()
    waiting = list(found)
    while waiting:
        new = children.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return sorted(found)


def _is_known(question: Question, facts: Facts) -> bool:
    """A body that was never in the directory is answered 404, which is no figure."""
    return (question.agency or question.plan.body.agency_code) in facts.agencies
