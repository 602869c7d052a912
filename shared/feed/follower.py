"""Applies another service's feed to this service's schema, exactly once in effect."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

import asyncpg
import httpx
import msgspec
import structlog

from shared.contracts.events import Envelope
from shared.feed import repository
from shared.persistence.database import Database

_PLACED_SOON_SECONDS: Final = 0.02
_PAGES_APART_SECONDS: Final = 0.1
"""While news keeps coming, the pages are taken with a pause between them: a page of three hundred events costs hardly more
than one of ten, and nobody sees a tenth of a second. The first event after a silence is taken at once."""
Apply = Callable[[asyncpg.Connection, Sequence[Envelope]], Awaitable[None]]


class FeedPage(msgspec.Struct, frozen=True):
    events: list[Envelope]
    cursor: str
    head: str
    settled: bool = True
    whole: bool = True


class TokenNotAFollowers(RuntimeError):
    """The other service withholds fields from this one: its token lacks the scope ``feed:follow``."""


class Step(NamedTuple):
    """``settled``: the head is reached and nothing committed waits for a place behind it."""

    events: int
    reached: bool
    settled: bool


class FeedClient:
    """Reads ``GET /v1/events`` of one service."""

    def __init__(self, client: httpx.AsyncClient, base_url: str, token: Callable[[], str]) -> None:
        self._client = client
        self._url = base_url.rstrip("/") + "/v1/events"
        self._token = token
        self._decoder = msgspec.json.Decoder(FeedPage)

    async def read(self, after: str, limit: int, wait: float) -> FeedPage:
        """Raises :class:`httpx.HTTPError` when the service does not answer with a page."""
        answer = await self._client.get(
            self._url,
            params={"after": after, "limit": limit, "wait": wait},
            headers={"Authorization": f"Bearer {self._token()}"},
            timeout=httpx.Timeout(10.0, read=wait + 20.0),
        )
        answer.raise_for_status()
        return self._decoder.decode(answer.content)


class Follower:
    """Consumer of one feed. ``apply`` runs in the transaction that moves the cursor."""

    def __init__(
        self,
        database: Database,
        source: str,
        client: FeedClient,
        apply: Apply,
        *,
        batch: int = 2000,
    ) -> None:
        self._database = database
        self._source = source
        self._client = client
        self._apply = apply
        self._batch = batch
        self._log = structlog.get_logger("follower").bind(
            service=database.schema.name, source=source
        )

    async def step(self, wait: float = 0.0) -> Step:
        """Applies one page."""
        async with self._database.pool.acquire() as connection:
            cursor = await repository.read_cursor(connection, self._source)
        page = await self._client.read(cursor, self._batch, wait)
        if not page.whole:
            raise TokenNotAFollowers("the service token needs the scope feed:follow")
        if page.cursor != cursor:
            async with self._database.pool.acquire() as connection, connection.transaction():
                now = await repository.read_cursor(connection, self._source, lock=True)
                if now != cursor:  # somebody else applied this page meanwhile
                    return Step(0, False, False)
                if page.events:
                    await self._apply(connection, page.events)
                await repository.move_cursor(
                    connection, self._source, page.cursor, len(page.events)
                )
        reached = page.cursor == page.head
        return Step(len(page.events), reached, reached and page.settled)

    async def run(self, stopping: asyncio.Event) -> None:
        """Follows until ``stopping``. An event that cannot be applied stops the feed there, loudly: the
        order of facts matters more than progress past a fault."""
        delay = 0.2
        while not stopping.is_set():
            try:
                step = await self.step(wait=5.0)
                delay = 0.2
                if step.events and step.reached:
                    await _sleep(stopping, _PAGES_APART_SECONDS)
            except (
                httpx.HTTPError,
                OSError,
                asyncpg.InterfaceError,
                asyncpg.InternalClientError,
                TimeoutError,
            ) as error:
                self._log.warning("feed not reachable", error=type(error).__name__)
                await _sleep(stopping, delay)
                delay = min(delay * 2, 5.0)
            except asyncpg.PostgresError as error:
                self._log.error("events not applied", error=type(error).__name__, text=str(error))
                await _sleep(stopping, delay)
                delay = min(delay * 2, 5.0)
            except Exception:  # noqa: BLE001 - whatever a handler raises, the follower must stay
                self._log.exception("events not applied")
                await _sleep(stopping, delay)
                delay = min(delay * 2, 30.0)

    async def catch_up(self, seconds: float = 2.0) -> bool:
        """Applies whatever the other service has committed by now, for a caller about to refuse because
        of an old fact. Returns whether that was reached in time; an unreachable peer is not an error
        here."""
        try:
            async with asyncio.timeout(seconds):
                while not (step := await self.step()).settled:
                    if step.reached:
                        await asyncio.sleep(_PLACED_SOON_SECONDS)
                return True
        except (TimeoutError, httpx.HTTPError, OSError):
            return False


async def _sleep(stopping: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), timeout=seconds)
    except TimeoutError:
        return
