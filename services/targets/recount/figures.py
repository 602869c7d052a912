"""What a question to the recount is answered with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from services.targets.plans.schemas import Indicator

State = Literal["achieved", "missing", "excluded"]
Readings = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One official in one list of one indicator."""

    official_code: str
    state: State
    reason: str
    level: int | None
    specialised: bool | None
    in_focus: bool
    level_met: bool


@dataclass(frozen=True, slots=True)
class Share:
    eligible: int
    achieved: int

    @property
    def percent(self) -> float | None:
        """Two decimals, half up, by integers; null where nobody is eligible."""
        if self.eligible == 0:
            return None
        hundredths = (2 * self.achieved * 10_000 + self.eligible) // (2 * self.eligible)
        return hundredths / 100


@dataclass(frozen=True, slots=True)
class Figure:
    indicator: Indicator
    headline: Share
    focus: Share | None
    level_only: Share | None

    @property
    def shortfall(self) -> int:
        wanted = -(-self.indicator.required_percent * self.headline.eligible // 100)
        return max(0, wanted - self.headline.achieved)

    @property
    def status(self) -> str:
        if self.headline.eligible == 0:
            return "no_population"
        wanted = self.indicator.required_percent * self.headline.eligible
        return "met" if 100 * self.headline.achieved >= wanted else "not_met"

    def as_answer(self) -> dict[str, object]:
        """The indicator as ``progress`` prints it."""
        focus, level_only = self.focus, self.level_only
        return {
            "id": self.indicator.id,
            "milestone": self.indicator.milestone.isoformat(),
            "required_percent": self.indicator.required_percent,
            "required_level": self.indicator.required_level,
            "specialised": self.indicator.specialised,
            "eligible": self.headline.eligible,
            "achieved": self.headline.achieved,
            "percent": self.headline.percent,
            "shortfall": self.shortfall,
            "status": self.status,
            "focus": focus
            and {"eligible": focus.eligible, "achieved": focus.achieved, "percent": focus.percent},
            "level_only": level_only
            and {"achieved": level_only.achieved, "percent": level_only.percent},
        }


def figure(indicator: Indicator, rows: list[Row], readings: Readings) -> Figure:
    counted = [row for row in rows if row.state != "excluded"]
    focus = level_only = None
    if (
        indicator.focus is not None
        and indicator.focus.kind == "emphasis"
        and readings["R1_focus_clause"] == "both"
    ):
        focus = _share([row for row in counted if row.in_focus])
    if indicator.specialised:
        level_only = Share(len(counted), sum(row.level_met for row in counted))
    return Figure(indicator, _share(counted), focus, level_only)


def _share(rows: list[Row]) -> Share:
    return Share(len(rows), sum(row.state == "achieved" for row in rows))
