"""A move of an official, as it is ordered and as it was recorded."""

from __future__ import annotations

import datetime as dt
from typing import Final
from uuid import UUID

import msgspec

from services.enrolment.directory.officials.posts import GivenPost, Post

ARRIVALS: Final = ("transfer", "rotation", "secondment")
DEPARTURES: Final = ("retirement", "resignation", "dismissal", "death")
UNDONE_WITHIN: Final = dt.timedelta(days=30)


class MoveOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A move that somebody asks to record. ``given``: the new assignment, where the order describes one."""

    kind: str
    effective_on: dt.date
    decision_number: str
    to_agency: str | None
    given: GivenPost | None = None

    @property
    def arrives(self) -> bool:
        """Whether a body receives the official."""
        return self.to_agency is not None and self.kind in (*ARRIVALS, "other")


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded move, or the reversal of one. ``before`` and ``after`` are all assignments of that time."""

    move_id: UUID
    official_code: str
    kind: str
    effective_on: dt.date
    decision_number: str
    to_agency: str | None
    recorded_on: dt.date
    before: tuple[Post, ...]
    after: tuple[Post, ...]
    reverses: UUID | None = None
    reversed: bool = False

    @property
    def received_by(self) -> str | None:
        """The body that receives the official, of a move to one."""
        return self.to_agency if self.kind in (*ARRIVALS, "other") else None

    @property
    def undone_until(self) -> dt.date:
        """The last day of its reversal. It is counted from the recording, or from the day of the move if later."""
        return max(self.recorded_on, self.effective_on) + UNDONE_WITHIN
