"""Lists of officials: who is in which body's subtree on a day, as far as a caller may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import asyncpg

from shared.security.principal import Principal

# Bodies whose assignments hold the official today; see posts.scope_giving, which says the same.
_HOLDERS = """
    SELECT ranked.agency_code FROM (
        SELECT a.agency_code,
               rank() OVER (ORDER BY
                   CASE WHEN a.valid_from <= {today} AND (a.valid_to IS NULL OR a.valid_to >= {today}) THEN 0
                        WHEN a.valid_to < {today} THEN 1 ELSE 2 END,
                   CASE WHEN a.valid_from <= {today} AND (a.valid_to IS NULL OR a.valid_to >= {today}) THEN 0
                        WHEN a.valid_to < {today} THEN {today} - a.valid_to
                        ELSE a.valid_from - {today} END) AS place
        FROM assignment a WHERE a.official_code = {official}
    ) ranked WHERE ranked.place = 1
"""

# Where a body belongs today; see tree.standing_on, which says the same.
_STANDING = """
    SELECT p.path, p.bloc FROM agency_path p WHERE p.agency_code = {agency}
    ORDER BY p.valid_from > {today},
             CASE WHEN p.valid_from > {today} THEN p.valid_from - {today}
                  ELSE {today} - p.valid_from END
    LIMIT 1
"""


def _in_scope(principal: Principal, today: str, scope: str, bloc: str) -> str:
    if principal.is_nationwide and principal.bloc is None:
        return ""
    holders = _HOLDERS.format(today=today, official="o.official_code")
    standing = _STANDING.format(today=today, agency="h.agency_code")
    test = (
        f"EXISTS (SELECT 1 FROM ({holders}) h CROSS JOIN LATERAL ({standing}) s"
        f" WHERE ({scope}::text IS NULL OR s.path @> ARRAY[{scope}::text])"
        f" AND ({bloc}::text IS NULL OR s.bloc = {bloc}))"
    )
    if principal.is_nationwide:
        return f" AND {test}"
    candidates = (
        "o.official_code IN (SELECT c.official_code FROM assignment c"
        f" JOIN agency_path cp USING (agency_code) WHERE cp.path @> ARRAY[{scope}::text])"
    )
    return f" AND {candidates} AND {test}"


async def page(
    connection: asyncpg.Connection,
    principal: Principal,
    *,
    today: dt.date,
    as_of: dt.date | None,
    agency: str | None,
    status: str | None,
    leadership: str | None,
    name: str | None,
    after: str | None,
    limit: int,
) -> list[str]:
    """Codes in order. With ``as_of``: only those with an assignment in force on that day; ``agency``: in
    its subtree by the tree of that day (today without ``as_of``). Assignments behind the border between
    the blocs answer no filter."""
    arguments: list[object] = [today, principal.agency, principal.bloc]

    def given(value: object) -> str:
        arguments.append(value)
        return f"${len(arguments)}"

    query = "SELECT o.official_code FROM official o WHERE true"
    query += _in_scope(principal, "$1::date", "$2", "$3")
    if principal.is_nationwide and principal.bloc is None:
        # Every parameter must be spoken of for its type to be known.
        query += " AND ($1::date, $2::text, $3::text) IS NOT NULL IS NOT NULL"
    if as_of is not None or agency is not None or status is not None or leadership is not None:
        day = given(as_of or today)
        test = (
            "SELECT 1 FROM assignment f WHERE f.official_code = o.official_code"
            f" AND f.valid_from <= {day} AND (f.valid_to IS NULL OR f.valid_to >= {day})"
        )
        if agency is not None:
            test += (
                " AND f.agency_code IN (SELECT b.agency_code FROM agency_path b"
                f" WHERE b.path @> ARRAY[{given(agency)}::text] AND b.valid_from <= {day}"
                f" AND (b.valid_to IS NULL OR b.valid_to >= {day}))"
            )
        if principal.bloc is not None:
            standing = _STANDING.format(today="$1::date", agency="f.agency_code")
            test += f" AND (SELECT s.bloc FROM ({standing}) s) = $3"
        if status is not None:
            test += f" AND f.status = {given(status)}"
        if leadership is not None:
            test += f" AND f.leadership = {given(leadership)}"
        query += f" AND EXISTS ({test})"
    if name is not None:
        pattern = name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        place = given(f"%{pattern}%")
        named = f"o.full_name ILIKE {place} OR " if principal.sees_persons else ""
        query += f" AND ({named}o.official_code ILIKE {place})"
    if after is not None:
        query += f" AND o.official_code > {given(after)}"
    query += f" ORDER BY o.official_code LIMIT {given(limit)}"
    records = await connection.fetch(query, *arguments)
    return [record["official_code"] for record in records]


async def not_listed(
    connection: asyncpg.Connection,
    agency: str,
    as_of: dt.date,
    listed: Collection[str],
    *,
    bloc: str | None,
    today: dt.date,
) -> list[str]:
    """Officials whose primary assignment lay in the subtree on that day and whom a roster that claims to
    be complete does not name; of bodies that are of ``bloc`` today, where one is given."""
    standing = _STANDING.format(today="$5::date", agency="a.agency_code")
    records = await connection.fetch(
        f"""
        SELECT DISTINCT a.official_code FROM assignment a
        WHERE a.is_primary AND a.valid_from <= $2 AND (a.valid_to IS NULL OR a.valid_to >= $2)
          AND a.agency_code IN (SELECT b.agency_code FROM agency_path b
                WHERE b.path @> ARRAY[$1::text] AND b.valid_from <= $2
                  AND (b.valid_to IS NULL OR b.valid_to >= $2))
          AND a.official_code <> ALL ($3::text[])
          AND ($4::text IS NULL OR (SELECT s.bloc FROM ({standing}) s) = $4)
        ORDER BY a.official_code
        """,
        agency,
        as_of,
        list(listed),
        bloc,
        today,
    )
    return [record["official_code"] for record in records]
