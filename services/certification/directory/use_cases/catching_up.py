"""Authorisations as this service knows them, fresh enough to judge a sheet by."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from services.certification.directory import repository
from services.certification.directory.authorisations import Exam, decoded, unauthorised
from services.certification.directory.errors import unconfirmed
from shared.contracts.events import Authorisation
from shared.persistence.database import Database

_FRESH_SECONDS: Final = 1.0
_CACHED: Final = 10_000


class Institutions:
    """Reads an institution's authorisations at most once a second. ``follow`` applies what enrolment has
    committed by now. It takes two seconds at most, and returns whether it got that far."""

    def __init__(self, database: Database, follow: Callable[[], Awaitable[bool]]) -> None:
        self._database = database
        self._follow = follow
        self._known: dict[str, tuple[float, tuple[Authorisation, ...]]] = {}
        self._catching_up = asyncio.Lock()
        self._caught_up_from = float("-inf")
        self._caught_up = False

    async def check(self, code: str, exam: Exam) -> None:
        """Raises ``institution_not_authorised``, but only after having caught up with the feed, and
        ``dependency_unavailable`` where that failed: a refusal is kept under the request's key, though
        enrolment may know better. Never called inside a transaction."""
        known = self._known.get(code)
        if known is None or known[0] < time.monotonic() - _FRESH_SECONDS:
            known = await self._read(code)
        if unauthorised(known[1], exam) is None:
            return
        caught_up = await self.catch_up()
        known = await self._read(code)
        refusal = unauthorised(known[1], exam)
        if refusal is not None:
            raise refusal if caught_up else unconfirmed()

    async def _read(self, code: str) -> tuple[float, tuple[Authorisation, ...]]:
        async with self._database.pool.acquire() as connection:
            found = await repository.authorisations_of(connection, [code])
        known = (time.monotonic(), decoded(found.get(code)))
        if len(self._known) > _CACHED:
            self._known.clear()
        self._known[code] = known
        return known

    async def catch_up(self) -> bool:
        """Callers who come while somebody else catches up share the next run."""
        asked_at = time.monotonic()
        async with self._catching_up:
            if self._caught_up_from < asked_at:
                started = time.monotonic()
                self._caught_up = await self._follow()
                self._caught_up_from = started
            return self._caught_up
