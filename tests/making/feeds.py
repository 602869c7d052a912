"""What tests of the feed decide about its readers."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from shared.contracts.audiences import EVERYBODY, Audience, whole
from shared.feed.repository import PendingEvent


async def everybody(_: asyncpg.Connection, events: Sequence[PendingEvent]) -> dict[int, Audience]:
    return {event.seq: whole([EVERYBODY]) for event in events}
