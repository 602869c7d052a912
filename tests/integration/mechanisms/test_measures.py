"""Metrics tell an operator whether events get their place and followers keep up."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

import asyncpg
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from shared.feed.cursors import encode_cursor
from shared.feed.measures import FeedMeasures
from shared.feed.repository import move_cursor, read_cursor
from shared.feed.sequencer import Sequencer
from shared.persistence.database import Database
from shared.persistence.keys import uuid7
from shared.persistence.outbox import OutboxRow, append_outbox
from tests.making.feeds import everybody


def values(registry: CollectorRegistry) -> dict[str, float]:
    text = generate_latest(registry).decode()
    return {
        "".join((sample.name, *sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_events_wait_until_they_have_a_place(probe: Database) -> None:
    registry = CollectorRegistry()
    measures = FeedMeasures(registry)
    long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5)
    async with probe.pool.acquire() as connection:
        rows = [OutboxRow(uuid7(), "test", str(n), long_ago, "{}", None) for n in range(3)]
        await append_outbox(connection, rows)
    await measures.read(probe)
    before = values(registry)
    assert before["bac_database_up"] == 1
    assert (before["bac_feed_waiting_events"], before["bac_feed_head_position"]) == (3, 0)
    assert 299 < before["bac_feed_waiting_seconds"] < 360
    worker = await probe.connect()
    sequencer = Sequencer(probe, everybody)
    await sequencer.resume(worker)
    await sequencer.step(worker)
    await worker.close()
    await measures.read(probe)
    after = values(registry)
    assert (after["bac_feed_waiting_events"], after["bac_feed_head_position"]) == (0, 3)
    assert after["bac_feed_waiting_seconds"] == 0


async def test_how_far_another_feed_is_applied(probe: Database) -> None:
    registry = CollectorRegistry()
    measures = FeedMeasures(registry)
    async with probe.pool.acquire() as connection:
        await read_cursor(connection, "enrolment")
        await measures.read(probe)
        assert values(registry)["bac_feed_followed_positionenrolment"] == 0
        await move_cursor(connection, "enrolment", encode_cursor(uuid4(), 41), 41)
    await measures.read(probe)
    told = values(registry)
    assert told["bac_feed_followed_positionenrolment"] == 41
    age = (
        dt.datetime.now(dt.UTC).timestamp()
        - told["bac_feed_followed_moved_timestamp_secondsenrolment"]
    )
    assert -5 < age < 60


async def test_a_database_that_does_not_answer_is_told(
    probe: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = CollectorRegistry()
    measures = FeedMeasures(registry)
    await measures.read(probe)

    async def gone(*_: object) -> None:
        raise asyncpg.ConnectionDoesNotExistError

    monkeypatch.setattr("shared.feed.repository.feed_state", gone)
    await measures.read(probe)
    assert values(registry)["bac_database_up"] == 0
