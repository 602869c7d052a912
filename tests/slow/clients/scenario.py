"""What every generated client is asked to do, and what it must find, whatever language it is in."""

from __future__ import annotations

import json
from typing import Any

from tests.system import System

BODY = "H56.09.TTYTHH"
PLAN = "hoanghoa-2021"


def _person(number: int) -> dict[str, str]:
    return {
        "citizen_id": f"038190{number:06}",
        "full_name": "Nguyễn Thị Ví Dụ",
        "birth_date": "1990-05-02",
    }


def _official(number: int, code: str) -> dict[str, Any]:
    return {
        **_person(number),
        "official_code": code,
        "sex": "female",
        "assignments": [
            {
                "agency_code": BODY,
                "status": "public_employee",
                "position_title": "Điều dưỡng",
                "leadership": None,
                "requires_language": False,
                "primary": True,
                "valid_from": "2018-09-01",
                "valid_to": None,
            }
        ],
        "attributes": {"language_teacher": False},
    }


def _sheet(number: int) -> dict[str, Any]:
    return {
        "institution_code": "VINH",
        "exam_session": {"code": "CLIENTS", "held_on": "2026-10-10"},
        "format": "VSTEP.3-5",
        "language": "en",
        "candidate": {"number": f"{number}", **_person(number)},
        "scores": {"listening": 6.5, "reading": 7.0, "writing": 5.5, "speaking": 6.0},
    }


def given(system: System, number: int) -> str:
    """The input of a client's program; each has an official and a candidate of its own."""
    return json.dumps(
        {
            "urls": system.urls,
            "tokens": {
                "enrolment": system.token("agency", agency=BODY),
                "certification": system.token("institution", institution="VINH"),
                "targets": system.token(),
            },
            "plan": PLAN,
            "body": BODY,
            "official": _official(number, f"CLIENT-{number}"),
            "same_person": _official(number, f"CLIENT-{number}-AGAIN"),
            "sheet": _sheet(number),
        }
    )


FOUND = {
    "created": 1,
    "name": "Nguyễn Thị Ví Dụ",
    "status": "public_employee",
    "until": None,
    "level": 4,
    "overall": 6.5,
    "repeated": True,
    "verified": "valid",
    "holder": "Nguyễn Thị Ví Dụ",
    "gained": [1, 1],
    "member": True,
    "files": ["PK", True, "PK"],
    "unknown": [404, "plan_unknown"],
    "refused": [422, "level_mismatch", "/claimed_level"],
    "rejected": [1, "citizen_already_registered"],
}
"""A list sent as JSON, a nullable member that is null, an enumeration, a key that repeats an answer, a figure
that moved, files as bytes, and refusals of a request, of a field and of a row."""
