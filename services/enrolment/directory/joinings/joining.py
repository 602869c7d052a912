"""The taking over of an official by a body from another, and what either may do about it: one table of states."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final, Literal
from uuid import UUID

import msgspec

from services.enrolment.directory.officials.posts import GivenPost

CONTESTED_WITHIN: Final = dt.timedelta(days=30)

State = Literal["open", "confirmed", "contested", "upheld", "dismissed", "withdrawn", "settled"]
"""``settled`` is what an open one has become when the time to contest it is over; it is never stored."""
Act = Literal["confirmation", "contest", "upholding", "dismissal", "withdrawal"]
Party = Literal["former", "common", "receiving"]
"""Who acts: the body before, an authority above both, or the body that took the official over, by taking its
assignment back."""

ACTS: Final[Mapping[Act, tuple[State, Party, State]]] = {
    "confirmation": ("open", "former", "confirmed"),
    "contest": ("open", "former", "contested"),
    "upholding": ("contested", "common", "upheld"),
    "dismissal": ("contested", "common", "dismissed"),
    "withdrawal": ("open", "receiving", "withdrawn"),
}
"""Each move: the state before, who may make it, the state after."""


class Joining(msgspec.Struct, frozen=True, kw_only=True):
    """A primary assignment by which an official was taken over from a body outside the scope of whoever gave it.
    ``arrivals``: that assignment as it was given, and those that followed it when it was contested, to be set up
    again when the arrival is upheld."""

    joining_id: UUID
    official_code: str
    assignment_id: UUID
    from_agency: str
    to_agency: str
    effective_on: dt.date
    recorded_on: dt.date
    arrivals: tuple[GivenPost, ...]
    stored: State = "open"
    version: int = 1
    reason: str | None = None
    decision_number: str | None = None
    decided_on: dt.date | None = None

    @property
    def contested_until(self) -> dt.date:
        """The last day on which the body before may contest."""
        return self.recorded_on + CONTESTED_WITHIN

    def may_be_contested(self, today: dt.date) -> bool:
        return self.stored == "open" and today <= self.contested_until

    def state(self, today: dt.date) -> State:
        if self.stored == "open" and not self.may_be_contested(today):
            return "settled"
        return self.stored

    def after(self, act: Act, today: dt.date) -> State | None:
        """The state that the act leads to; null: it is not to be done in the present one."""
        before, _, leads_to = ACTS[act]
        return leads_to if self.state(today) == before else None
