"""What callers ask about things outside their scope: a few answers a day, each of them counted.

Nation-wide uniqueness cannot be had without telling a caller that a code or a number is taken, also where
its owner lies outside the caller's scope. Each such answer is one question. They are few a day, so that
nobody finds out by asking which numbers exist.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

import asyncpg

from shared.clock import VIETNAM, Clock
from shared.contracts.problem import TooManyRequests
from shared.security.principal import Principal

PER_DAY: Final = 50
"""Unless ``BAC_QUESTIONS_PER_DAY`` says another number."""


def per_day(environment: Mapping[str, str]) -> int:
    """``BAC_QUESTIONS_PER_DAY``."""
    return int(environment.get("BAC_QUESTIONS_PER_DAY") or PER_DAY)


class Questions:
    """Those of one caller within one unit of work, which writes what was counted, refused or not."""

    def __init__(
        self,
        connection: asyncpg.Connection,
        principal: Principal,
        clock: Clock,
        per_day: int = PER_DAY,
    ) -> None:
        self._connection = connection
        self._caller = principal.subject
        self._free = principal.is_nationwide and principal.bloc is None
        self._clock = clock
        self._per_day = per_day
        self._held = False
        self._asked = 0

    async def left(self) -> int | None:
        """How many more may be answered today; null: nothing lies outside the caller's scope.

        From here on other requests of this caller that ask wait until this one has ended and its count is
        written: of many questions sent at once each is counted. To be called before rows are locked.
        """
        if self._free:
            return None
        if not self._held:
            await _take_turn(self._connection, self._caller)
            self._held = True
        asked = await _asked_today(self._connection, self._caller, self._clock.today())
        return max(0, self._per_day - asked - self._asked)

    async def require(self) -> None:
        """Raises :class:`TooManyRequests` when nothing is left; whatever the answer would have been."""
        if await self.left() == 0:
            raise self.spent()

    def count(self, number: int = 1) -> None:
        """Answers given now."""
        if not self._free:
            self._asked += number

    def spent(self) -> TooManyRequests:
        now = self._clock.now().astimezone(VIETNAM)
        midnight = dt.datetime.combine(
            self._clock.today() + dt.timedelta(days=1), dt.time(), tzinfo=VIETNAM
        )
        return TooManyRequests(
            "Hôm nay đã hỏi quá nhiều về mã, số định danh ngoài phạm vi; ngày mai hãy gửi lại",
            "Too many codes and numbers outside the scope were asked about today; send it tomorrow",
            headers={"Retry-After": str(max(1, int((midnight - now).total_seconds())))},
        )

    async def write(self) -> None:
        """Called by the unit of work, with the transaction that is committed."""
        if self._asked:
            number, self._asked = self._asked, 0
            await _count(self._connection, self._caller, self._clock.today(), number)


async def _take_turn(connection: asyncpg.Connection, caller: str) -> None:
    """Session lock of one caller; the pool releases it when it takes the connection back."""
    await connection.execute(
        "SELECT pg_advisory_lock(hashtextextended('questions ' || $1, 0))", caller
    )


async def _asked_today(connection: asyncpg.Connection, caller: str, day: dt.date) -> int:
    asked: int | None = await connection.fetchval(
        "SELECT asked FROM question_count WHERE caller = $1 AND day = $2", caller, day
    )
    return asked or 0


async def _count(connection: asyncpg.Connection, caller: str, day: dt.date, number: int) -> None:
    await connection.execute(
        """
        INSERT INTO question_count AS kept (caller, day, asked) VALUES ($1, $2, $3)
        ON CONFLICT (caller, day) DO UPDATE SET asked = kept.asked + excluded.asked
        """,
        caller,
        day,
        number,
    )


async def forget_old_questions(connection: asyncpg.Connection, today: dt.date) -> None:
    await connection.execute("DELETE FROM question_count WHERE day < $1", today)
