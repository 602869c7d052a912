"""What is asked of a plan: of which body, as of which day, under which readings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple

from services.targets.plans.schemas import Plan
from services.targets.population.days import CUT
from services.targets.population.tree import EVERY_ORIGIN


class Asked(NamedTuple):
    """A question about one body and day; ``readings`` names every switch."""

    plan: Plan
    agency: str
    as_of: dt.date
    readings: Mapping[str, str]

    @property
    def day(self) -> int:
        return self.as_of.toordinal()

    @property
    def origin(self) -> str:
        """Whom L2 ``origin_plan`` counts alone at the plan's own body and above it."""
        apart = self.readings["L2_merged_province"] == "origin_plan" and self.day >= CUT
        return self.plan.province.code_until_2025_06_30 if apart else EVERY_ORIGIN

    def heading(self) -> dict[str, Any]:
        """What every answer repeats of its question."""
        return {
            "plan": self.plan.id,
            "plan_version": self.plan.version,
            "agency": self.agency,
            "as_of": self.as_of,
            "readings": self.readings,
        }
