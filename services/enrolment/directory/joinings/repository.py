"""SQL of officials taken over from another body."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from services.enrolment.directory.agencies.repository import belonging_of
from services.enrolment.directory.joinings.joining import Joining
from services.enrolment.directory.joinings.models import JoiningRecord
from services.enrolment.directory.officials.posts import GivenPost
from shared.persistence.rows import columns_of

_ARRIVALS: Final = msgspec.json.Decoder(tuple[GivenPost, ...])

_JOININGS: Final = columns_of(JoiningRecord)


def _joining(values: Iterable[Any]) -> Joining:
    """From all columns, in their order."""
    named = dict(zip(_JOININGS.names, values, strict=True))
    arrivals = _ARRIVALS.decode(named.pop("arrivals"))
    return Joining(stored=named.pop("state"), arrivals=arrivals, **named)


def _values(joining: Joining) -> list[Any]:
    """All columns, in their order."""
    special = {
        "state": joining.stored,
        "arrivals": msgspec.json.encode(joining.arrivals).decode(),
    }
    return [
        special[name] if name in special else getattr(joining, name) for name in _JOININGS.names
    ]


async def add(connection: asyncpg.Connection, joinings: Sequence[Joining]) -> None:
    await connection.execute(
        _JOININGS.insert_given(), *_JOININGS.arrays([_values(each) for each in joinings])
    )


async def undecided(
    connection: asyncpg.Connection, codes: Collection[str]
) -> dict[str, list[Joining]]:
    """Those of these officials that are open or contested, in the order of their recording."""
    records = await connection.fetch(
        f"SELECT {_JOININGS.listed} FROM joining WHERE official_code = ANY($1)"
        " AND state IN ('open', 'contested') ORDER BY joining_id",
        list(codes),
    )
    found: dict[str, list[Joining]] = defaultdict(list)
    for each in map(_joining, records):
        found[each.official_code].append(each)
    return dict(found)


async def of_official(connection: asyncpg.Connection, code: str) -> list[Joining]:
    """All of the official, in the order of their recording."""
    records = await connection.fetch(
        f"SELECT {_JOININGS.listed} FROM joining WHERE official_code = $1 ORDER BY joining_id", code
    )
    return [_joining(record) for record in records]


async def find(
    connection: asyncpg.Connection, joining_id: UUID, *, lock: bool = False
) -> Joining | None:
    record = await connection.fetchrow(
        f"SELECT {_JOININGS.listed} FROM joining WHERE joining_id = $1"
        + (" FOR UPDATE" if lock else ""),
        joining_id,
    )
    return None if record is None else _joining(record)


async def page(
    connection: asyncpg.Connection,
    *,
    scope: str | None,
    bloc: str | None,
    today: dt.date,
    after: UUID | None,
    limit: int,
) -> list[Joining]:
    """Those from or to a body in the scope of today, the latest first."""
    records = await connection.fetch(
        f"""
        SELECT {_JOININGS.listed} FROM joining j
        WHERE ($4::uuid IS NULL OR j.joining_id < $4)
          AND (($1::text IS NULL AND $2::text IS NULL) OR EXISTS (
            SELECT FROM (VALUES (j.from_agency), (j.to_agency)) AS side (agency_code)
            CROSS JOIN LATERAL ({belonging_of("side.agency_code", "$3::date")}) AS belonging
            WHERE ($1::text IS NULL OR $1 = ANY(belonging.path))
              AND ($2::text IS NULL OR belonging.bloc = $2)))
        ORDER BY j.joining_id DESC LIMIT $5
        """,
        scope,
        bloc,
        today,
        after,
        limit,
    )
    return [_joining(record) for record in records]


async def keep_state(connection: asyncpg.Connection, joining: Joining) -> None:
    """Changes the state of a joining. Its official must be locked."""
    await connection.execute(
        "UPDATE joining SET state = $2, version = $3, reason = $4, decision_number = $5,"
        " decided_on = $6, arrivals = $7 WHERE joining_id = $1",
        joining.joining_id,
        joining.stored,
        joining.version,
        joining.reason,
        joining.decision_number,
        joining.decided_on,
        msgspec.json.encode(joining.arrivals).decode(),
    )
