"""SQL of outbox, feed and consumer cursors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from shared.feed.cursors import position_of

SEQUENCER_LOCK = 0x62616346  # "bacF", combined with the schema's oid
CHANNEL_PREFIX = "bac_feed_"


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


async def waiting_since(connection: asyncpg.Connection) -> dt.datetime | None:
    """When the oldest committed event without a position happened."""
    since: dt.datetime | None = await connection.fetchval(
        """
        SELECT o.occurred_at FROM outbox o, feed_identity i
        WHERE o.seq > i.floor AND NOT EXISTS (SELECT FROM feed f WHERE f.outbox_seq = o.seq)
        ORDER BY o.seq LIMIT 1
        """
    )
    return since


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

    ``readers`` null sees all but what ``hidden`` names (see :mod:`shared.contracts.audiences`). At most ``window``
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


async def allow_long_thought(connection: asyncpg.Connection) -> None:
    """What a page changes is computed inside its transaction, for longer than requests may keep one idle."""
    await connection.execute("SET LOCAL idle_in_transaction_session_timeout = '15min'")


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
        """
        UPDATE feed_cursor SET cursor = $2, events = events + $3, moved_at = clock_timestamp(),
            stuck_position = NULL, stuck_event = NULL, stuck_type = NULL, stuck_subject = NULL,
            stuck_error = NULL, stuck_since = NULL
        WHERE source = $1
        """,
        source,
        cursor,
        events,
    )


# --- events that cannot be applied ----------------------------------------------------------------


class Stuck(NamedTuple):
    """Why a feed is not applied any further. Without a position it is no one event's fault."""

    position: int | None
    event_id: UUID | None
    type: str | None
    subject: str | None
    error: str
    """Class of the error: what an error says may hold facts."""


class Followed(NamedTuple):
    """How far one feed is applied here."""

    feed: str
    position: int
    moved_at: dt.datetime
    stuck: Stuck | None
    stuck_since: dt.datetime | None
    set_aside: int
    """Events that were passed over and are not settled."""


class SetAside(NamedTuple):
    """An event that was passed over, or is to be, by somebody's decision."""

    feed: str
    position: int
    event_id: UUID
    type: str
    subject: str
    error: str | None
    reason: str
    decided_by: str
    decided_at: dt.datetime
    passed_at: dt.datetime | None
    retry_at: dt.datetime | None


async def note_stuck(connection: asyncpg.Connection, source: str, stuck: Stuck) -> None:
    """``stuck_since`` stays while it is the same event and error."""
    await connection.execute(
        """
        UPDATE feed_cursor SET
            stuck_since = CASE WHEN stuck_since IS NOT NULL AND stuck_error = $6
                                AND stuck_event IS NOT DISTINCT FROM $3
                          THEN stuck_since ELSE clock_timestamp() END,
            stuck_position = $2, stuck_event = $3, stuck_type = $4, stuck_subject = $5,
            stuck_error = $6
        WHERE source = $1
        """,
        source,
        *stuck,
    )


async def note_going_on(connection: asyncpg.Connection, source: str) -> None:
    await connection.execute(
        """
        UPDATE feed_cursor SET stuck_position = NULL, stuck_event = NULL, stuck_type = NULL,
            stuck_subject = NULL, stuck_error = NULL, stuck_since = NULL
        WHERE source = $1 AND stuck_since IS NOT NULL
        """,
        source,
    )


async def followed(connection: asyncpg.Connection) -> list[Followed]:
    """Every feed that this service follows."""
    rows = await connection.fetch(
        """
        SELECT c.source, c.cursor, c.moved_at, c.stuck_position, c.stuck_event, c.stuck_type,
               c.stuck_subject, c.stuck_error, c.stuck_since,
               (SELECT count(*) FROM feed_set_aside a
                WHERE a.source = c.source AND a.settled_at IS NULL AND a.passed_at IS NOT NULL) AS aside
        FROM feed_cursor c ORDER BY c.source
        """
    )
    return [
        Followed(
            source,
            position_of(cursor),
            moved_at,
            None if since is None else Stuck(*stuck),
            since,
            aside,
        )
        for source, cursor, moved_at, *stuck, since, aside in rows
    ]


async def set_aside(connection: asyncpg.Connection, source: str) -> list[SetAside]:
    """What is not settled, in order."""
    rows = await connection.fetch(
        """
        SELECT source, position, event_id, type, subject, error, reason, decided_by, decided_at,
               passed_at, retry_at
        FROM feed_set_aside WHERE source = $1 AND settled_at IS NULL ORDER BY position
        """,
        source,
    )
    return [SetAside(*row) for row in rows]


async def add_set_aside(connection: asyncpg.Connection, given: SetAside) -> None:
    """A decision about an event that was settled before opens it again."""
    await connection.execute(
        """
        INSERT INTO feed_set_aside AS kept (source, position, event_id, type, subject, error, reason,
                                            decided_by, decided_at, passed_at, retry_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (source, position) DO UPDATE SET
            error = excluded.error, reason = excluded.reason, decided_by = excluded.decided_by,
            decided_at = excluded.decided_at, passed_at = excluded.passed_at,
            retry_at = NULL, settled_at = NULL
        WHERE kept.settled_at IS NOT NULL
        """,
        *given,
    )


async def mark_passed(connection: asyncpg.Connection, source: str, position: int) -> None:
    await connection.execute(
        """
        UPDATE feed_set_aside SET passed_at = coalesce(passed_at, clock_timestamp())
        WHERE source = $1 AND position = $2
        """,
        source,
        position,
    )


async def ask_for_retry(connection: asyncpg.Connection, source: str, subject: str) -> None:
    await connection.execute(
        """
        UPDATE feed_set_aside SET retry_at = clock_timestamp()
        WHERE source = $1 AND subject = $2 AND settled_at IS NULL
        """,
        source,
        subject,
    )


async def settle_set_aside(
    connection: asyncpg.Connection, source: str, positions: Sequence[int]
) -> None:
    await connection.execute(
        """
        UPDATE feed_set_aside SET settled_at = clock_timestamp(), retry_at = NULL
        WHERE source = $1 AND position = ANY($2::bigint[])
        """,
        source,
        list(positions),
    )


async def retry_failed(
    connection: asyncpg.Connection, source: str, positions: Sequence[int], error: str
) -> None:
    await connection.execute(
        """
        UPDATE feed_set_aside SET retry_at = NULL, error = $3
        WHERE source = $1 AND position = ANY($2::bigint[])
        """,
        source,
        list(positions),
        error,
    )
