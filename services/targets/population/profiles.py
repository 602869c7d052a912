"""What figures need to know of a person: a short tuple of small numbers, shared by many people.

Which fields a profile has follows from the plans. What no rule of any plan under any reading can ask of
a person is put to zero, so that, say, a teacher's fortieth birthday changes nothing.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from services.targets.plans.schemas import ExclusionAttribute, Language, Plan, Provinces
from services.targets.population.clauses import STATUSES, Conjunction, questions

Profile = tuple[int, ...]

ENGINE: Final = 3
"""Raised when the rules that make standings change: the projection is then built anew."""

ATTRIBUTES: Final[tuple[ExclusionAttribute, ...]] = (
    "language_teacher",
    "foreign_affairs",
    "language_qualified_post",
    "language_degree",
    "foreign_taught_degree",
    "central_vertical",
)
_PERSON: Final = (
    "status",
    "system",
    "level",
    "frozen_level",
    "rural",
    "leadership",
    "language_area",
    *ATTRIBUTES,
)
SCOPES: Final = ("any", "english")


def validity_of(plan: Plan) -> tuple[tuple[str, int], ...]:
    """A plan's months by test, as a key: plans with the same months share the fields of R9."""
    return tuple(sorted(plan.validity_months.items()))


class ProfileScheme:
    """Fields of a profile for a set of plans, and the shortest profile that answers alike."""

    def __init__(self, plans: Iterable[Plan]) -> None:
        self.plans: Final = tuple(plans)
        self.thresholds: Final = tuple(
            sorted({each.required_level for plan in self.plans for each in plan.indicators})
        )
        asked = {question for plan in self.plans for question in questions(plan)}
        self.age_fields: Final = tuple(
            sorted(
                {
                    condition.field
                    for conjunction, _ in asked
                    for condition in conjunction
                    if condition.field.startswith("below_")
                }
            )
        )
        self.validities: Final = tuple(sorted({validity_of(plan) for plan in self.plans}))
        self.evidence_fields: Final = tuple(
            f"{what}.{scope}.{time}"
            for scope in SCOPES
            for time in ("standing", *(f"unexpired_{n}" for n in range(len(self.validities))))
            for what in ("level", "specialised")
        )
        self.fields: Final = (*_PERSON, *self.age_fields, *self.evidence_fields)
        self.base: Final = len(_PERSON) + len(self.age_fields)
        """Number of fields before those of evidence."""
        self.position: Final = {name: number for number, name in enumerate(self.fields)}
        self._other = STATUSES.index("other")
        self._no_evidence = (0,) * len(self.evidence_fields)
        self._asked = sorted({self._compiled(conjunction) for conjunction, _ in asked})
        self._opening = sorted({self._compiled(each) for each, opens in asked if opens})
        self._by_field: dict[int, list[tuple[tuple[int, int], ...]]] = defaultdict(list)
        for conjunction in self._asked:
            for field, _ in conjunction:
                self._by_field[field].append(conjunction)
        self._shortest: dict[Profile, tuple[Profile, bool]] = {}

    def _compiled(self, conjunction: Conjunction) -> tuple[tuple[int, int], ...]:
        masks: dict[int, int] = {}
        for condition in conjunction:
            field = self.position[condition.field]
            mask = sum(1 << value for value in condition.values)
            masks[field] = masks.get(field, mask) & mask
        return tuple(sorted(masks.items()))

    def level_class(self, level: int | None) -> int:
        """How many of the levels that any indicator requires are reached."""
        return 0 if level is None else sum(level >= each for each in self.thresholds)

    def class_of_required(self, level: int) -> frozenset[int]:
        """Level classes that reach ``level``, one of the required levels."""
        return frozenset(range(self.thresholds.index(level) + 1, len(self.thresholds) + 1))

    def evidence_field(self, what: str, plan: Plan, readings: Mapping[str, str]) -> str:
        """Field of ``level`` or ``specialised`` under R8 and R9."""
        scope = "english" if readings["R8_language_scope"] == "english_only" else "any"
        if readings["R9_achieved_at"] == "unexpired":
            return f"{what}.{scope}.unexpired_{self.validities.index(validity_of(plan))}"
        return f"{what}.{scope}.standing"

    def shortest(self, person: Profile, evidence: Profile) -> Profile:
        """The profile that every question answers like this one, with all else put to zero."""
        known = self._shortest.get(person)
        if known is None:
            known = self._shortest[person] = self._shorten(person)
        base, counted = known
        return base + (evidence if counted else self._no_evidence)

    def _shorten(self, person: Profile) -> tuple[Profile, bool]:
        if person[0] == self._other:
            return (self._other, *(0,) * (self.base - 1)), False
        values = list(person)
        for field in range(1, self.base):
            if values[field] and not any(
                all(mask >> values[other] & 1 for other, mask in conjunction if other != field)
                for conjunction in self._by_field[field]
            ):
                values[field] = 0
        counted = any(
            all(mask >> values[field] & 1 for field, mask in conjunction)
            for conjunction in self._opening
        )
        return tuple(values), counted

    def fingerprint(self, *facts: object) -> str:
        """Changes whenever standings made under another scheme, or from other ``facts``, differ."""
        content = msgspec.json.encode(
            [
                ENGINE,
                self.fields,
                self.thresholds,
                self.validities,
                self._asked,
                [(plan.body.agency_code, plan.province) for plan in self.plans],
                facts,
            ]
        )
        return hashlib.sha256(content).hexdigest()


def columns(profiles: Iterable[Profile], width: int) -> npt.NDArray[np.uint8]:
    """Profiles side by side: one row per field, one column per profile id."""
    rows = np.array(list(profiles), dtype=np.uint8).reshape(-1, width)
    return np.ascontiguousarray(rows.T)


def projection_fingerprint(
    scheme: ProfileScheme, languages: Mapping[str, Language], provinces: Provinces
) -> str:
    return scheme.fingerprint(
        sorted((each.code, each.foreign, each.minority) for each in languages.values()),
        sorted((each.code, each.same_name_old_code) for each in provinces.new),
    )
