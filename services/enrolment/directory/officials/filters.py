"""What a list of officials is narrowed by."""

from __future__ import annotations

import datetime as dt

import msgspec


class Filters(msgspec.Struct, frozen=True):
    """The assignment that fits is in force on ``as_of``, or today;
    ``agency``: in its subtree by the tree of that day."""

    as_of: dt.date | None = None
    agency: str | None = None
    status: str | None = None
    leadership: str | None = None
    name: str | None = None

    @property
    def of_assignment(self) -> bool:
        return any((self.as_of, self.agency, self.status, self.leadership))
