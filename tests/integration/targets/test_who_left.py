"""A figure of a past day is whole; of its people, those who are no longer in the reader's scope today appear by
code and reason alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.making.daklak import BODY, MEMBERS, OFFICE, PARTY, PROGRESS, agencies
from tests.making.written_feed import WrittenFeed
from tests.running import RunningService
from tests.worlds import events as made

ELSEWHERE = "H30"
THEN = "2024-12-31"


@pytest.fixture
async def counted(
    targets: RunningService, directory: WrittenFeed, registers: WrittenFeed
) -> RunningService:
    """All four stood in the office on the day asked for. STAYED still does; WENT to another province and
    holds bậc 3; LENT is there on a secondment whose establishment is elsewhere; RETIRED from it."""
    directory.publish(
        *agencies(),
        made.agency(ELSEWHERE, made.agency_version(province="38")),
        made.official("STAYED", made.assignment(OFFICE)),
        made.official(
            "WENT",
            made.assignment(OFFICE, valid_to="2025-12-31"),
            made.assignment(ELSEWHERE, valid_from="2026-01-01"),
        ),
        made.official(
            "LENT",
            made.assignment(OFFICE, valid_to="2025-12-31"),
            made.assignment(ELSEWHERE, valid_from="2026-01-01"),
            made.assignment(OFFICE, valid_from="2026-01-01", primary=False, posting="secondment"),
        ),
        made.official("RETIRED", made.assignment(OFFICE, valid_to="2025-12-31")),
    )
    registers.publish(made.certificate("S1", "key-WENT", 3, "2023-03-01"))
    await targets.follow(directory)
    await targets.follow(registers)
    return targets


async def rows_of(
    service: RunningService, role: str, state: str = "missing", **who: Any
) -> dict[str, dict[str, Any]]:
    asked = {"agency": OFFICE, "as_of": THEN, "state": state}
    answer = await service.client(role, **who).get(MEMBERS, params=asked)
    assert answer.status_code == 200, answer.text
    return {each.pop("official_code"): each for each in answer.json()["items"]}


def shown(level: int | None = None, reason: str = "no_certificate") -> dict[str, Any]:
    return {
        "full_name": None,
        "agency_code": OFFICE,
        "reason": reason,
        "level": level,
        "specialised": False,
    }


def hidden(reason: str) -> dict[str, Any]:
    return {
        "full_name": None,
        "agency_code": None,
        "reason": reason,
        "level": None,
        "specialised": None,
    }


async def test_whoever_left_the_scope_appears_by_code_and_reason(counted: RunningService) -> None:
    figures = await counted.client("agency", agency=OFFICE).get(
        PROGRESS, params={"agency": OFFICE, "as_of": THEN}
    )
    assert figures.json()["indicators"][0]["eligible"] == 4
    for who in ({"agency": OFFICE}, {"agency": BODY}):
        found = await rows_of(counted, "agency", **who)
        assert found == {
            "STAYED": shown(),
            "LENT": shown(),
            "RETIRED": shown(),
            "WENT": hidden("level_too_low"),
        }


async def test_the_nation_sees_all_of_it(counted: RunningService) -> None:
    for role in ("admin", "authority", "auditor"):
        found = await rows_of(counted, role)
        assert found["WENT"] == shown(3, "level_too_low"), role


async def test_behind_the_border_between_the_blocs_nobody_is_in_scope(
    counted: RunningService, directory: WrittenFeed
) -> None:
    moved = made.official(
        "STAYED",
        made.assignment(OFFICE, valid_to="2025-12-31"),
        made.assignment(PARTY, valid_from="2026-01-01"),
        version=2,
    )
    directory.publish(moved)
    await counted.follow(directory)
    found = await rows_of(counted, "agency", agency=BODY, bloc="state")
    assert found["STAYED"] == hidden("no_certificate")
    assert found["RETIRED"] == shown()
    assert (await rows_of(counted, "agency", agency=BODY))["STAYED"] == shown()
    nationwide = await rows_of(counted, "authority", bloc="state")
    assert nationwide["STAYED"] == hidden("no_certificate")
    assert nationwide["WENT"] == shown(3, "level_too_low")


async def test_those_not_counted_are_held_to_the_same(
    counted: RunningService, directory: WrittenFeed
) -> None:
    directory.publish(
        made.official(
            "DRIVER",
            made.assignment(OFFICE, status="contract_staff", valid_to="2025-12-31"),
            made.assignment(ELSEWHERE, valid_from="2026-01-01", status="contract_staff"),
        )
    )
    await counted.follow(directory)
    found = await rows_of(counted, "agency", state="excluded", agency=OFFICE)
    assert found == {"DRIVER": hidden("not_cbccvc")}
