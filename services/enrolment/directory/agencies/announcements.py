"""Events about a body, and their readers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from services.enrolment.directory.agencies.submissions import AgencyRow
from services.enrolment.directory.agencies.tree import Segment, segment_on
from services.enrolment.directory.agencies.versions import dated
from shared.contracts import audiences
from shared.contracts.audiences import Reader
from shared.contracts.events import AgencyChanged, AgencyVersion


def readers_of(ordered: Sequence[Segment], day: dt.date) -> set[Reader]:
    """Whoever acts for the body or for one above it on the day, in either bloc, since bodies are no persons."""
    here = segment_on(ordered, day)
    return set() if here is None else audiences.agencies(here.path, *audiences.BLOCS)


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
