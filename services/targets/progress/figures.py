"""What answering needs to remember: profiles read so far, and plans put to them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import numpy as np

from services.targets.plans.schemas import Language, Plan, Provinces
from services.targets.population.profiles import ProfileScheme, columns, projection_fingerprint
from services.targets.progress.counting import Counter, Fields, PlanEvaluation

_COUNTERS_KEPT: Final = 256
"""Counters kept; one is about 0.1 MB at national scale."""


class FigureBook:
    """Caches keyed by ids whose meaning never changes while ``made`` is the same."""

    def __init__(
        self,
        plans: Mapping[str, Plan],
        languages: Mapping[str, Language],
        provinces: Provinces,
    ) -> None:
        self.plans: Final = plans
        self.languages: Final = languages
        self.scheme: Final = ProfileScheme(plans.values())
        self.fingerprint: Final = projection_fingerprint(self.scheme, languages, provinces)
        self._made: UUID | None = None
        self._fields: Fields = columns((), len(self.scheme.fields))
        self._counters: OrderedDict[tuple[str, tuple[str, ...]], Counter] = OrderedDict()

    def known(self, made: UUID) -> int:
        """How many profiles are remembered of the projection ``made``."""
        if made != self._made:
            self._made = made
            self._fields = columns((), len(self.scheme.fields))
            self._counters.clear()
        return int(self._fields.shape[1])

    def learn(self, made: UUID, first: int, codes: Sequence[bytes]) -> None:
        """Takes in profiles ``first`` and following, unless somebody was faster."""
        if self.known(made) == first and codes:
            added = columns([tuple(code) for code in codes], len(self.scheme.fields))
            self._fields = np.concatenate((self._fields, added), axis=1)

    def evaluation(self, plan: Plan, readings: Mapping[str, str]) -> PlanEvaluation:
        return PlanEvaluation(self.scheme, plan, readings, self._fields)

    def counter(self, plan: Plan, readings: Mapping[str, str]) -> Counter:
        """Over all profiles remembered; :meth:`learn` first."""
        key = plan.id, tuple(readings[each] for each in sorted(readings))
        counter = self._counters.get(key)
        if counter is None or counter.width < self._fields.shape[1]:
            counter = self._counters[key] = self.evaluation(plan, readings).counter()
            while len(self._counters) > _COUNTERS_KEPT:
                self._counters.popitem(last=False)
        self._counters.move_to_end(key)
        return counter
