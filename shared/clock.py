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
