"""Whether an institution was authorised for an exam on its day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal

from shared.contracts.events import Authorisation


def covers(
    authorisation: Authorisation,
    activity: Literal["testing", "certifying"],
    language: str,
    exam_format: str,
    level: int | None,
    day: dt.date,
) -> bool:
    """Only the ministry authorises a framework certificate; a province's assignment of the task (giao
    nhiệm vụ) never stands in for it. ``level`` null asks for no particular level."""
    return (
        authorisation.granted_by == "ministry"
        and authorisation.activity == activity
        and authorisation.language == language
        and authorisation.valid_from <= day
        and (authorisation.valid_to is None or day <= authorisation.valid_to)
        and (authorisation.formats is None or exam_format in authorisation.formats)
        and (level is None or level in authorisation.levels)
    )


def missing_activity(
    authorisations: Sequence[Authorisation],
    language: str,
    exam_format: str,
    level: int | None,
    day: dt.date,
) -> Literal["testing", "certifying"] | None:
    """The first activity the institution lacks: testing always, certifying where a level was reached."""
    activities: tuple[Literal["testing", "certifying"], ...] = (
        ("testing",) if level is None else ("testing", "certifying")
    )
    for activity in activities:
        if not any(
            covers(each, activity, language, exam_format, level, day) for each in authorisations
        ):
            return activity
    return None
