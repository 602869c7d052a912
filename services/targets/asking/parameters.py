"""The query parameters of a question: how they are documented, and how they are read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.targets.asking.errors import ReadingInvalid, ReadingOptionNotAvailable
from services.targets.asking.question import Asked
from services.targets.plans.readings import (
    CATALOGUE,
    PREFIX,
    ReadingNotAvailable,
    ReadingRefused,
    available_options,
    parse_readings,
)
from services.targets.plans.schemas import Plan
from shared.contracts.problem import FieldError, InvalidRequest

_AGENCY = re.compile(r"[0-9A-Za-z._\-]{1,64}")
_EARLIEST, _LATEST = dt.date(1945, 9, 2), dt.date(2199, 12, 31)

QUESTION_PARAMETERS: Final[list[dict[str, Any]]] = [
    {
        "name": "agency",
        "in": "query",
        "required": False,
        "description": "Mã cơ quan; bỏ trống: cơ quan của kế hoạch. / Any body; absent: the plan's own",
        "schema": {"type": "string", "pattern": f"^{_AGENCY.pattern}$"},
    },
    {
        "name": "as_of",
        "in": "query",
        "required": False,
        "description": "Ngày tính, kể cả tương lai; bỏ trống: hôm nay. / Any day; absent: today",
        "schema": {"type": "string", "format": "date", "examples": ["2025-12-31"]},
    },
    *(
        {
            "name": f"{PREFIX}{reading.key}",
            "in": "query",
            "required": False,
            "description": f"{reading.question} Bỏ trống: như kế hoạch định. / Absent: the plan's own default",
            # No `default` here: a generated client would send it and overrule the plan.
            "schema": {"type": "string", "enum": list(reading.options)},
        }
        for reading in CATALOGUE.values()
    ),
]
"""For ``openapi_extra``: names with a dot are no names of Python parameters."""


def question(plan: Plan, parameters: Sequence[tuple[str, str]], today: dt.date) -> Asked:
    """Raises 422 for a parameter that says nothing: an agency that is no code, a day that is none or too far
    away, a reading or an option that the catalogue or the plan does not have."""
    given: Mapping[str, str] = dict(parameters)
    agency = given.get("agency")
    if agency is not None and not _AGENCY.fullmatch(agency):
        raise InvalidRequest(
            errors=[
                FieldError("?agency", "invalid_code", "không phải mã cơ quan", "not an agency code")
            ]
        )
    return Asked(
        plan=plan,
        agency=agency or plan.body.agency_code,
        as_of=_date(given.get("as_of"), today),
        readings=_readings(plan, parameters),
    )


def _date(text: str | None, today: dt.date) -> dt.date:
    if text is None:
        return today
    try:
        day = dt.datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a calendar day
    except ValueError:
        day = None
    if day is None or len(text) != 10 or not _EARLIEST <= day <= _LATEST:
        raise InvalidRequest(
            errors=[
                FieldError(
                    "?as_of",
                    "invalid_date",
                    f"phải là ngày dạng YYYY-MM-DD, từ {_EARLIEST:%d/%m/%Y} đến {_LATEST:%d/%m/%Y}",
                    f"must be a date YYYY-MM-DD from {_EARLIEST} to {_LATEST}",
                )
            ]
        )
    return day


def _readings(plan: Plan, parameters: Sequence[tuple[str, str]]) -> dict[str, str]:
    try:
        return parse_readings(plan, parameters)
    except ReadingRefused as refused:
        kind = (
            ReadingOptionNotAvailable
            if isinstance(refused, ReadingNotAvailable)
            else ReadingInvalid
        )
        known = CATALOGUE.get(refused.key)
        offered = ", ".join(available_options(plan, known.key) if known else CATALOGUE)
        raise kind(
            errors=[
                FieldError(
                    f"?{PREFIX}{refused.key if known else '*'}",
                    refused.code,
                    f"phải là một trong: {offered}",
                    f"must be one of: {offered}",
                )
            ]
        ) from None
