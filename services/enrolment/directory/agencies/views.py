"""An agency as readers see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec

from services.enrolment.directory.agencies.schemas import (
    AgencyHistory,
    AgencyVersionView,
    AgencyView,
)
from services.enrolment.directory.agencies.submissions import AgencyRow
from services.enrolment.directory.agencies.tree import Segment
from services.enrolment.directory.agencies.versions import ListedVersion, dated


def history_view(
    code: str, version: int, rows: Sequence[AgencyRow], paths: Sequence[Segment], day: dt.date
) -> AgencyHistory:
    """The version in force on the day, else the last before it, else the first; and all versions."""
    spans = dated(rows)
    at, last = next((span for span in reversed(spans) if span[0].valid_from <= day), spans[0])
    in_force = at.valid_from <= day and (last is None or day <= last)
    path = _path_on(paths, max(day, at.valid_from))
    return AgencyHistory(
        **_version_view(at, last).model_dump(),
        code=code,
        version=version,
        as_of=day,
        in_force=in_force,
        effective_bloc=path.bloc,
        path=list(path.path),
        versions=[_version_view(row, end) for row, end in spans],
    )


def listed_view(listed: ListedVersion, day: dt.date) -> AgencyView:
    return AgencyView(
        **_version_view(listed.row, listed.last_day).model_dump(),
        code=listed.row.code,
        version=listed.version,
        as_of=day,
        in_force=True,
        effective_bloc=listed.effective_bloc,
        path=listed.path,
    )


def _version_view(row: AgencyRow, last: dt.date | None) -> AgencyVersionView:
    values = msgspec.structs.asdict(row)
    del values["code"]
    values["predecessor_codes"] = list(values["predecessor_codes"])
    return AgencyVersionView(**values | {"valid_to": last})


def _path_on(paths: Sequence[Segment], day: dt.date) -> Segment:
    return next((path for path in reversed(paths) if path.first <= day), paths[0])
