"""Sheets, evidence, institutions and agencies for the tests of certification."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from services.certification.directory import repository
from services.certification.directory.rows import InstitutionRow
from services.certification.worker import apply_enrolment
from shared.contracts.events import TYPE_OF, AgencyChanged, AgencyVersion, Authorisation, Envelope
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


def evidence(**changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "person": {
            "citizen_id": "038190000001",
            "full_name": "Nguyễn Thị Ví Dụ",
            "birth_date": "1990-05-02",
        },
        "kind": "foreign_certificate",
        "language": "en",
        "dated": "2025-02-10",
        "test": "IELTS",
        "certificate_number": "25VN000001",
        "scores": {"overall": 6.0},
    }
    return {**body, **changes}


def agency(code: str, parent: str | None, **changes: Any) -> Envelope:
    version: dict[str, Any] = {
        "valid_from": dt.date(2020, 1, 1),
        "valid_to": None,
        "parent_code": parent,
        "level": "province",
        "system": "state",
        "province_code": "38",
    }
    payload = AgencyChanged(
        version=1, agency_code=code, versions=(AgencyVersion(**{**version, **changes}),)
    )
    return Envelope(
        specversion="1.0",
        id="x",
        source="/enrolment",
        type=TYPE_OF[AgencyChanged].name,
        subject=code,
        time=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        datacontenttype="application/json",
        data=msgspec.to_builtins(payload),
    )


async def learn(certification: RunningService, *agencies: Envelope) -> None:
    """As if enrolment's feed had told of them."""
    async with certification.database.pool.acquire() as connection, connection.transaction():
        await apply_enrolment(connection, agencies)


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


async def nothing_new() -> bool:
    """Catching up with an enrolment that has told all."""
    return True


async def authorised(certification: RunningService) -> Authorise:
    """Makes authorisations known as if enrolment's feed had told them; those of DHV at once."""
    versions: dict[str, int] = {}

    async def put(institution: str = "DHV", *authorisations: Authorisation) -> None:
        versions[institution] = versions.get(institution, 0) + 1
        given = authorisations or (authorisation(), authorisation(activity="certifying"))
        async with certification.database.pool.acquire() as connection:
            await repository.put_institution(
                connection,
                InstitutionRow(
                    institution_code=institution,
                    version=versions[institution],
                    kind="university",
                    authorisations=msgspec.json.encode(given).decode(),
                    name="Trường Đại học Ví Dụ",
                ),
            )

    await put()
    return put
