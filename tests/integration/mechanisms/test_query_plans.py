"""What is asked all day long is answered by an index, however large the tables are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest

from tests.databases import at_database
from tests.making.people import officials, result
from tests.making.statements import tables_read_whole, watching
from tests.running import RunningService

BODY = "H56.09.TTYTHH"
ELSEWHERE = "H15"
PEOPLE = 2500
OWN = 200
"""Of them, those of the body; whoever reads most of a table reads all of it."""
SESSION = "PLANS-1"

Ask = Callable[[], Awaitable[httpx.Response]]


def people(body: str, count: int, first: int = 0) -> list[dict[str, Any]]:
    bodies = [{"code": body, "system": "public_service"}, {"code": body, "system": "state"}]
    return list(officials(count, bodies, first))


async def analyse(postgres_dsn: str, *services: RunningService) -> None:
    for service in services:
        database = urlsplit(service.database.dsn).path[1:]
        connection = await asyncpg.connect(at_database(postgres_dsn, database))
        await connection.execute("ANALYZE")
        await connection.close()


async def read_whole(asks: dict[str, Ask]) -> dict[str, dict[str, list[str]]]:
    """By what was asked, the statements for which a large table was read from end to end."""
    found = {}
    for what, ask in asks.items():
        with watching() as watched:
            answer = await ask()
        assert answer.is_success, (what, answer.text)
        assert watched.statements, what
        if watched.read_whole:
            found[what] = watched.read_whole
    return found


async def test_an_index_answers_what_is_asked_all_day(
    enrolment: RunningService,
    certification: RunningService,
    targets: RunningService,
    postgres_dsn: str,
) -> None:
    clerk = enrolment.client("agency", agency=BODY)
    university = certification.client("institution", institution="VINH")
    await certification.follow(enrolment)
    roster = [*people(BODY, OWN), *people(ELSEWHERE, PEOPLE - OWN, OWN)]
    answer = await enrolment.client().post("/v1/officials/import", json=roster, timeout=120)
    assert answer.json()["created"] == PEOPLE, answer.text[:500]
    sheets = [result(number, SESSION) for number in range(PEOPLE)]
    answer = await university.post("/v1/results/batch", json=sheets, timeout=120)
    assert answer.json()["recorded"] == PEOPLE, answer.text[:500]
    await enrolment.follow(certification)
    await targets.follow(enrolment)
    await targets.follow(certification)

    await analyse(postgres_dsn, enrolment, certification, targets)

    register = (await university.get("/v1/certificates?limit=50")).json()
    serial = register["items"][0]["serial"]
    more = register["next"]
    feed = await certification.client().get("/v1/events?limit=200")
    reader = certification.client()
    public = certification.client(None)

    found = await read_whole(
        {
            "a result": lambda: university.post("/v1/results", json=result(PEOPLE + 1, SESSION)),
            "the same result": lambda: university.post("/v1/results", json=result(7, SESSION)),
            "an upload": lambda: university.post(
                "/v1/results/batch", json=[result(PEOPLE + 2, SESSION), result(8, SESSION)]
            ),
            "a page of the register": lambda: university.get(
                "/v1/certificates", params={"cursor": more, "limit": 100}
            ),
            "a page of the feed": lambda: reader.get(
                "/v1/events", params={"after": feed.json()["cursor"], "limit": 100}
            ),
            "a serial": lambda: public.get(f"/v1/verify/{serial}"),
        },
    )
    assert found == {}

    first = (await clerk.get("/v1/officials?limit=100")).json()
    found = await read_whole(
        {
            "a page of the roster": lambda: clerk.get(
                "/v1/officials", params={"cursor": first["next"], "limit": 100}
            ),
            "an official": lambda: clerk.get("/v1/officials/BENCH-0000042"),
            "rows sent again": lambda: clerk.post("/v1/officials/import", json=roster[:3]),
        },
    )
    assert found == {}

    found = await read_whole(
        {
            "a figure": lambda: targets.client().get("/v1/plans/hoanghoa-2021/progress"),
            "the people behind it": lambda: targets.client().get(
                "/v1/plans/hoanghoa-2021/indicators/I2-2025/members?state=missing&limit=50"
            ),
        },
    )
    assert found == {}


@pytest.mark.parametrize(
    ("statement", "read"),
    [
        ("SELECT * FROM planted WHERE code = $1", []),
        ("SELECT * FROM planted WHERE lower(code) = $1", ["planted"]),
        ("UPDATE planted SET code = $1 WHERE lower(code) = $1", ["planted"]),
    ],
)
async def test_a_planted_reading_of_a_whole_table_is_found(
    postgres_dsn: str, statement: str, read: list[str]
) -> None:
    connection = await asyncpg.connect(postgres_dsn)
    try:
        await connection.execute(
            "CREATE TEMPORARY TABLE planted (code text PRIMARY KEY);"
            "INSERT INTO planted SELECT 'c' || number FROM generate_series(1, 5000) AS number;"
            "ANALYZE planted"
        )
        assert await tables_read_whole(connection, statement, "c7") == read
    finally:
        await connection.close()
