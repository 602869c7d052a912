"""What the feed tells of an official taken over: to the readers of both bodies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

import msgspec

from services.enrolment.directory.agencies.scope import Belonging
from services.enrolment.directory.joinings.joining import Joining
from shared.contracts.audiences import Audience, Reader, agencies, confined_to, part, whole
from shared.contracts.events import JoiningChanged


def joining_events(
    joining: Joining, belongings: Mapping[str, Belonging], today: dt.date
) -> Iterator[tuple[JoiningChanged, Audience]]:
    """Events with their audiences. Behind the border between the blocs nobody is told which body it was."""
    event = JoiningChanged(
        version=joining.version,
        joining_id=joining.joining_id,
        official_code=joining.official_code,
        from_agency=joining.from_agency,
        to_agency=joining.to_agency,
        effective_on=joining.effective_on,
        state=joining.state(today),
        contested_until=joining.contested_until,
    )
    sides = [belongings.get(joining.from_agency), belongings.get(joining.to_agency)]
    readers: set[Reader] = set()
    for side in sides:
        if side is not None:
            readers |= agencies(side.path, side.bloc)
    former, receiving = sides
    if former is None or receiving is None or former.bloc == receiving.bloc:
        yield event, whole(readers)
        return
    confined: set[Reader] = set()
    for side, hidden in ((former, "to_agency"), (receiving, "from_agency")):
        own = confined_to(side.bloc, agencies(side.path, side.bloc))
        yield msgspec.structs.replace(event, **{hidden: None}), part(own)
        confined |= own
    yield event, whole(readers - confined)
