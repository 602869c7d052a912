"""The key of an upload is a row with a lease: it outlives no process for long, and nobody writes beside another."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from shared.contracts.problem import IdempotencyInProgress
from shared.idempotency.answers import KEPT_FOR, StoredAnswer
from shared.idempotency.leases import LEASE, Lease, leased
from shared.idempotency.under_way import KeysUnderWay
from shared.persistence.database import Database

KEY = b"k" * 32


class Watch:
    """A clock that a test moves by seconds."""

    def __init__(self) -> None:
        self.at = dt.datetime(2026, 11, 23, 5, tzinfo=dt.UTC)

    def now(self) -> dt.datetime:
        return self.at

    def today(self) -> dt.date:
        return self.at.date()


@pytest.fixture
def watch() -> Watch:
    return Watch()


async def finish(database: Database, lease: Lease, body: str) -> None:
    async with database.pool.acquire() as connection:
        await lease.finish(connection, b"f", "application/json", body)


async def test_the_second_upload_is_given_the_answer_of_the_first(
    probe: Database, watch: Watch
) -> None:
    async with leased(probe, watch, KEY, 0.2) as first:
        assert isinstance(first, Lease)
        with pytest.raises(IdempotencyInProgress):
            async with leased(probe, watch, KEY, 0.2):
                pass
        await finish(probe, first, "report")
    async with leased(probe, watch, KEY, 0.2) as second:
        assert second == StoredAnswer(b"f", 200, "application/json", "report")


async def test_no_connection_is_held_by_uploads_that_wait_for_their_bodies(
    probe: Database, watch: Watch
) -> None:
    held = [leased(probe, watch, bytes([n]) * 32, 0.2) for n in range(60)]
    for one in held:
        await one.__aenter__()
    try:
        assert probe.pool.get_size() - probe.pool.get_idle_size() == 0
    finally:
        for one in held:
            await one.__aexit__(None, None, None)


async def test_an_upload_that_is_refused_frees_its_key_at_once(
    probe: Database, watch: Watch
) -> None:
    with pytest.raises(ValueError, match="cut off"):
        async with leased(probe, watch, KEY, 0.2):
            raise ValueError("cut off")
    async with leased(probe, watch, KEY, 0.2) as again:
        assert isinstance(again, Lease)


async def test_the_key_of_a_killed_upload_is_free_after_its_lease(
    probe: Database, watch: Watch
) -> None:
    killed = Lease(probe, watch, KEY)
    assert await killed.claim() is None
    watch.at += LEASE - dt.timedelta(seconds=1)
    with pytest.raises(IdempotencyInProgress):
        async with leased(probe, watch, KEY, 0.2):
            pass
    watch.at += dt.timedelta(seconds=2)
    async with leased(probe, watch, KEY, 0.2) as taken_over:
        assert isinstance(taken_over, Lease)
        async with probe.pool.acquire() as connection:
            with pytest.raises(IdempotencyInProgress):
                await killed.confirm(connection)
            await taken_over.confirm(connection)
            with pytest.raises(IdempotencyInProgress):
                await killed.finish(connection, b"old", "application/json", "old")
        await killed.give_back()  # of a key that is somebody else's now: changes nothing
        await finish(probe, taken_over, "new")
    async with leased(probe, watch, KEY, 0.2) as answer:
        assert isinstance(answer, StoredAnswer)
        assert answer.body == "new"


async def test_an_answer_is_kept_for_its_time_and_then_the_key_is_free(
    probe: Database, watch: Watch
) -> None:
    async with leased(probe, watch, KEY, 0.2) as first:
        assert isinstance(first, Lease)
        await finish(probe, first, "report")
    watch.at += KEPT_FOR + dt.timedelta(seconds=1)
    async with leased(probe, watch, KEY, 0.2) as again:
        assert isinstance(again, Lease)


async def test_of_many_uploads_at_once_one_has_the_key(probe: Database, watch: Watch) -> None:
    claims = await asyncio.gather(*(Lease(probe, watch, KEY).claim() for _ in range(12)))
    assert claims.count(None) == 1


async def test_requests_of_one_process_take_turns_and_do_not_wait_for_ever() -> None:
    keys = KeysUnderWay()
    order: list[str] = []

    async def work(name: str) -> None:
        async with keys.alone(KEY, 1):
            order.append(f"{name} begins")
            await asyncio.sleep(0.01)
            order.append(f"{name} ends")

    await asyncio.gather(work("one"), work("two"))
    assert order == ["one begins", "one ends", "two begins", "two ends"]
    async with keys.alone(KEY, 1):
        with pytest.raises(IdempotencyInProgress):
            async with keys.alone(KEY, 0.05):
                pass
        async with keys.alone(b"another", 0.05):
            pass
