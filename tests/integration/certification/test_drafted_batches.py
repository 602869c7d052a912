"""Batches written as drafted: the guess about a book's last line is checked, and nothing depends on it."""

from __future__ import annotations

import asyncio

import asyncpg
import httpx
import pytest

from services.certification.recording import repository
from services.certification.recording.drafting import Draft
from services.certification.recording.use_cases.batch_writer import BatchWriter
from services.certification.recording.use_cases.recorder import Recorder
from services.certification.registry.serials import load_book_kinds
from tests.making.certification import Authorise, sheet
from tests.running import RunningService


@pytest.fixture
def drafts(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Counts batches that were written as drafted, and those that had to be undone."""
    counts = {"written": 0, "undone": 0}
    add = repository.add_draft

    async def counted(connection: object, draft: Draft, *rest: object) -> None:
        try:
            await add(connection, draft, *rest)  # type: ignore[arg-type]
        except Exception:
            counts["undone"] += 1
            raise
        counts["written"] += 1

    monkeypatch.setattr(repository, "add_draft", counted)
    return counts


def other_process(certification: RunningService) -> BatchWriter:
    """A second writer with a memory of its own, as another process of the service has it."""
    own = certification.app.state.results
    recorder = Recorder(own.judge, load_book_kinds())
    return BatchWriter(certification.database, recorder, certification.clock)


async def test_two_processes_share_a_book_without_hole_or_double(
    certification: RunningService, authorise: Authorise, drafts: dict[str, int]
) -> None:
    desk = certification.app.state.results
    writers = [desk.writer, other_process(certification)]
    client = certification.client()
    answers: list[httpx.Response] = []
    for turn in range(30):
        desk.writer = writers[turn % 5 == 0]
        posts = (
            client.post(
                "/v1/results",
                json=sheet(100 * turn + number),
                headers={"Idempotency-Key": f"{turn}-{number}"},
            )
            for number in range(1, 9)
        )
        answers += await asyncio.gather(*posts)
    await writers[1].close()
    desk.writer = writers[0]
    assert {answer.status_code for answer in answers} == {201}
    numbers = [int(answer.json()["certificate"]["register_number"]) for answer in answers]
    assert sorted(numbers) == list(range(1, 241))
    assert drafts["written"] > 0
    assert drafts["undone"] > 0
    assert len(await certification.events()) == 240


async def test_a_drafted_batch_says_and_keeps_what_the_long_way_does(
    certification: RunningService, authorise: Authorise, drafts: dict[str, int]
) -> None:
    client = certification.client()
    days = ["2026-10-05", "2026-10-01", "2026-10-07"]
    first = await client.post("/v1/results", json=sheet(1, issued_on=days[0]))
    assert drafts["written"] == 0
    low = sheet(4, scores=dict.fromkeys(("listening", "reading", "writing", "speaking"), 2.0))
    bodies = [sheet(2, issued_on=days[1]), sheet(3, issued_on=days[2]), low]
    later = [
        await client.post("/v1/results", json=body, headers={"Idempotency-Key": f"k{number}"})
        for number, body in enumerate(bodies)
    ]
    assert drafts == {"written": 3, "undone": 0}
    parts = [answer.json()["certificate"] for answer in (first, *later)]
    assert [part and part["register_number"] for part in parts] == ["1", "2", "3", None]
    assert [part and part["late_entry"] for part in parts] == [False, True, False, None]
    for body, answer in zip(bodies, later, strict=True):
        again = await client.post("/v1/results", json=body)
        assert (again.status_code, again.json()) == (200, answer.json())
    replay = await client.post("/v1/results", json=bodies[0], headers={"Idempotency-Key": "k0"})
    assert (replay.status_code, replay.headers["idempotency-replayed"]) == (201, "true")
    assert replay.content == later[0].content
    types = [event["type"] for event in await certification.events()]
    assert types == [
        *["vn.bac.certificate.issued.v1"] * 3,
        "vn.bac.result.recorded.v1",
    ]
    async with certification.database.pool.acquire() as connection:
        trail = await connection.fetch("SELECT subject FROM audit WHERE action = 'result.record'")
    ids = {answer.json()["result_id"] for answer in (first, *later)}
    assert {row["subject"] for row in trail} == ids


async def test_a_full_disk_is_answered_and_room_again_is_enough(
    certification: RunningService, authorise: Authorise, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise asyncpg.DiskFullError("could not extend file: No space left on device")

    client = certification.client()
    await client.post("/v1/results", json=sheet(1))
    with monkeypatch.context() as during:
        during.setattr(repository, "add_draft", full)
        during.setattr(repository, "close_batch", full)
        posts = (client.post("/v1/results", json=sheet(number)) for number in range(2, 8))
        answers = await asyncio.wait_for(asyncio.gather(*posts), 10)
    assert {answer.status_code for answer in answers} == {503}
    later = [await client.post("/v1/results", json=sheet(number)) for number in range(1, 8)]
    assert [answer.status_code for answer in later] == [200] + [201] * 6
