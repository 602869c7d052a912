"""Lists of officials: who is in which body's subtree on a day, as far as a caller may see.

The statements are written with names (``:today``). Which of their parts are needed depends on the caller and on
the filters. A part that is not asked for is left out, so that each list has a plan of its own: with
``:status IS NULL OR …`` instead, the plan for all of them read 60 000 officials for a page of 100.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from typing import Final

import asyncpg

from services.enrolment.directory.agencies.repository import belonging_of
from services.enrolment.directory.officials.filters import Filters
from shared.security.principal import Principal

HOLDING_BODIES: Final = """
    SELECT ranked.agency_code FROM (
        SELECT a.agency_code,
               rank() OVER (ORDER BY
                   CASE WHEN a.valid_from <= :today AND (a.valid_to IS NULL OR a.valid_to >= :today) THEN 0
                        WHEN a.valid_to < :today THEN 1 ELSE 2 END,
                   CASE WHEN a.valid_from <= :today AND (a.valid_to IS NULL OR a.valid_to >= :today) THEN 0
                        WHEN a.valid_to < :today THEN :today - a.valid_to
                        ELSE a.valid_from - :today END) AS place
        FROM assignment a WHERE a.official_code = o.official_code
    ) ranked WHERE ranked.place = 1
"""
"""Bodies whose assignments hold the official ``o`` today. It says what :func:`posts.scope_giving` says; a test
compares the two."""

_IN_SCOPE: Final = f"""
    AND EXISTS (
        SELECT 1 FROM ({HOLDING_BODIES}) h
        CROSS JOIN LATERAL ({belonging_of("h.agency_code", ":today")}) b
        WHERE (:scope IS NULL OR b.path @> ARRAY[:scope])
          AND (:bloc IS NULL OR b.bloc = :bloc))
"""
_EVER_IN_SUBTREE: Final = """
    AND o.official_code IN (
        SELECT c.official_code FROM assignment c JOIN agency_path cp USING (agency_code)
        WHERE cp.path @> ARRAY[:scope])
"""
"""Few officials are in most scopes: these are found first, by an index."""

_ASSIGNED: Final = """
    AND EXISTS (
        SELECT 1 FROM assignment f WHERE f.official_code = o.official_code
          AND f.valid_from <= :day AND (f.valid_to IS NULL OR f.valid_to >= :day) {narrowed})
"""
_OF_STATUS: Final = " AND f.status = :status"
_OF_LEADERSHIP: Final = " AND f.leadership = :leadership"
_IN_SUBTREE: Final = """
          AND f.agency_code IN (
              SELECT p.agency_code FROM agency_path p
              WHERE p.path @> ARRAY[:agency]
                AND p.valid_from <= :day AND (p.valid_to IS NULL OR p.valid_to >= :day))
"""
_IN_BLOC: Final = f"""
          AND (SELECT b.bloc FROM ({belonging_of("f.agency_code", ":today")}) b) = :bloc
"""

_NAMED: Final = " AND (o.full_name ILIKE :pattern OR o.official_code ILIKE :pattern)"
_CODED: Final = " AND o.official_code ILIKE :pattern"
_FURTHER: Final = " AND o.official_code > :after"

_TYPES: Final[Mapping[str, str]] = {
    "today": "date",
    "day": "date",
    "limit": "bigint",
    "listed": "text[]",
}


async def page(
    connection: asyncpg.Connection,
    principal: Principal,
    filters: Filters,
    *,
    today: dt.date,
    after: str | None,
    limit: int,
) -> list[str]:
    """Codes of officials in the caller's scope, in order. Assignments behind the border between the blocs answer
    no filter."""
    parts = ["SELECT o.official_code FROM official o WHERE true"]
    if not principal.is_nationwide:
        parts.append(_EVER_IN_SUBTREE)
    if not principal.is_nationwide or principal.bloc is not None:
        parts.append(_IN_SCOPE)
    if filters.of_assignment:
        narrowed = [
            _IN_SUBTREE if filters.agency is not None else "",
            _IN_BLOC if principal.bloc is not None else "",
            _OF_STATUS if filters.status is not None else "",
            _OF_LEADERSHIP if filters.leadership is not None else "",
        ]
        parts.append(_ASSIGNED.format(narrowed="".join(narrowed)))
    if filters.name is not None:
        parts.append(_NAMED if principal.sees_persons else _CODED)
    if after is not None:
        parts.append(_FURTHER)
    parts.append(" ORDER BY o.official_code LIMIT :limit")
    records = await connection.fetch(
        *numbered(
            "".join(parts),
            {
                "after": after,
                "today": today,
                "scope": principal.agency,
                "bloc": principal.bloc,
                "day": filters.as_of or today,
                "agency": filters.agency,
                "status": filters.status,
                "leadership": filters.leadership,
                "pattern": _containing(filters.name or ""),
                "limit": limit,
            },
        )
    )
    return [code for (code,) in records]


def _containing(text: str) -> str:
    """A pattern of texts that contain this one."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def numbered(statement: str, values: Mapping[str, object]) -> tuple[object, ...]:
    """The statement with ``$1`` for its first name and so on, and after it the values of the names it has."""
    used: list[str] = []

    def number(found: re.Match[str]) -> str:
        name = found[1]
        if name not in used:
            used.append(name)
        return f"${used.index(name) + 1}::{_TYPES.get(name, 'text')}"

    text = re.sub(r"(?<!:):([a-z]+)", number, statement)
    return (text, *(values[name] for name in used))


_NOT_LISTED: Final = f"""
    SELECT DISTINCT a.official_code FROM assignment a
    WHERE a.is_primary AND a.valid_from <= :day AND (a.valid_to IS NULL OR a.valid_to >= :day)
      AND a.agency_code IN (
          SELECT p.agency_code FROM agency_path p
          WHERE p.path @> ARRAY[:agency]
            AND p.valid_from <= :day AND (p.valid_to IS NULL OR p.valid_to >= :day))
      AND a.official_code <> ALL (:listed)
      AND (:bloc IS NULL
           OR (SELECT b.bloc FROM ({belonging_of("a.agency_code", ":today")}) b) = :bloc)
    ORDER BY a.official_code
"""


async def not_listed(
    connection: asyncpg.Connection,
    agency: str,
    as_of: dt.date,
    listed: Collection[str],
    *,
    bloc: str | None,
    today: dt.date,
) -> list[str]:
    """Officials whose primary assignment lay in the subtree on that day, and whom a roster that claims to be
    complete does not name. With ``bloc``: of bodies that are of this bloc today."""
    values = {"day": as_of, "agency": agency, "listed": list(listed), "bloc": bloc, "today": today}
    records = await connection.fetch(*numbered(_NOT_LISTED, values))
    return [code for (code,) in records]


async def holding_bodies(connection: asyncpg.Connection, code: str, today: dt.date) -> set[str]:
    """The bodies whose assignments hold one official today."""
    statement = f"SELECT h.agency_code FROM official o, LATERAL ({HOLDING_BODIES}) h WHERE o.official_code = :code"
    records = await connection.fetch(*numbered(statement, {"code": code, "today": today}))
    return {body for (body,) in records}
