"""Invented rosters and exam sheets of any size, as request bodies. The same numbers give the same rows."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

ROOTS = ("H15", "H29", "H13", "H50")
INSTITUTION = "VINH"
_DAY = dt.date(2018, 1, 1)


def agencies(count: int) -> list[dict[str, Any]]:
    """Bodies under the four provinces of the plans: departments, communes, and units below them."""
    provinces = {"H15": "66", "H29": "79", "H13": "92", "H50": "45"}
    rows: list[dict[str, Any]] = []
    middle = max(4, count // 20)
    parents: list[tuple[str, str, str]] = []
    for number in range(middle):
        root = ROOTS[number % 4]
        level = "province" if number % 3 == 0 else "commune"
        code = f"{root}.B{number}"
        parents.append((code, root, level))
        rows.append(
            {
                "code": code,
                "name": f"Đơn vị đo tốc độ {number}",
                "parent_code": root,
                "level": level,
                "system": "state",
                "province_code": provinces[root],
                "valid_from": "2015-01-01",
                "valid_to": None,
                **({"commune_kind": "xa"} if level == "commune" else {}),
            }
        )
    for number in range(count - middle):
        parent, root, level = parents[number % middle]
        rows.append(
            {
                "code": f"{parent}.U{number}",
                "name": f"Trường đo tốc độ {number}",
                "parent_code": parent,
                "level": level,
                "system": "public_service",
                "province_code": provinces[root],
                "valid_from": "2015-01-01",
                "valid_to": None,
            }
        )
    return rows


def citizen_id(number: int) -> str:
    """Of person ``number``: male, born in 1970–1999, registered in province 066."""
    return f"0660{70 + number % 30:02d}{number:06d}"


def birth_date(number: int) -> str:
    return (dt.date(1970 + number % 30, 1, 1) + dt.timedelta(days=number * 7 % 365)).isoformat()


def officials(count: int, bodies: list[dict[str, Any]], first: int = 0) -> Iterator[dict[str, Any]]:
    """One official a row, nine of ten of them public employees in a unit. At most a million people."""
    units = [body["code"] for body in bodies if body["system"] == "public_service"]
    offices = [body["code"] for body in bodies if body["system"] == "state"]
    for number in range(first, first + count):
        employee = number % 10 != 0
        where = units[number % len(units)] if employee else offices[number % len(offices)]
        yield {
            "official_code": f"BENCH-{number:07d}",
            "citizen_id": citizen_id(number),
            "full_name": f"Nguyễn Văn Đo {number}",
            "birth_date": birth_date(number),
            "sex": "male",
            "assignments": [
                {
                    "agency_code": where,
                    "status": "public_employee" if employee else "civil_servant",
                    "position_title": "Giáo viên" if employee else "Chuyên viên",
                    "leadership": "division" if number % 17 == 0 else None,
                    "requires_language": number % 5 == 0,
                    "posting": "regular",
                    "primary": True,
                    "valid_from": (_DAY + dt.timedelta(days=number % 2000)).isoformat(),
                    "valid_to": None,
                }
            ],
            "absences": [],
            "attributes": {"language_teacher": number % 50 == 0},
        }


def result(
    number: int, session: str, *, institution: str = INSTITUTION, held_on: str = "2026-05-16"
) -> dict[str, Any]:
    """The exam sheet of person ``number``; three of four reach a level."""
    score = 3.0 + (number % 12) * 0.5
    return {
        "institution_code": institution,
        "exam_session": {"code": session, "held_on": held_on},
        "format": "VSTEP.3-5",
        "language": "en",
        "candidate": {
            "number": f"{number:07d}",
            "citizen_id": citizen_id(number),
            "full_name": f"Nguyễn Văn Đo {number}",
            "birth_date": birth_date(number),
        },
        "scores": {
            "listening": score,
            "reading": score,
            "writing": min(10.0, score + 0.5),
            "speaking": score,
        },
        "issued_on": "2026-06-01",
    }


def ndjson(rows: Iterator[dict[str, Any]], chunk: int = 500) -> Iterator[bytes]:
    """Rows as the chunks of a streamed body."""
    lines: list[str] = []
    for row in rows:
        lines.append(json.dumps(row, ensure_ascii=False))
        if len(lines) == chunk:
            yield ("\n".join(lines) + "\n").encode()
            lines = []
    if lines:
        yield ("\n".join(lines) + "\n").encode()
