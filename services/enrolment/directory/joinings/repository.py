"""SQL of officials taken over from another body."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

import asyncpg
import msgspec

from services.enrolment.directory.agencies.repository import belonging_of
from services.enrolment.directory.joinings.joining import Joining
from services.enrolment.directory.officials.posts import GivenPost

_COLUMNS = (
    "joining_id, official_code, assignment_id, from_agency, to_agency, effective_on, recorded_on,"
    " arrivals, state, version, reason, decision_number, decided_on"
)


def _joining(record: asyncpg.Record) -> Joining:
    values = dict(record)
    values["stored"] = values.pop("state")
    values["arrivals"] = msgspec.json.decode(values["arrivals"], type=tuple[GivenPost, ...])
    return Joining(**values)


async def add(connection: asyncpg.Connection, joinings: Sequence[Joining]) -> None:
    await connection.execute(
        f"""
        INSERT INTO joining ({_COLUMNS})
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::date[],
            $7::date[], $8::jsonb[], $9::text[], $10::integer[], $11::text[], $12::text[], $13::date[])
        """,
        [each.joining_id for each in joinings],
        [each.official_code for each in joinings],
        [each.assignment_id for each in joinings],
        [each.from_agency for each in joinings],
        [each.to_agency for each in joinings],
        [each.effective_on for each in joinings],
        [each.recorded_on for each in joinings],
        [msgspec.json.encode(each.arrivals).decode() for each in joinings],
        [each.stored for each in joinings],
        [each.version for each in joinings],
        [each.reason for each in joinings],
        [each.decision_number for each in joinings],
        [each.decided_on for each in joinings],
    )


async def undecided(
    connection: asyncpg.Connection, codes: Collection[str]
) -> dict[str, list[Joining]]:
    """Those of these officials that are open or contested, in the order of their recording."""
    records = await connection.fetch(
        f"SELECT {_COLUMNS} FROM joining WHERE official_code = ANY($1)"
        " AND state IN ('open', 'contested') ORDER BY joining_id",
        list(codes),
    )
    found: dict[str, list[Joining]] = defaultdict(list)
    for record in records:
        found[record["official_code"]].append(_joining(record))
    return dict(found)


async def of_official(connection: asyncpg.Connection, code: str) -> list[Joining]:
    """All of the official, in the order of their recording."""
    records = await connection.fetch(
        f"SELECT {_COLUMNS} FROM joining WHERE official_code = $1 ORDER BY joining_id", code
    )
    return [_joining(record) for record in records]


async def find(
    connection: asyncpg.Connection, joining_id: UUID, *, lock: bool = False
) -> Joining | None:
    record = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM joining WHERE joining_id = $1" + (" FOR UPDATE" if lock else ""),
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
        SELECT {_COLUMNS} FROM joining j
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
    """Of one whose official is locked."""
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
