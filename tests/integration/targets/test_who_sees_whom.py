"""Every GET of targets, asked by everybody: people elsewhere are absent, lists are in the trail. An endpoint
that this file does not know fails its first test."""

from __future__ import annotations

from typing import Any

import pytest

from tests.catalogues import openapi
from tests.making.daklak import BODY, MEMBERS, OFFICE, PARTY, PROGRESS, agencies, officials
from tests.making.written_feed import WrittenFeed
from tests.running import RunningService
from tests.worlds import events as made

OF_PERSONS = {
    "/v1/plans/{plan}/indicators/{indicator}/members",
    "/v1/plans/{plan}/indicators/{indicator}/members.{form}",
}
OF_FIGURES = {"/v1/plans/{plan}/progress", "/v1/plans/{plan}/progress.{form}"}
OF_NOBODY = {
    "/health/live", "/health/ready", "/metrics", "/v1/followed-feeds", "/v1/plans", "/v1/plans/{plan}", "/v1/events",
}  # fmt: skip
PEOPLE = {"CB1", "CB2", "CB3", "CB4", "CB5"}
IN_OFFICE = {"CB1", "CB2", "CB5"}
READERS: list[tuple[str, dict[str, Any], str, set[str] | None]] = [
    ("agency", {"agency": OFFICE}, OFFICE, IN_OFFICE),
    ("agency", {"agency": OFFICE}, BODY, None),
    ("agency", {"agency": OFFICE}, PARTY, None),
    ("agency", {"agency": BODY}, BODY, PEOPLE),
    ("agency", {"agency": BODY, "bloc": "party"}, BODY, {"CB3"}),
    ("agency", {"agency": BODY, "bloc": "party"}, OFFICE, set()),
    ("authority", {"agency": BODY, "bloc": "state"}, BODY, PEOPLE - {"CB3"}),
    ("authority", {"bloc": "party"}, BODY, {"CB3"}),
    ("authority", {"agency": "H30"}, BODY, None),
    ("auditor", {}, BODY, PEOPLE),
    ("auditor", {"agency": PARTY}, OFFICE, None),
    ("official", {"official_code": "CB1"}, OFFICE, None),
    ("institution", {"institution": "TDV"}, OFFICE, None),
]


@pytest.fixture
async def counted(
    targets: RunningService, directory: WrittenFeed, registers: WrittenFeed
) -> RunningService:
    directory.publish(*agencies(), *officials())
    registers.publish(made.certificate("S1", "key-CB1", 4, "2023-03-01"))
    await targets.follow(directory)
    await targets.follow(registers)
    return targets


def test_every_endpoint_is_known_here() -> None:
    paths = {path for path, ways in openapi("targets")["paths"].items() if "get" in ways}
    assert paths == OF_PERSONS | OF_FIGURES | OF_NOBODY


@pytest.mark.parametrize(
    ("role", "who", "asked", "expected"),
    READERS,
    ids=[" ".join([role, *who.values(), "asks", asked]) for role, who, asked, _ in READERS],
)
async def test_people_elsewhere_are_absent_and_lists_are_in_the_trail(
    counted: RunningService, role: str, who: dict[str, Any], asked: str, expected: set[str] | None
) -> None:
    client = counted.client(role, subject="reader", **who)
    query = {"agency": asked, "as_of": "2024-12-31"}
    figure = await client.get(PROGRESS, params=query)
    assert figure.status_code == (404 if expected is None else 200)
    seen: set[str] = set()
    in_files: set[str] = set()
    for state in ("achieved", "missing", "excluded"):
        file = await client.get(f"{MEMBERS}.csv", params={**query, "state": state})
        assert file.status_code == figure.status_code
        in_files |= {code for code in PEOPLE if code in file.text}
        after: dict[str, Any] = {"limit": 1}
        while True:
            answer = await client.get(MEMBERS, params={**query, **after, "state": state})
            assert answer.status_code == figure.status_code
            if expected is None:
                break
            page = answer.json()
            seen |= {each["official_code"] for each in page["items"]}
            if page["next"] is None:
                break
            after = {"limit": 1, "cursor": page["next"]}
    assert seen == in_files == (expected or set())
    async with counted.database.pool.acquire() as connection:
        rows = await connection.fetch("SELECT detail FROM audit WHERE caller = 'reader'")
    trail = str([one["detail"] for one in rows])
    assert {code for code in PEOPLE if code in trail} == seen
