"""What `/health/ready` says of feeds that do not go on: the service answers, from what it knew until then."""

from __future__ import annotations

import datetime as dt
from typing import Final, Literal

import asyncpg
from pydantic import BaseModel, Field

from shared.feed import repository

_PLACED_WITHIN: Final = dt.timedelta(seconds=60)


class FeedHealth(BaseModel):
    """Named to everybody, so without the subject of any event."""

    feed: str
    state: Literal["stuck", "set_aside", "not_placed"] = Field(
        description="`stuck`: the event at `position` cannot be applied here, nothing behind it is. `set_aside`: the "
        "events at `positions` were passed over by decision. `not_placed`: events of this service's own feed "
        "wait for their place"
    )
    since: dt.datetime | None = None
    position: int | None = None
    type: str | None = None
    error: str | None = None
    positions: list[int] | None = None


async def unwell_feeds(
    connection: asyncpg.Connection, own: str, now: dt.datetime
) -> list[FeedHealth]:
    found: list[FeedHealth] = []
    for each in await repository.followed(connection):
        if each.stuck is not None:
            found.append(
                FeedHealth(
                    feed=each.feed,
                    state="stuck",
                    since=each.stuck_since,
                    position=each.stuck.position,
                    type=each.stuck.type,
                    error=each.stuck.error,
                )
            )
        if each.set_aside:
            aside = await repository.set_aside(connection, each.feed)
            passed = [event for event in aside if event.passed_at is not None]
            found.append(
                FeedHealth(
                    feed=each.feed,
                    state="set_aside",
                    since=min(event.decided_at for event in passed),
                    positions=[event.position for event in passed],
                )
            )
    since = await repository.waiting_since(connection)
    if since is not None and now - since > _PLACED_WITHIN:
        found.append(FeedHealth(feed=own, state="not_placed", since=since))
    return found
