"""Names beside the people of a list: asked of the directory as the caller, never kept."""

from __future__ import annotations

import asyncio
import csv
import io
import time
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.targets.progress.use_cases import members
from tests.making.daklak import BODY, MEMBERS, OFFICE, agencies
from tests.making.rosters import official, plant_tree, post
from tests.making.written_feed import WrittenFeed
from tests.running import InProcessTransport, RunningService
from tests.worlds import events as made

THEN = "2025-12-31"


class Asked:
    """The enrolment service as these tests need it; it answers what it is told to."""

    def __init__(self, targets: RunningService, transport: InProcessTransport) -> None:
        self.targets = targets
        self.requests: list[tuple[str, list[str]]] = []
        self.busy: list[int] = []
        self.answer: Response | float | None = None
        app = Starlette(routes=[Route("/v1/officials/lookup", self._lookup, methods=["POST"])])
        transport.apps["enrolment.test"] = httpx.ASGITransport(app)

    async def _lookup(self, request: Request) -> Response:
        codes = (await request.json())["official_codes"]
        self.requests.append((request.headers["authorization"], codes))
        pool = self.targets.database.pool
        self.busy.append(pool.get_size() - pool.get_idle_size())
        if isinstance(self.answer, float):
            await asyncio.sleep(self.answer)
        if isinstance(self.answer, Response):
            return self.answer
        items = [
            {"official_code": code, "full_name": f"Tên {code}", "agency_code": None}
            for code in codes
            if code != "CB3"
        ]
        return JSONResponse({"items": items, "missing": ["CB3"]})


@pytest.fixture
async def directory_asked(
    targets: RunningService,
    directory: WrittenFeed,
    transport: InProcessTransport,
    monkeypatch: pytest.MonkeyPatch,
) -> Asked:
    """Pages of two in files. CB4 stood in the office on the day, and stands elsewhere today."""
    monkeypatch.setattr(members, "FILE_PAGE", 2)
    directory.publish(
        *agencies(),
        made.agency("H30", made.agency_version(province="38")),
        *(made.official(code, made.assignment(OFFICE)) for code in ("CB1", "CB2", "CB3")),
        made.official(
            "CB4",
            made.assignment(OFFICE, valid_to=THEN),
            made.assignment("H30", valid_from="2026-01-01"),
        ),
    )
    await targets.follow(directory)
    return Asked(targets, transport)


ASKED = {"state": "missing", "as_of": THEN, "agency": OFFICE}


async def page_of(client: httpx.AsyncClient, **asked: Any) -> dict[str, Any]:
    answer = await client.get(MEMBERS, params={**ASKED, **asked})
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def names_in(page: dict[str, Any]) -> dict[str, str | None]:
    return {each["official_code"]: each["full_name"] for each in page["items"]}


async def file_of(client: httpx.AsyncClient, **headers: str) -> dict[str, str]:
    answer = await client.get(f"{MEMBERS}.csv", params=ASKED, headers=headers)
    rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    head = next(rows)
    code, name = (
        (head.index("Official code"), head.index("Full name"))
        if headers
        else (head.index("Mã cán bộ"), head.index("Họ và tên"))
    )
    return {row[code]: row[name] for row in rows}


async def test_one_question_per_page_with_the_callers_own_token_about_those_in_scope(
    targets: RunningService, directory_asked: Asked
) -> None:
    client = targets.client("agency", agency=BODY)
    page = await page_of(client)
    assert page["names"] == "resolved"
    assert names_in(page) == {"CB1": "Tên CB1", "CB2": "Tên CB2", "CB3": None, "CB4": None}
    token = client.headers["authorization"]
    assert directory_asked.requests == [(token, ["CB1", "CB2", "CB3"])]
    assert directory_asked.busy == [0], "no connection is held while another service is asked"


async def test_nothing_is_asked_about_nobody(
    targets: RunningService, directory_asked: Asked
) -> None:
    page = await page_of(targets.client(), as_of="1999-12-31")
    assert (page["items"], page["names"]) == ([], "resolved")
    assert directory_asked.requests == []


@pytest.mark.parametrize(
    "answer",
    [
        Response(status_code=404),
        Response(status_code=500),
        Response("no JSON", status_code=200),
        JSONResponse({"items": [{"official_code": "CB1"}]}),
    ],
    ids=["refused", "broken", "malformed", "nameless"],
)
async def test_names_that_the_directory_does_not_give_are_left_out_and_marked(
    targets: RunningService, directory_asked: Asked, answer: Response
) -> None:
    directory_asked.answer = answer
    page = await page_of(targets.client())
    assert page["names"] == "left_out"
    assert set(names_in(page).values()) == {None}
    assert set(names_in(page)) == {"CB1", "CB2", "CB3", "CB4"}


async def test_a_directory_that_is_gone_or_slow_costs_a_second_at_most(
    targets: RunningService, directory_asked: Asked, transport: InProcessTransport
) -> None:
    directory_asked.answer = 30.0
    for read in (page_of, file_of):
        began = time.monotonic()
        await read(targets.client())
        assert time.monotonic() - began < 2.0
    assert len(directory_asked.requests) == 2, "a file does not wait for it again"
    del transport.apps["enrolment.test"]
    assert (await page_of(targets.client()))["names"] == "left_out"


async def test_files_carry_names_or_say_that_they_were_left_out(
    targets: RunningService, directory_asked: Asked
) -> None:
    client = targets.client("agency", agency=BODY)
    assert await file_of(client) == {"CB1": "Tên CB1", "CB2": "Tên CB2", "CB3": "", "CB4": ""}
    assert [codes for _, codes in directory_asked.requests] == [["CB1", "CB2"], ["CB3"]]
    assert directory_asked.busy == [0, 0]
    directory_asked.answer = Response(status_code=503)
    assert await file_of(client) == {
        **dict.fromkeys(("CB1", "CB2", "CB3"), "(chưa tra được tên)"),
        "CB4": "",
    }
    english = await file_of(client, **{"Accept-Language": "en"})
    assert english["CB1"] == "(name not resolved)"


async def test_whoever_is_in_a_file_is_in_the_trail_before_it_leaves(
    targets: RunningService, directory_asked: Asked
) -> None:
    """Also when the reader goes away in the middle of it."""
    client = targets.client("agency", agency=BODY, subject="reader")
    directory_asked.answer = 0.5
    reading = asyncio.create_task(file_of(client))
    while not directory_asked.requests:
        await asyncio.sleep(0.01)
    reading.cancel()
    async with targets.database.pool.acquire() as connection:
        trail = await connection.fetch("SELECT detail FROM audit WHERE caller = 'reader'")
    assert all(code in str(trail) for code in ("CB1", "CB2", "CB3", "CB4"))


async def test_names_never_stand_in_this_services_database(
    targets: RunningService, directory_asked: Asked
) -> None:
    await page_of(targets.client())
    await file_of(targets.client())
    async with targets.database.pool.acquire() as connection:
        tables = await connection.fetch(
            "SELECT format('%I', table_name) AS name FROM information_schema.tables"
            " WHERE table_schema = 'targets'"
        )
        assert len(tables) > 5
        for table in tables:
            rows = await connection.fetch(f"SELECT t::text AS row FROM {table['name']} t")
            assert not [row for row in rows if "Tên CB" in row["row"]], table["name"]


async def test_the_directory_itself_decides_whose_name_is_shown_to_whom(
    targets: RunningService, enrolment: RunningService
) -> None:
    admin = enrolment.client()
    await plant_tree(admin)
    await admin.put("/v1/officials/O-1", json=official(1, full_name="Lê Thị Một"))
    await admin.put("/v1/officials/O-2", json=official(2, post("X.P", status="cadre")))
    await targets.follow(enrolment)

    async def shown(role: str, **who: Any) -> tuple[str, dict[str, str | None]]:
        page = await page_of(targets.client(role, **who), agency="X")
        return page["names"], names_in(page)

    names = {"O-1": "Lê Thị Một", "O-2": "Nguyễn Văn Ví Dụ"}
    assert await shown("agency", agency="X") == ("resolved", names)
    stars = ("resolved", {"O-1": "•••", "O-2": "•••"})
    assert await shown("auditor") == stars
    assert await shown("authority", agency="X", bloc="party") == (
        "resolved",
        {"O-2": "Nguyễn Văn Ví Dụ"},
    )
    async with enrolment.database.pool.acquire() as connection:
        trail = await connection.fetch("SELECT detail FROM audit WHERE action LIKE '%looked_up'")
    assert len(trail) == 3
