"""What the feed tells of a body, and to whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from services.enrolment.directory.agencies.submissions import AgencyRow
from services.enrolment.directory.agencies.tree import Segment, standing_on
from services.enrolment.directory.agencies.versions import dated
from shared.contracts.events import AgencyChanged, AgencyVersion


def readers_of(ordered: Sequence[Segment], day: dt.date) -> set[str]:
    """Names under which readers look for events of the body (see ``shared.feed.sequencer``): whoever acts
    for it or for one above it on the day, in either bloc, since bodies are no persons."""
    here = standing_on(ordered, day)
    if here is None:
        return set()
    found = {"bloc:party", "bloc:state"}
    for code in here.path:
        found |= {f"agency:{code}", f"agency:{code}|party", f"agency:{code}|state"}
    return found


def changed_event(code: str, version: int, rows: Iterable[AgencyRow]) -> AgencyChanged:
    return AgencyChanged(
        version=version,
        agency_code=code,
        versions=tuple(
            AgencyVersion(
                valid_from=row.valid_from,
                valid_to=last,
                parent_code=row.parent_code,
                level=row.level,
                system=row.system,
                province_code=row.province_code,
                kind=row.kind,
                commune_kind=row.commune_kind,
                predecessor_codes=row.predecessor_codes,
                bloc=row.bloc,
                central_vertical=row.central_vertical,
            )
            for row, last in dated(rows)
        ),
    )
