"""The feed skips nothing, whatever order transactions commit in."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from deploy.local.embedded_postgres.binaries import postgres_binary
from shared.feed import repository
from shared.feed.sequencer import Sequencer
from shared.persistence.database import Database
from shared.persistence.keys import uuid7
from shared.persistence.migrations import runtime_dsn
from shared.persistence.outbox import OutboxRow, append_outbox
from shared.persistence.schema import ServiceSchema
from tests.making.feeds import everybody


def event(subject: str) -> OutboxRow:
    return OutboxRow(uuid7(), "test", subject, dt.datetime.now(dt.UTC), "{}", None)


async def served(database: Database) -> list[str]:
    async with database.pool.acquire() as connection:
        events, _ = await repository.read_feed(connection, 0, 100_000, None, 1_000_000)
    return [row.subject for row in events]


async def test_an_early_transaction_that_commits_late_is_not_skipped(probe: Database) -> None:
    sequencer = Sequencer(probe, everybody)
    worker = await probe.connect()
    await sequencer.resume(worker)
    early = await probe.connect()
    transaction = early.transaction()
    await transaction.start()
    await append_outbox(early, [event("early")])
    async with probe.pool.acquire() as connection:
        for number in range(3):
            await append_outbox(connection, [event(f"later {number}")])
    for _ in range(5):
        await sequencer.step(worker)
    assert await served(probe) == ["later 0", "later 1", "later 2"]
    await transaction.commit()
    await sequencer.step(worker)
    assert await served(probe) == ["later 0", "later 1", "later 2", "early"]
    await early.close()
    await worker.close()


async def test_a_rolled_back_hole_is_given_up_and_the_floor_moves_on(probe: Database) -> None:
    sequencer = Sequencer(probe, everybody)
    worker = await probe.connect()
    await sequencer.resume(worker)
    async with probe.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await append_outbox(connection, [event("never")])
        await transaction.rollback()
        await append_outbox(connection, [event("after")])
    for _ in range(3):
        await sequencer.step(worker)
    _, floor = await repository.feed_identity(worker)
    assert floor == 2
    assert await served(probe) == ["after"]
    await worker.close()


async def test_a_restarted_sequencer_finds_what_was_still_open_before(probe: Database) -> None:
    first = Sequencer(probe, everybody)
    worker = await probe.connect()
    await first.resume(worker)
    early = await probe.connect()
    transaction = early.transaction()
    await transaction.start()
    await append_outbox(early, [event("early")])
    async with probe.pool.acquire() as connection:
        await append_outbox(connection, [event("later")])
    await first.step(worker)
    second = Sequencer(probe, everybody)
    await second.resume(worker)
    await transaction.commit()
    await second.step(worker)
    assert await served(probe) == ["later", "early"]
    await early.close()
    await worker.close()


async def test_forty_writers_that_commit_in_any_order_lose_and_double_nothing(
    probe: Database,
) -> None:
    stopping = asyncio.Event()
    sequencer = asyncio.create_task(Sequencer(probe, everybody).run(stopping))
    chance = random.Random(7)
    kept: list[str] = []

    async def writer(number: int) -> None:
        for turn in range(8):
            subject, pause, give_up = (
                f"{number}.{turn}",
                chance.random() / 50,
                chance.random() < 0.2,
            )
            async with probe.pool.acquire() as connection:
                transaction = connection.transaction()
                await transaction.start()
                await append_outbox(connection, [event(subject)])
                await asyncio.sleep(pause)
                if give_up:
                    await transaction.rollback()
                else:
                    await transaction.commit()
                    kept.append(subject)

    await asyncio.gather(*(writer(number) for number in range(40)))
    async with asyncio.timeout(10):
        while len(await served(probe)) < len(kept):
            await asyncio.sleep(0.05)
    stopping.set()
    await sequencer
    assert sorted(await served(probe)) == sorted(kept)


async def test_only_one_of_two_sequencers_works(probe: Database) -> None:
    one, other = await probe.connect(), await probe.connect()
    assert await repository.become_only_sequencer(one, "probe")
    assert not await repository.become_only_sequencer(other, "probe")
    await one.close()
    await asyncio.sleep(0.1)
    assert await repository.become_only_sequencer(other, "probe")
    await other.close()


async def test_a_restored_dump_keeps_positions_and_goes_on(
    probe: Database,
    probe_admin_dsn: str,
    postgres_dsn: str,
    probe_schema: ServiceSchema,
    role_secret: bytes,
    tmp_path: Path,
) -> None:
    worker = await probe.connect()
    sequencer = Sequencer(probe, everybody)
    await sequencer.resume(worker)
    async with probe.pool.acquire() as connection:
        await append_outbox(connection, [event("one"), event("two")])
        await sequencer.step(worker)
        await append_outbox(connection, [event("not yet sequenced")])
    feed_id, _ = await repository.feed_identity(worker)
    await worker.close()

    admin = await asyncpg.connect(postgres_dsn)
    restored_dsn = await _copy_database(admin, probe_admin_dsn, postgres_dsn, tmp_path)
    restored = Database(runtime_dsn(restored_dsn, probe_schema, role_secret), probe_schema)
    await restored.open()
    worker = await restored.connect()
    assert (await repository.feed_identity(worker))[0] == feed_id
    again = Sequencer(restored, everybody)
    await again.resume(worker)
    await again.step(worker)
    async with restored.pool.acquire() as connection:
        await append_outbox(connection, [event("after the restore")])
    await again.step(worker)
    assert await served(restored) == ["one", "two", "not yet sequenced", "after the restore"]
    await worker.close()
    await restored.close()
    await admin.execute("DROP DATABASE probe_restored WITH (FORCE)")
    await admin.close()


async def _copy_database(
    admin: asyncpg.Connection, source: str, postgres_dsn: str, folder: Path
) -> str:
    """Transaction ids start afresh in a restored cluster; here at least the tables are new."""
    dump_tool, load_tool = postgres_binary("pg_dump"), postgres_binary("pg_restore")
    target = urlunsplit(urlsplit(postgres_dsn)._replace(path="/probe_restored"))
    await admin.execute("DROP DATABASE IF EXISTS probe_restored WITH (FORCE)")
    await admin.execute("CREATE DATABASE probe_restored")
    file = folder / "dump"
    await asyncio.to_thread(
        subprocess.run, [dump_tool, "-Fc", "-f", file, source], check=True, timeout=60
    )
    await asyncio.to_thread(subprocess.run, [load_tool, "-d", target, file], check=True, timeout=60)
    return target
