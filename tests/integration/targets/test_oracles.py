"""No refusal of targets tells what lies outside the caller's scope, whatever else is wrong with the question."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.making.daklak import BODY, MEMBERS, OFFICE, PARTY, PROGRESS, agencies, officials
from tests.making.written_feed import WrittenFeed
from tests.oracles import OF_ADMINISTRATORS, Question, compare, operations
from tests.running import RunningService

NOTHING_HIDDEN = {
    *("health_live", "health_ready", "metrics", "read_events"),
    *("list_plans", "read_plan"),
}
CALLERS: list[tuple[str, dict[str, Any], str]] = [
    ("agency", {"agency": OFFICE}, BODY),
    ("agency", {"agency": OFFICE}, PARTY),
    ("authority", {"agency": "H30"}, OFFICE),
    ("authority", {"agency": PARTY, "bloc": "party"}, OFFICE),
    ("auditor", {"agency": PARTY}, BODY),
    ("official", {"official_code": "CB1"}, OFFICE),
    ("institution", {"institution": "TDV"}, OFFICE),
]
ODD = {
    "as_of": ("2024-12-31", "2030-01-01", "1900-01-01", "x"),
    "reading.R1_focus_clause": ("focus_only", "whole", "x"),
    "reading.nothing": ("x",),
    "counted_at.enrolment": ("x", ""),
    "unknown": ("1",),
    "limit": ("0", "1"),
    "cursor": ("x",),
    "state": ("x", "missing"),
}
"""Parameters, each with values that may be refused; every two of them are sent together."""


def questions(outside: str) -> list[Question]:
    paths = {
        "read_progress": PROGRESS,
        "export_progress": f"{PROGRESS}.csv",
        "list_members": f"{MEMBERS}?state=achieved",
        "export_members": f"{MEMBERS}.csv?state=achieved",
    }
    given = [("as_of", "2024-12-31"), *((n, v) for n, values in ODD.items() for v in values)]
    found = []
    for operation, path in paths.items():
        base = path.partition("?")[0]
        for one, other in itertools.combinations(given, 2):
            asked = {"state": "achieved"} if "?" in path else {}
            asked |= dict((one, other))
            found.append(
                Question(
                    operation,
                    "agency",
                    "GET",
                    outside,
                    lambda n: f"Q{n}",
                    lambda _, base=base: base,
                    params=lambda v, asked=asked: asked | {"agency": v},
                )
            )
    return found


@pytest.fixture
async def counted(
    targets: RunningService, directory: WrittenFeed, registers: WrittenFeed
) -> RunningService:
    directory.publish(*agencies(), *officials())
    await targets.follow(directory)
    await targets.follow(registers)
    return targets


@pytest.mark.parametrize(("role", "who", "outside"), CALLERS)
async def test_no_refusal_tells_what_lies_outside_the_scope(
    counted: RunningService, role: str, who: dict[str, Any], outside: str
) -> None:
    client = counted.client(role, **who)
    for question in questions(outside):
        assert await compare(counted, client, question)


async def test_every_operation_is_asked_or_has_nothing_to_hide(counted: RunningService) -> None:
    asked = {each.operation for each in questions(BODY)}
    assert operations(counted) == asked | NOTHING_HIDDEN | OF_ADMINISTRATORS
