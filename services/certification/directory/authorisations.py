"""Whether an institution was authorised for an exam on its day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec

from services.certification.directory.errors import InstitutionNotAuthorised
from services.certification.faults import refusal
from shared.contracts.events import Authorisation
from shared.contracts.problem import Problem

Activity = Literal["testing", "certifying"]
_decode = msgspec.json.Decoder(tuple[Authorisation, ...]).decode


class Exam(NamedTuple):
    """What an authorisation is asked about. ``level`` null: no level was reached."""

    language: str
    format: str
    level: int | None
    day: dt.date


def decoded(stored: str | None) -> tuple[Authorisation, ...]:
    return () if stored is None else _decode(stored)


def covers(authorisation: Authorisation, activity: Activity, exam: Exam) -> bool:
    """Only the ministry authorises a framework certificate; a province's assignment of the task (giao
    nhiệm vụ) never stands in for it."""
    return (
        authorisation.granted_by == "ministry"
        and authorisation.activity == activity
        and authorisation.language == exam.language
        and authorisation.valid_from <= exam.day
        and (authorisation.valid_to is None or exam.day <= authorisation.valid_to)
        and (authorisation.formats is None or exam.format in authorisation.formats)
        and (exam.level is None or exam.level in authorisation.levels)
    )


def missing_activity(authorisations: Sequence[Authorisation], exam: Exam) -> Activity | None:
    """The first activity the institution lacks: testing always, certifying where a level was reached."""
    activities: tuple[Activity, ...] = (
        ("testing",) if exam.level is None else ("testing", "certifying")
    )
    for activity in activities:
        if not any(covers(each, activity, exam) for each in authorisations):
            return activity
    return None


def unauthorised(authorisations: Sequence[Authorisation], exam: Exam) -> Problem | None:
    """Why the institution may not give a result of this exam; null where it may."""
    missing = missing_activity(authorisations, exam)
    if missing is None:
        return None
    done = "tổ chức thi" if missing == "testing" else "cấp chứng chỉ"
    held_on = exam.day
    vi = f"vào ngày {held_on:%d/%m/%Y} đơn vị không được Bộ cho phép {done} {exam.format}"
    en = (
        f"on {held_on} the ministry had not authorised this institution for {missing} {exam.format}"
    )
    if exam.level is not None:
        vi, en = f"{vi} bậc {exam.level}", f"{en} level {exam.level}"
    vi, en = f"{vi}, ngôn ngữ {exam.language}", f"{en}, language {exam.language}"
    known = any(each.language == exam.language for each in authorisations)
    pointer = "/institution_code" if known or not authorisations else "/language"
    return refusal(InstitutionNotAuthorised, pointer, vi, en)
