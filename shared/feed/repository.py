"""SQL of outbox, feed and consumer cursors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import asyncpg
import msgspec

SEQUENCER_LOCK = 0x62616346  # "bacF", combined with the schema's oid
CHANNEL_PREFIX = "bac_feed_"
SCOPED = "scoped"
"""In an audience: the event speaks of the scope of those named with it (somebody joined it, or left it),
and says nothing to readers of the whole nation. Administrators see it all the same."""


PART = "part"
"""In an audience: the event says to those named with it a part of what another event says whole, so whoever
reads everything, administrators included, is not shown it."""


class PendingEvent(msgspec.Struct, frozen=True, gc=False):
    """An outbox row that has no position yet."""

    seq: int
    type: str
    subject: str
    data: str
    audience: list[str] | None


class ServedEvent(msgspec.Struct, frozen=True, gc=False):
    position: int
    event_id: UUID
    type: str
    subject: str
    occurred_at: dt.datetime
    data: str


async def become_only_sequencer(connection: asyncpg.Connection, schema: str) -> bool:
    """Session lock; one worker per service holds it."""
    return bool(
        await connection.fetchval(
            "SELECT pg_try_advisory_lock($1, $2::regnamespace::oid::int)", SEQUENCER_LOCK, schema
        )
    )


async def feed_identity(connection: asyncpg.Connection) -> tuple[UUID, int]:
    """Id of this feed, which dump and restore keep, and the floor (see :class:`Sequencer`)."""
    row = await connection.fetchrow("SELECT feed_id, floor FROM feed_identity")
    assert row is not None, "the first migration fills feed_identity"
    return row["feed_id"], row["floor"]


async def save_floor(connection: asyncpg.Connection, floor: int) -> None:
    await connection.execute("UPDATE feed_identity SET floor = $1 WHERE floor < $1", floor)


async def sequenced_above(connection: asyncpg.Connection, floor: int) -> list[int]:
    rows = await connection.fetch(
        "SELECT outbox_seq FROM feed WHERE outbox_seq > $1 ORDER BY outbox_seq", floor
    )
    return [row["outbox_seq"] for row in rows]


async def oldest_running_transaction(connection: asyncpg.Connection) -> dt.datetime | None:
    """Start of the oldest transaction of this role still running, other than our own."""
    started: dt.datetime | None = await connection.fetchval(
        """
        SELECT min(xact_start) FROM pg_stat_activity
        WHERE datname = current_database() AND usename = current_user
          AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
        """
    )
    return started


async def database_time(connection: asyncpg.Connection) -> dt.datetime:
    now: dt.datetime = await connection.fetchval("SELECT clock_timestamp()")
    return now


async def pending_events(
    connection: asyncpg.Connection, above: int, holes: Sequence[int], limit: int
) -> list[PendingEvent]:
    """Committed outbox rows among ``holes`` and above ``above``, oldest first."""
    rows = await connection.fetch(
        """
        (SELECT seq, type, subject, data, audience FROM outbox WHERE seq = ANY($2::bigint[]))
        UNION ALL
        (SELECT seq, type, subject, data, audience FROM outbox WHERE seq > $1 ORDER BY seq LIMIT $3)
        ORDER BY seq
        """,
        above,
        list(holes),
        limit,
    )
    return [PendingEvent(*row) for row in rows]


async def append_to_feed(
    connection: asyncpg.Connection, seqs: Sequence[int], audiences: Sequence[Sequence[str]]
) -> int:
    """Gives the next positions in this order; returns the new head."""
    head: int = await connection.fetchval(
        """
        WITH last AS (SELECT coalesce(max(position), 0) AS position FROM feed),
        added AS (
            INSERT INTO feed (position, outbox_seq, audience)
            SELECT last.position + n, seq, string_to_array(audience, chr(31))
            FROM last, unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS given (seq, audience, n)
            RETURNING position)
        SELECT max(position) FROM added
        """,
        list(seqs),
        ["\x1f".join(audience) for audience in audiences],
    )
    return head


async def notify_feed(connection: asyncpg.Connection, schema: str) -> None:
    await connection.execute("SELECT pg_notify($1, '')", CHANNEL_PREFIX + schema)


async def head_position(connection: asyncpg.Connection) -> int:
    head: int = await connection.fetchval("SELECT coalesce(max(position), 0) FROM feed")
    return head


async def all_placed(connection: asyncpg.Connection) -> bool:
    """Whether no committed event waits for its position. Asks the two heads first: holes below them are
    looked for only while a transaction that began earlier may still fill them."""
    row = await connection.fetchrow(
        """
        SELECT coalesce((SELECT max(seq) FROM outbox), 0) AS written,
               coalesce((SELECT max(outbox_seq) FROM feed), 0) AS placed,
               (SELECT floor FROM feed_identity) AS floor
        """
    )
    if row["written"] > row["placed"]:
        return False
    if row["floor"] >= row["placed"]:
        return True
    return not await connection.fetchval(
        """
        SELECT EXISTS (
            SELECT FROM outbox o WHERE o.seq > $1
               AND NOT EXISTS (SELECT FROM feed f WHERE f.outbox_seq = o.seq))
        """,
        row["floor"],
    )


class FeedState(NamedTuple):
    """``waiting`` counts committed events without a position, ``oldest_seconds`` is the age of the first."""

    head: int
    waiting: int
    oldest_seconds: float


async def feed_state(connection: asyncpg.Connection) -> FeedState:
    row = await connection.fetchrow(
        """
        SELECT (SELECT coalesce(max(position), 0) FROM feed) AS head, count(*) AS waiting,
               coalesce(extract(epoch FROM clock_timestamp() - min(o.occurred_at)), 0)::float AS oldest
        FROM outbox o, feed_identity i
        WHERE o.seq > i.floor AND NOT EXISTS (SELECT FROM feed f WHERE f.outbox_seq = o.seq)
        """
    )
    return FeedState(*row)


async def cursors(connection: asyncpg.Connection) -> list[tuple[str, str, dt.datetime]]:
    """Source, cursor and when it last moved, of every feed that this service follows."""
    rows = await connection.fetch(
        "SELECT source, cursor, moved_at FROM feed_cursor ORDER BY source"
    )
    return [tuple(row) for row in rows]


async def read_feed(
    connection: asyncpg.Connection,
    after: int,
    limit: int,
    readers: Sequence[str] | None,
    window: int,
    *,
    hidden: Sequence[str] = (),
) -> tuple[list[ServedEvent], int]:
    """Events after a position that the reader may see, and the position the cursor moves to.

    ``readers`` null sees all but what ``hidden`` names (:data:`SCOPED`, :data:`PART`). At most ``window``
    positions are looked through in one call, so that a reader of few events costs no more than one of
    many; the cursor moves past what was not shown.
    """
    rows = await connection.fetch(
        """
        SELECT f.position, o.event_id, o.type, o.subject, o.occurred_at, o.data
        FROM feed f JOIN outbox o ON o.seq = f.outbox_seq
        WHERE f.position > $1 AND f.position <= $1 + $4
          AND ($3::text[] IS NULL OR f.audience && $3::text[])
          AND NOT f.audience && $5::text[]
        ORDER BY f.position LIMIT $2
        """,
        after,
        limit,
        None if readers is None else list(readers),
        window,
        [] if readers is not None else list(hidden),
    )
    events = [ServedEvent(*row) for row in rows]
    if len(events) == limit:
        return events, events[-1].position
    head = await head_position(connection)
    return events, max(after, min(head, after + window))


async def read_cursor(connection: asyncpg.Connection, source: str, *, lock: bool = False) -> str:
    """How far ``source`` was applied; ``lock`` keeps other appliers out until the transaction ends."""
    await connection.execute(
        "INSERT INTO feed_cursor (source) VALUES ($1) ON CONFLICT DO NOTHING", source
    )
    suffix = " FOR UPDATE" if lock else ""
    cursor: str = await connection.fetchval(
        "SELECT cursor FROM feed_cursor WHERE source = $1" + suffix, source
    )
    return cursor


async def move_cursor(
    connection: asyncpg.Connection, source: str, cursor: str, events: int
) -> None:
    await connection.execute(
        "UPDATE feed_cursor SET cursor = $2, events = events + $3, moved_at = clock_timestamp()"
        " WHERE source = $1",
        source,
        cursor,
        events,
    )
