"""Institutions and sheets for the tests of certification."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from services.certification.exams import repository
from services.certification.exams.institutions import Institutions
from shared.contracts.events import Authorisation
from tests.running import RunningService

Authorise = Callable[..., Awaitable[None]]


def authorisation(**changes: Any) -> Authorisation:
    given: dict[str, Any] = {
        "granted_by": "ministry",
        "province_code": None,
        "activity": "testing",
        "language": "en",
        "formats": None,
        "levels": (1, 2, 3, 4, 5, 6),
        "decision_number": "1/QĐ-BGDĐT",
        "valid_from": dt.date(2019, 1, 1),
        "valid_to": None,
    }
    return Authorisation(**{**given, **changes})


def sheet(number: int = 1, institution: str = "DHV", **changes: Any) -> dict[str, Any]:
    """A VSTEP.3-5 sheet of 6.5, 7.0, 5.5, 6.0: overall 6.5, level 4."""
    body: dict[str, Any] = {
        "institution_code": institution,
        "exam_session": {"code": "2026-09", "held_on": "2026-09-20"},
        "format": "VSTEP.3-5",
        "language": "en",
        "candidate": {
            "number": f"{number:04d}",
            "citizen_id": f"0381900{number:05d}",
            "full_name": "Nguyễn Thị Ví Dụ",
            "birth_date": "1990-05-02",
        },
        "scores": {"listening": 6.5, "reading": 7.0, "writing": 5.5, "speaking": 6.0},
    }
    return {**body, **changes}


def scores(total: float) -> dict[str, float]:
    """Four scores on the half-point grid that add up to ``total``."""
    halves = int(total * 2)
    return {
        skill: (halves // 4 + (1 if place < halves % 4 else 0)) / 2
        for place, skill in enumerate(("listening", "reading", "writing", "speaking"))
    }


@pytest.fixture
async def authorise(certification: RunningService) -> Authorise:
    """Makes authorisations known as if enrolment's feed had told them, to its last word."""

    async def nothing_new() -> bool:
        return True

    certification.app.state.results.institutions = Institutions(certification.database, nothing_new)
    versions: dict[str, int] = {}

    async def put(institution: str = "DHV", *authorisations: Authorisation) -> None:
        versions[institution] = versions.get(institution, 0) + 1
        given = authorisations or (authorisation(), authorisation(activity="certifying"))
        async with certification.database.pool.acquire() as connection:
            await repository.put_institution(
                connection,
                institution,
                versions[institution],
                "university",
                msgspec.json.encode(given).decode(),
            )

    await put()
    return put
