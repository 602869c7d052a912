"""The session that README's worked example posts, as `examples/vinh-2026-10.ndjson` holds it.

`python -m services.demonstration.example_session` prints that file anew.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from random import Random

from services.demonstration.exams import Session, Sheet, halves
from services.demonstration.places import HEALTH_CENTRE_INSTITUTION
from services.demonstration.world import Demonstration, build

EXAMPLE_SESSION = Session(HEALTH_CENTRE_INSTITUTION, "DEMO-VINH-2026-10", dt.date(2026, 10, 24))
"""Held after all others; its certificates are issued in November 2026."""


def example_sheets(demonstration: Demonstration) -> list[Sheet]:
    """Fourteen people of the health centre who lack level 4, four of them with specialised evidence:
    ten reach level 4, three level 3, one stayed away."""
    centre = demonstration.place("hoanghoa")
    reached = {sheet.official_code for sheet in centre.exams.sheets if _at_four(sheet)}
    reached |= {one.official.code for one in centre.evidence if (one.level or 0) >= 4}
    specialised = {
        one.official.code
        for one in centre.evidence
        if one.kind == "specialised_language" and one.acceptance and not one.withdrawal
    }
    lacking = [
        official
        for official in centre.officials
        if official.last.valid_to is None
        and official.last.post.status == "public_employee"
        and official.born.year > 1972
        and official.code not in reached
    ]
    first = [one for one in lacking if one.code in specialised][:4]
    rest = [one for one in lacking if one.code not in specialised]
    random = Random("bac example")
    chosen = first + random.sample(rest, 14 - len(first))
    sheets = []
    for number, official in enumerate(chosen, 1):
        level = 4 if number <= 10 else 3
        sheets.append(
            Sheet(
                session=EXAMPLE_SESSION,
                number=f"SBD{number:03d}",
                identity={"type": "citizen_id", "country": "VN", "number": official.citizen_id},
                full_name=official.full_name,
                birth_date=official.born,
                halves=halves(random, level) if number < 14 else None,  # type: ignore[arg-type]
                attendance="present" if number < 14 else "absent",
                official_code=official.code,
            )
        )
    return sheets


def _at_four(sheet: Sheet) -> bool:
    return sheet.halves is not None and sum(sheet.halves) >= 45


def example_lines(demonstration: Demonstration) -> Iterator[str]:
    for sheet in example_sheets(demonstration):
        yield json.dumps(sheet.as_row(), ensure_ascii=False)


if __name__ == "__main__":
    for line in example_lines(build()):
        print(line)  # noqa: T201 - the file itself
