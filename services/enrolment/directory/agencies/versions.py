"""The versions of one agency in the days on which each is really in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from services.enrolment.directory.agencies.submissions import AgencyRow
from services.enrolment.directory.agencies.tree import DAY, OPEN, Version, in_force


class ListedVersion(NamedTuple):
    """A version in force, as a list shows it. ``next_from``: the first day of the version after it."""

    row: AgencyRow
    version: int
    path: list[str]
    effective_bloc: str
    next_from: dt.date | None

    @property
    def last_day(self) -> dt.date | None:
        """The day that was given, or the one before the next version begins, if that is earlier."""
        ends = [self.row.valid_to, self.next_from and self.next_from - DAY]
        return min((end for end in ends if end is not None), default=None)


def dated(rows: Iterable[AgencyRow]) -> list[tuple[AgencyRow, dt.date | None]]:
    """Versions in order with the last day each is really in force (null: open)."""
    by_day = {row.valid_from: row for row in rows}
    spans = in_force(
        Version(row.valid_from, row.valid_to, row.parent_code, row.system, row.bloc)
        for row in by_day.values()
    )
    return [(by_day[span.first], None if span.last == OPEN else span.last) for span in spans]
