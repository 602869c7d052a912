"""Why a person stands in a list of an indicator."""

from __future__ import annotations

from typing import Literal

from services.targets.plans.schemas import (
    ACHIEVED,
    LEVEL_TOO_LOW,
    NO_CERTIFICATE,
    NO_SPECIALISED_EVIDENCE,
    Indicator,
)
from services.targets.population.credentials import Proved
from services.targets.progress.counting import PlanEvaluation

State = Literal["achieved", "missing", "excluded"]


def reason_of(
    evaluation: PlanEvaluation, indicator_id: str, state: State, profile: int, proved: Proved
) -> tuple[str, int | None, bool | None]:
    """Reason, level and specialised evidence of a person of ``profile`` who is in ``state``.

    Somebody counted as achieved although excluded (R6) has the clause as reason.
    """
    if state == "excluded":
        return evaluation.excluding_reason(profile) or "", None, None
    clause = evaluation.excluding_reason(profile)
    if clause is not None:
        return clause, proved.level, proved.specialised
    if state == "achieved":
        return ACHIEVED, proved.level, proved.specialised
    indicator = evaluation.plan.indicator(indicator_id)
    assert indicator is not None
    return _missing(indicator, proved), proved.level, proved.specialised


def _missing(indicator: Indicator, proved: Proved) -> str:
    if proved.level is None:
        return NO_CERTIFICATE
    if proved.level < indicator.required_level:
        return LEVEL_TOO_LOW
    return NO_SPECIALISED_EVIDENCE
