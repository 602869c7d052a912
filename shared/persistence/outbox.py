"""Events wait in the outbox, written in the transaction of the fact, until the sequencer gives them a position."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg

from shared.persistence.rows import WORTH_A_COPY, Columns


class OutboxRow(NamedTuple):
    """``data`` is the payload as JSON; ``audience`` null: decided when the event is sequenced."""

    event_id: UUID
    type: str
    subject: str
    occurred_at: dt.datetime
    data: str
    audience: list[str] | None


OUTBOX: Final = Columns(
    "outbox", OutboxRow._fields, ("uuid", "text", "text", "timestamptz", "text", "text[]")
)
_UNIT = "\x1f"
"""Joins the readers of one event: an array of arrays cannot be unnested row by row."""


def insert_events(first: int = 1) -> str:
    """INSERT of many events, given as :func:`event_arrays`; their places in the outbox follow the order."""
    given = Columns(OUTBOX.table, OUTBOX.names, (*OUTBOX.casts[:-1], "text"))
    arrays = given.unnested(first)
    return f"""
        INSERT INTO outbox ({OUTBOX.listed})
        SELECT {OUTBOX.without("audience").listed}, string_to_array(audience, chr(31))
        FROM {arrays} WITH ORDINALITY AS event ({OUTBOX.listed}, n)
        ORDER BY n
    """


def event_arrays(rows: Sequence[OutboxRow]) -> list[list[Any]]:
    *plain, audiences = OUTBOX.arrays(rows)
    return [*plain, [None if readers is None else _UNIT.join(readers) for readers in audiences]]


async def append_outbox(connection: asyncpg.Connection, rows: Sequence[OutboxRow]) -> None:
    """One statement for any number of events."""
    if len(rows) >= WORTH_A_COPY:
        await OUTBOX.copy(connection, rows)
    else:
        await connection.execute(insert_events(), *event_arrays(rows))
