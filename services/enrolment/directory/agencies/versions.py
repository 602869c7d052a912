"""The versions of one agency in the days on which each is really in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from services.enrolment.directory.agencies.submissions import AgencyRow
from services.enrolment.directory.agencies.tree import OPEN, Version, in_force


def dated(rows: Iterable[AgencyRow]) -> list[tuple[AgencyRow, dt.date | None]]:
    """Versions in order with the last day each is really in force (null: open)."""
    by_day = {row.valid_from: row for row in rows}
    spans = in_force(
        Version(row.valid_from, row.valid_to, row.parent_code, row.system, row.bloc)
        for row in by_day.values()
    )
    return [(by_day[span.first], None if span.last == OPEN else span.last) for span in spans]
