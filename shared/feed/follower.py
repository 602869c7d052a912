"""Applies another service's feed to this service's schema, exactly once in effect."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple
from uuid import UUID

import asyncpg
import httpx
import msgspec
import structlog

from shared.contracts.events import WHOLE_STATES, Envelope
from shared.feed import repository
from shared.feed.cursors import cursor_before, position_of
from shared.feed.repository import SetAside, Stuck
from shared.persistence.database import Database
from shared.process.pause import pause

_PLACED_SOON_SECONDS: Final = 0.02
_PAGES_APART_SECONDS: Final = 0.1
"""While news keeps coming, the pages are taken with a pause between them: a page of three hundred events costs hardly
more than one of ten, and nobody sees a tenth of a second. The first event after a silence is taken at once."""
_LONGEST_PAUSE_SECONDS: Final = 5.0
"""A feed that stands still is tried again at least this often, so that a decision about it is soon seen."""
Apply = Callable[[asyncpg.Connection, Sequence[Envelope]], Awaitable[None]]

PASSING: Final[tuple[type[Exception], ...]] = (
    httpx.HTTPError,
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.TransactionRollbackError,
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.PostgresSystemError,
)
"""What the surroundings raise and an event has no part in."""
_TOO_LONG: Final = (TimeoutError, asyncpg.QueryCanceledError)
"""Among these, what an event raises too that takes longer than it may."""
_CUT_OFTEN: Final = 20
"""Times in a row that a connection is lost while one event alone is applied, until that event is named."""
_NOT_NOW: Final = frozenset({408, 425, 429})


class NotTheEventsFault(RuntimeError):
    """Raised by appliers that can apply nothing at all for now; no event is to blame."""


class FeedPage(msgspec.Struct, frozen=True):
    events: list[Envelope]
    cursor: str
    head: str
    settled: bool = True
    whole: bool = True


class TokenNotAFollowers(NotTheEventsFault):
    """The other service withholds fields from this one: its token lacks the scope ``feed:follow``."""


class EventNotApplied(RuntimeError):
    """The event that stands next cannot be applied. The feed stays before it: a figure that leaves out a fact
    in silence would be wrong for good."""

    def __init__(self, stuck: Stuck) -> None:
        super().__init__(f"{stuck.type} at position {stuck.position}: {stuck.error}")
        self.stuck = stuck


class Step(NamedTuple):
    """``settled``: the head is reached and nothing committed waits for a place behind it."""

    events: int
    reached: bool
    settled: bool


_AGAIN: Final = Step(0, False, False)


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
        page = self._decoder.decode(answer.content)
        if not page.whole:
            raise TokenNotAFollowers("the service token needs the scope feed:follow")
        return page


class Follower:
    """Consumer of one feed. ``apply`` runs in the transaction that moves the cursor.

    A page that cannot be applied is taken again in halves until one event stands alone. That event is
    noted with its position and tried again for ever, unless somebody decides to set it aside
    (``shared.feed.mending``); then it and all later events of its subject are passed over, in order, until
    they are applied together by another decision.
    """

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
        self._largest = self._batch = batch
        self._cut = 0
        """How often in a row the connection was lost while a page was applied."""
        self._noted = True
        """Whether the database may say that the feed stands still."""
        self._log = structlog.get_logger("follower").bind(
            service=database.schema.name, source=source
        )

    async def step(self, wait: float = 0.0) -> Step:
        """Applies one page, or finds out that it needs a smaller one. Raises :class:`EventNotApplied`,
        :class:`NotTheEventsFault`, and what the surroundings raise (:data:`PASSING`)."""
        async with self._database.pool.acquire() as connection:
            cursor = await repository.read_cursor(connection, self._source)
        limit = self._batch
        try:
            page = await self._client.read(cursor, limit, wait)
            if page.cursor != cursor and not await self._take(cursor, page, limit):
                return _AGAIN
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            if status < 500 and status not in _NOT_NOW:
                await self._note(_whole_feed(f"HTTP {status}"))
            raise
        except PASSING:
            raise
        except EventNotApplied:
            raise
        except Exception as error:
            await self._note(_whole_feed(type(error).__name__))
            raise
        if self._noted:
            async with self._database.pool.acquire() as connection:
                await repository.note_going_on(connection, self._source)
            self._noted = False
        self._batch = min(self._largest, self._batch * 2)
        self._cut = 0
        reached = page.cursor == page.head
        return Step(len(page.events), reached, reached and page.settled)

    async def _take(self, cursor: str, page: FeedPage, limit: int) -> bool:
        """False: somebody else has applied the page meanwhile, or a smaller one is needed."""
        alone = limit == 1
        try:
            async with self._database.pool.acquire() as connection, connection.transaction():
                await repository.allow_long_thought(connection)
                now = await repository.read_cursor(connection, self._source, lock=True)
                if now != cursor:
                    return False
                aside = await repository.set_aside(connection, self._source)
                concerned = [each for each in page.events if _is_aside(each, page.cursor, aside)]
                if concerned and not alone:
                    self._batch = max(1, limit // 2)
                    return False
                if concerned:
                    await self._pass(connection, concerned[0], position_of(page.cursor), aside)
                elif page.events:
                    await self._apply(connection, page.events)
                await repository.move_cursor(
                    connection, self._source, page.cursor, len(page.events)
                )
            return True
        except Exception as error:
            if isinstance(error, NotTheEventsFault):
                raise
            if isinstance(error, PASSING) and not isinstance(error, _TOO_LONG):
                # A smaller page may be through before whatever cuts the connection does so again.
                self._batch = max(1, limit // 2)
                self._cut += 1
                if not alone or self._cut < _CUT_OFTEN:
                    raise
            elif not alone:
                self._log.warning(
                    "events not applied, looking for which one", error=type(error).__name__
                )
                self._batch = max(1, limit // 2)
                return False
            event = page.events[0]
            stuck = Stuck(
                position_of(page.cursor),
                UUID(event.id),
                event.type,
                event.subject,
                type(error).__name__,
            )
            await self._note(stuck)
            raise EventNotApplied(stuck) from error

    async def _pass(
        self,
        connection: asyncpg.Connection,
        event: Envelope,
        position: int,
        aside: Sequence[SetAside],
    ) -> None:
        if any(str(each.event_id) == event.id for each in aside):
            await repository.mark_passed(connection, self._source, position)
            return
        first = next(each for each in aside if each.subject == event.subject)
        now = dt.datetime.now(dt.UTC)
        await repository.add_set_aside(
            connection,
            SetAside(
                feed=self._source,
                position=position,
                event_id=UUID(event.id),
                type=event.type,
                subject=event.subject,
                error=None,
                reason=f"follows position {first.position}",
                decided_by=first.decided_by,
                decided_at=now,
                passed_at=now,
                retry_at=None,
            ),
        )

    async def _note(self, stuck: Stuck) -> None:
        self._noted = True
        async with self._database.pool.acquire() as connection:
            await repository.note_stuck(connection, self._source, stuck)

    async def apply_again(self) -> int:
        """Applies what was set aside and is asked for again, subject by subject; returns how many events are
        settled. What still cannot be applied stays aside. A later event that says all of its subject
        replaces one set aside: correcting a body or a person in the directory mends the feed."""
        async with self._database.pool.acquire() as connection:
            aside = await repository.set_aside(connection, self._source)
            cursor = await repository.read_cursor(connection, self._source)
        subjects: dict[str, list[SetAside]] = {}
        for each in aside:
            if each.retry_at is not None and each.passed_at is not None:
                subjects.setdefault(each.subject, []).append(each)
        applied = 0
        for rows in subjects.values():
            positions = [each.position for each in rows]
            events: list[Envelope] = []
            for position in positions:
                events += (await self._client.read(cursor_before(position, cursor), 1, 0)).events
            newest = {event.type: event.id for event in events}
            events = [
                event
                for event in events
                if event.type not in WHOLE_STATES or newest[event.type] == event.id
            ]
            try:
                async with self._database.pool.acquire() as connection, connection.transaction():
                    await repository.allow_long_thought(connection)
                    await repository.read_cursor(connection, self._source, lock=True)
                    await self._apply(connection, events)
                    await repository.settle_set_aside(connection, self._source, positions)
                applied += len(positions)
                self._log.info("events applied after all", positions=positions)
            except NotTheEventsFault:
                raise
            except Exception as error:
                if isinstance(error, PASSING) and not isinstance(error, _TOO_LONG):
                    raise
                self._log.exception("events still not applied", positions=positions)
                async with self._database.pool.acquire() as connection:
                    await repository.retry_failed(
                        connection, self._source, positions, type(error).__name__
                    )
        return applied

    async def run(self, stopping: asyncio.Event) -> None:
        """Follows until ``stopping``. An event that cannot be applied stops the feed there, loudly: the
        order of facts matters more than progress past a fault."""
        delay = 0.2
        logged: Stuck | None = None
        while not stopping.is_set():
            try:
                await self.apply_again()
                step = await self.step(wait=5.0)
                delay = 0.2
                if step.events and step.reached:
                    await pause(stopping, _PAGES_APART_SECONDS)
                continue
            except PASSING as error:
                self._log.warning("feed not reachable", error=type(error).__name__)
            except EventNotApplied as error:
                self._log.error(
                    "event not applied",
                    position=error.stuck.position,
                    event_type=error.stuck.type,
                    error=error.stuck.error,
                    exc_info=error.stuck != logged,
                )
                logged = error.stuck
            except Exception as error:  # noqa: BLE001 - whatever a handler raises, the follower must stay
                self._log.error("feed not applied", error=type(error).__name__, text=str(error))
            await pause(stopping, delay)
            delay = min(delay * 2, _LONGEST_PAUSE_SECONDS)

    async def catch_up(self, seconds: float = 2.0) -> bool:
        """Applies whatever the other service has committed by now, for a caller about to refuse because
        of an old fact. Returns whether that was reached in time; a peer that is not reachable, or an event
        that cannot be applied, is not an error here."""
        try:
            async with asyncio.timeout(seconds):
                while not (step := await self.step()).settled:
                    if step.reached:
                        await asyncio.sleep(_PLACED_SOON_SECONDS)
                return True
        except PASSING:
            return False
        except (NotTheEventsFault, EventNotApplied):
            return False


def _whole_feed(error: str) -> Stuck:
    return Stuck(None, None, None, None, error)


def _is_aside(event: Envelope, cursor: str, aside: Sequence[SetAside]) -> bool:
    """Set aside itself, or later than one of its subject that is. In a page of several an event may come
    before that one; the page of that event alone tells."""
    return any(
        str(each.event_id) == event.id
        or (each.subject == event.subject and each.position < position_of(cursor))
        for each in aside
    )
