"""A service as the tests run it: its real application in this process, on a database of its own.

Every service offers the same three names, and needs no more to be run here:

- ``services.<name>.app:create_app(environment: Mapping[str, str] | None = None, *, clock=None)``; that of
  certification takes ``catch_up`` besides
- ``services.<name>.worker:make_sequencer(database, clock) -> Sequencer``
- ``services.<name>.worker:make_followers(database, environment, clock, http) -> dict[str, Follower]``
  by the name of the service that is followed; reads ``BAC_<SERVICE>_URL`` of ``environment``.
"""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol, Self

import httpx

from shared.clients.directory import Directory
from shared.clock import VIETNAM
from shared.persistence.database import Database
from shared.persistence.schema import SERVICES
from shared.security.tokens import DEVELOPMENT_KEY_FILE, mint

PERSON_KEY = "5e" * 32
ROLE_SECRET = bytes.fromhex("7a" * 32)
TODAY = dt.date(2026, 11, 23)


class MovableClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, today: dt.date = TODAY) -> None:
        self.day = today

    def today(self) -> dt.date:
        return self.day

    def now(self) -> dt.datetime:
        return dt.datetime.combine(self.day, dt.time(12), tzinfo=VIETNAM).astimezone(dt.UTC)


class InProcessTransport(httpx.AsyncBaseTransport):
    """Sends requests to the running services by host name (``http://<service>.test``)."""

    def __init__(self) -> None:
        self.apps: dict[str, httpx.ASGITransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        transport = self.apps.get(request.url.host)
        if transport is None:
            raise httpx.ConnectError("no such service is running", request=request)
        return await transport.handle_async_request(request)


class FeedSource(Protocol):
    """A service whose feed another one follows: a running one, or one that a test writes."""

    @property
    def name(self) -> str: ...

    async def sequence(self) -> int: ...


class RunningService:
    """Handed to tests by the fixtures ``enrolment``, ``certification`` and ``targets``."""

    def __init__(
        self,
        name: str,
        environment: Mapping[str, str],
        clock: MovableClock,
        transport: InProcessTransport,
    ) -> None:
        self.name = name
        self.environment = dict(environment)
        self.clock = clock
        self._transport = transport
        self._stack = AsyncExitStack()
        self.app: Any = None
        self.catch_up: Callable[[], Awaitable[bool]] | None = None
        """How certification catches up with enrolment before it refuses; null: enrolment is away."""

    @property
    def database(self) -> Database:
        database: Database = self.app.state.database
        return database

    def token(self, role: str = "admin", **who: Any) -> str:
        key = Path(self.environment["BAC_HOME"]) / DEVELOPMENT_KEY_FILE
        return mint(key, role=role, **who)

    def client(self, role: str | None = "admin", **who: Any) -> httpx.AsyncClient:
        """A client with a token of that role (``agency=``, ``institution=``, ``bloc=``,
        ``official_code=``, ``scope=``, ``subject=``); ``role=None``: without a token. Closed with
        the service."""
        headers = {}
        if role is not None:
            headers["Authorization"] = f"Bearer {self.token(role, **who)}"
        client = httpx.AsyncClient(
            transport=self._transport, base_url=f"http://{self.name}.test", headers=headers
        )
        self._stack.push_async_callback(client.aclose)
        return client

    async def sequence(self) -> int:
        """Gives every committed event its position, as the worker does; returns how many."""
        sequencer = self._worker().make_sequencer(self.database, self.clock)
        connection = await self.database.connect()
        try:
            await sequencer.resume(connection)
            given = 0
            while step := await sequencer.step(connection):
                given += step
            return given
        finally:
            await connection.close()

    async def settle(self) -> None:
        """Lets the worker do what a day or another change has made due, and sequences it."""
        await self.sequence()
        await self._worker().settle(self.database, self.clock)
        await self.sequence()

    async def follow(self, source: FeedSource) -> int:
        """Sequences ``source`` and applies its feed here to the head; returns how many events."""
        await source.sequence()
        async with httpx.AsyncClient(transport=self._transport) as http:
            follower = self._worker().make_followers(
                self.database, self.environment, self.clock, http
            )[source.name]
            applied: int = 0
            while True:
                step = await follower.step()
                applied += step.events
                if step.reached:
                    return applied

    async def events(self, client: httpx.AsyncClient | None = None, after: str = "") -> list[Any]:
        """Sequences, then reads the whole feed as ``client`` (default: admin) sees it."""
        await self.sequence()
        reader = client or self.client()
        found: list[Any] = []
        while True:
            answer = await reader.get("/v1/events", params={"after": after, "limit": 5000})
            assert answer.status_code == 200, answer.text
            page = answer.json()
            found += page["events"]
            after = page["cursor"]
            if after == page["head"]:
                return found

    async def _caught_up(self) -> bool:
        return self.catch_up is not None and await self.catch_up()

    def _worker(self) -> Any:
        return importlib.import_module(f"services.{self.name}.worker")

    async def __aenter__(self) -> Self:
        create_app = importlib.import_module(f"services.{self.name}.app").create_app
        seams = {"catch_up": self._caught_up} if self.name == "certification" else {}
        self.app = create_app(self.environment, clock=self.clock, **seams)
        await self._stack.enter_async_context(self.app.router.lifespan_context(self.app))
        if hasattr(self.app.state, "directory"):
            http = httpx.AsyncClient(transport=self._transport)
            self._stack.push_async_callback(http.aclose)
            self.app.state.directory = Directory(http, self.environment["BAC_ENROLMENT_URL"])
        # What an unexpected error looks like from outside is part of what is tested.
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        self._transport.apps[f"{self.name}.test"] = transport
        return self

    async def __aexit__(self, *_: object) -> None:
        del self._transport.apps[f"{self.name}.test"]
        await self._stack.aclose()


def environment_of(name: str, dsn: str, home: Path) -> dict[str, str]:
    """What a service is told by its surroundings in a development run."""
    return {
        "BAC_HOME": str(home),
        "BAC_DEV_KEYS": "1",
        **({} if name == "targets" else {"BAC_PERSON_KEY": PERSON_KEY}),
        f"BAC_{name.upper()}_DATABASE_URL": dsn,
        **{f"BAC_{other.upper()}_URL": f"http://{other}.test" for other in SERVICES},
    }


@asynccontextmanager
async def running(
    name: str, dsn: str, home: Path, clock: MovableClock, transport: InProcessTransport
) -> AsyncIterator[RunningService]:
    async with RunningService(name, environment_of(name, dsn, home), clock, transport) as service:
        yield service
