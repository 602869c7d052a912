"""What an operator watches of a service's database and feeds, read when somebody asks for the metrics."""

from __future__ import annotations

import asyncio

from prometheus_client import CollectorRegistry, Gauge

from shared.feed import repository
from shared.persistence.database import DATABASE_FAILURES, Database

_LONGEST_READ_SECONDS = 2.0


class FeedMeasures:
    """How far a follower is behind is one service's ``bac_feed_head_position`` less another's
    ``bac_feed_followed_position`` of it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._up = Gauge("bac_database_up", "1 while the database answers", registry=registry)
        self._connections = Gauge(
            "bac_database_connections", "Connections of the pool", ["state"], registry=registry
        )
        self._head = Gauge(
            "bac_feed_head_position", "Position of the newest event", registry=registry
        )
        self._waiting = Gauge(
            "bac_feed_waiting_events",
            "Committed events that have no position yet",
            registry=registry,
        )
        self._oldest = Gauge(
            "bac_feed_waiting_seconds", "Age of the oldest of these events", registry=registry
        )
        self._followed = Gauge(
            "bac_feed_followed_position",
            "Position up to which another service's feed is applied here",
            ["feed"],
            registry=registry,
        )
        self._moved = Gauge(
            "bac_feed_followed_moved_timestamp_seconds",
            "When that position last changed",
            ["feed"],
            registry=registry,
        )

        self._stuck = Gauge(
            "bac_feed_stuck_position",
            "Position of the event of another feed that cannot be applied here; 0: none is known",
            ["feed", "type", "error"],
            registry=registry,
        )
        self._stuck_since = Gauge(
            "bac_feed_stuck_since_timestamp_seconds",
            "Since when another feed is not applied any further; 0: it goes on",
            ["feed"],
            registry=registry,
        )
        self._set_aside = Gauge(
            "bac_feed_set_aside_events",
            "Events of another feed that were passed over by decision and are not settled",
            ["feed"],
            registry=registry,
        )

    async def read(self, database: Database) -> None:
        """Where the database does not answer, its last word stands and ``bac_database_up`` is 0."""
        pool = database.pool
        self._connections.labels("idle").set(pool.get_idle_size())
        self._connections.labels("used").set(pool.get_size() - pool.get_idle_size())
        try:
            async with asyncio.timeout(_LONGEST_READ_SECONDS), pool.acquire() as connection:
                state = await repository.feed_state(connection)
                followed = await repository.followed(connection)
        except DATABASE_FAILURES:
            self._up.set(0)
            return
        self._up.set(1)
        self._head.set(state.head)
        self._waiting.set(state.waiting)
        self._oldest.set(state.oldest_seconds)
        self._stuck.clear()
        for each in followed:
            self._followed.labels(each.feed).set(each.position)
            self._moved.labels(each.feed).set(each.moved_at.timestamp())
            since = each.stuck_since.timestamp() if each.stuck_since else 0
            self._stuck_since.labels(each.feed).set(since)
            self._set_aside.labels(each.feed).set(each.set_aside)
            if each.stuck is not None:
                stuck = each.stuck
                self._stuck.labels(each.feed, stuck.type or "", stuck.error).set(
                    stuck.position or 0
                )
