"""Five officials in four bodies of Đắk Lắk, and what its plan says of them."""

from __future__ import annotations

from typing import Any

import httpx

from tests.worlds import events as made

BODY = "H15"
OFFICE, PARTY, DISTRICT, COMMUNE = "H15.01", "H15.02", "H15.D", "H15.X"
PROGRESS = "/v1/plans/daklak-2020/progress"
BASE = ("state", "as_of", "limit")
MEMBERS = "/v1/plans/daklak-2020/indicators/I1-2025/members"


def agencies() -> list[dict[str, Any]]:
    return [
        made.agency(BODY, made.agency_version()),
        made.agency(OFFICE, made.agency_version(parent=BODY)),
        made.agency(PARTY, {**made.agency_version(parent=BODY, system="party"), "bloc": "party"}),
        made.agency(
            DISTRICT,
            made.agency_version(valid_to="2025-06-30", parent=BODY, level="district"),
        ),
        made.agency(
            COMMUNE,
            made.agency_version(
                "2025-07-01", parent=BODY, level="commune", predecessors=[DISTRICT]
            ),
        ),
    ]


def officials() -> list[dict[str, Any]]:
    return [
        made.official("CB1", made.assignment(OFFICE)),
        made.official("CB2", made.assignment(OFFICE, status="cadre")),
        made.official("CB3", made.assignment(PARTY)),
        made.official(
            "CB4",
            made.assignment(DISTRICT, valid_to="2025-06-30"),
            made.assignment(COMMUNE, valid_from="2025-07-01"),
        ),
        made.official("CB5", made.assignment(OFFICE, status="contract_staff")),
    ]


async def figure(client: httpx.AsyncClient, indicator: str = "I1-2025", **asked: str) -> Any:
    answer = await client.get(PROGRESS, params=asked)
    assert answer.status_code == 200, answer.text
    return next(each for each in answer.json()["indicators"] if each["id"] == indicator)


async def listed(client: httpx.AsyncClient, state: str, **asked: str) -> list[tuple[str, str]]:
    answer = await client.get(MEMBERS, params={"state": state, **asked})
    assert answer.status_code == 200, answer.text
    return [(row["official_code"], row["reason"]) for row in answer.json()["items"]]
