"""Business time. Dates are Vietnam's; instants are UTC."""

from __future__ import annotations

import datetime as dt
from typing import Protocol
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


class Clock(Protocol):
    def now(self) -> dt.datetime:
        """Aware instant in UTC."""

    def today(self) -> dt.date:
        """Calendar day in Vietnam, which turns at 17:00 UTC."""


class SystemClock:
    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    def today(self) -> dt.date:
        return dt.datetime.now(VIETNAM).date()


class FixedClock:
    """A clock that stands still, for tests and replays."""

    def __init__(self, today: dt.date) -> None:
        self._today = today

    def now(self) -> dt.datetime:
        noon = dt.datetime.combine(self._today, dt.time(12), tzinfo=VIETNAM)
        return noon.astimezone(dt.UTC)

    def today(self) -> dt.date:
        return self._today
