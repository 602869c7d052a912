"""SQL of the dated tree of agencies."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import asyncpg

from services.enrolment.directory.agencies.models import AgencyVersion as AgencyVersionRecord
from services.enrolment.directory.agencies.scope import Belonging
from services.enrolment.directory.agencies.submissions import AgencyRow
from services.enrolment.directory.agencies.tree import OPEN, Segment
from services.enrolment.directory.agencies.versions import ListedVersion
from shared.persistence.rows import Columns, columns_of

_TREE_LOCK = 0x62616354  # "bacT"

_VERSIONS: Final = columns_of(AgencyVersionRecord)
_WITHOUT_ARRAY: Final = _VERSIONS.without("predecessor_codes")
_SENT: Final = Columns(
    "agency_version",
    (*_WITHOUT_ARRAY.names, "predecessors"),
    (*_WITHOUT_ARRAY.casts, "text"),
)
"""Predecessors travel as one text: an array of arrays cannot be given."""


def nearest_to(day: str, path: str) -> str:
    """The order in which the paths of one body are looked through: the one in force or the last before the day,
    else the first after it. It says what :func:`tree.segment_on` says; a test compares the two."""
    return (
        f"{path}.valid_from > {day}, CASE WHEN {path}.valid_from > {day}"
        f" THEN {path}.valid_from - {day} ELSE {day} - {path}.valid_from END"
    )


def belonging_of(agency: str, today: str) -> str:
    """Path and bloc of a body today. ``agency`` and ``today`` are SQL: a column or a parameter."""
    return (
        f"SELECT p.path, p.bloc FROM agency_path p WHERE p.agency_code = {agency}"
        f" ORDER BY {nearest_to(today, 'p')} LIMIT 1"
    )


async def lock_tree(connection: asyncpg.Connection) -> None:
    """Changes of the tree go one after the other: each is checked against all the others."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _TREE_LOCK)


def _row(values: Iterable[Any]) -> AgencyRow:
    """A version from its columns, in their order."""
    named = dict(zip(_VERSIONS.names, values, strict=True))
    predecessors = tuple(named.pop("predecessor_codes"))
    return AgencyRow(code=named.pop("agency_code"), predecessor_codes=predecessors, **named)


async def around(
    connection: asyncpg.Connection, codes: Collection[str], parents: Collection[str]
) -> dict[str, list[AgencyRow]]:
    """Versions of the agencies, of all that ever stood below them, and of all above any of these and
    above ``parents``: what a change of ``codes`` can touch."""
    records = await connection.fetch(
        f"""
        WITH RECURSIVE below AS (
            SELECT unnest($1::text[]) COLLATE "C" AS agency_code
            UNION
            SELECT v.agency_code FROM agency_version v JOIN below b ON v.parent_code = b.agency_code
        ), around AS (
            SELECT agency_code FROM below
            UNION
            SELECT unnest($2::text[]) COLLATE "C"
            UNION
            SELECT v.parent_code FROM agency_version v JOIN around a USING (agency_code)
            WHERE v.parent_code IS NOT NULL
        )
        SELECT {_VERSIONS.listed} FROM agency_version JOIN around USING (agency_code)
        ORDER BY agency_code, valid_from
        """,
        list(codes),
        list(parents),
    )
    found: dict[str, list[AgencyRow]] = defaultdict(list)
    for record in records:
        row = _row(record)
        found[row.code].append(row)
    return dict(found)


async def histories(
    connection: asyncpg.Connection, codes: Collection[str]
) -> dict[str, list[AgencyRow]]:
    """All versions of each agency that exists, in order."""
    records = await connection.fetch(
        f"SELECT {_VERSIONS.listed} FROM agency_version WHERE agency_code = ANY($1)"
        " ORDER BY agency_code, valid_from",
        list(codes),
    )
    found: dict[str, list[AgencyRow]] = defaultdict(list)
    for record in records:
        row = _row(record)
        found[row.code].append(row)
    return dict(found)


async def begun_between(
    connection: asyncpg.Connection, after: dt.date, through: dt.date
) -> list[str]:
    """Bodies that stand elsewhere, or in another bloc, from one of these days on."""
    records = await connection.fetch(
        "SELECT DISTINCT agency_code FROM agency_path WHERE valid_from > $1 AND valid_from <= $2",
        after,
        through,
    )
    return [code for (code,) in records]


async def versions_of(connection: asyncpg.Connection, codes: Collection[str]) -> dict[str, int]:
    """Growing version number of each agency that exists."""
    records = await connection.fetch(
        "SELECT agency_code, version FROM agency WHERE agency_code = ANY($1)", list(codes)
    )
    return dict(map(tuple, records))


async def raise_versions(connection: asyncpg.Connection, codes: Sequence[str]) -> dict[str, int]:
    records = await connection.fetch(
        """
        INSERT INTO agency AS a (agency_code, version) SELECT unnest($1::text[]), 1
        ON CONFLICT (agency_code) DO UPDATE SET version = a.version + 1
        RETURNING agency_code, version
        """,
        list(codes),
    )
    return dict(map(tuple, records))


async def save_versions(connection: asyncpg.Connection, rows: Sequence[AgencyRow]) -> None:
    columns = _WITHOUT_ARRAY.names
    sent = [
        (
            *(row.code if name == "agency_code" else getattr(row, name) for name in columns),
            "\x1f".join(row.predecessor_codes),
        )
        for row in rows
    ]
    await connection.execute(
        f"""
        INSERT INTO agency_version ({_WITHOUT_ARRAY.listed}, predecessor_codes)
        SELECT {_WITHOUT_ARRAY.of("given")}, string_to_array(given.predecessors, chr(31))
        FROM {_SENT.given()}
        ON CONFLICT (agency_code, valid_from) DO UPDATE
        SET {_VERSIONS.without("agency_code", "valid_from").set_from()}
        """,
        *_SENT.arrays(sent),
    )


async def paths_of(
    connection: asyncpg.Connection, codes: Collection[str]
) -> dict[str, list[Segment]]:
    records = await connection.fetch(
        "SELECT agency_code, valid_from, valid_to, path, bloc FROM agency_path"
        " WHERE agency_code = ANY($1) ORDER BY agency_code, valid_from",
        list(codes),
    )
    found: dict[str, list[Segment]] = defaultdict(list)
    for code, first, last, path, bloc in records:
        found[code].append(Segment(first, last or OPEN, tuple(path), bloc))
    return dict(found)


async def replace_paths(
    connection: asyncpg.Connection, paths: Mapping[str, Sequence[Segment]]
) -> None:
    await connection.execute("DELETE FROM agency_path WHERE agency_code = ANY($1)", list(paths))
    flat = [(code, segment) for code, segments in paths.items() for segment in segments]
    await connection.execute(
        """
        INSERT INTO agency_path (agency_code, valid_from, valid_to, path, bloc)
        SELECT code, valid_from, valid_to, string_to_array(path, chr(31)), bloc
        FROM unnest($1::text[], $2::date[], $3::date[], $4::text[], $5::text[])
          AS given (code, valid_from, valid_to, path, bloc)
        """,
        [code for code, _ in flat],
        [segment.first for _, segment in flat],
        [None if segment.last == OPEN else segment.last for _, segment in flat],
        ["\x1f".join(segment.path) for _, segment in flat],
        [segment.bloc for _, segment in flat],
    )


async def belongings(
    connection: asyncpg.Connection, codes: Collection[str], today: dt.date
) -> dict[str, Belonging]:
    """Where each known body belongs today: by the path in force, else its last, else its first."""
    records = await connection.fetch(
        f"""
        SELECT DISTINCT ON (p.agency_code) p.agency_code, p.path, p.bloc FROM agency_path p
        WHERE p.agency_code = ANY($1) ORDER BY p.agency_code, {nearest_to("$2::date", "p")}
        """,
        list(codes),
        today,
    )
    return {code: Belonging(path, bloc) for code, path, bloc in records}


async def absent_on(
    connection: asyncpg.Connection, days: Collection[tuple[str, dt.date]]
) -> dict[tuple[str, dt.date], dt.date | None]:
    """Those (body, day) on which the body is not in the tree, each with the last day before on which it
    was; null: it had not begun yet."""
    records = await connection.fetch(
        """
        SELECT g.agency_code, g.day,
               (SELECT max(b.valid_to) FROM agency_path b
                WHERE b.agency_code = g.agency_code AND b.valid_to < g.day) AS ended_on
        FROM unnest($1::text[], $2::date[]) AS g (agency_code, day)
        WHERE NOT EXISTS (
            SELECT 1 FROM agency_path p WHERE p.agency_code = g.agency_code
              AND p.valid_from <= g.day AND (p.valid_to IS NULL OR p.valid_to >= g.day))
        """,
        [code for code, _ in days],
        [day for _, day in days],
    )
    return {(code, day): ended_on for code, day, ended_on in records}


async def belongings_on(
    connection: asyncpg.Connection, places: Collection[tuple[str, dt.date]]
) -> dict[tuple[str, dt.date], Belonging]:
    """Where each body belongs in the tree of its day. Nothing for one that is not in it then."""
    rows = await connection.fetch(
        """
        SELECT g.agency_code, g.day, p.path, p.bloc
        FROM unnest($1::text[], $2::date[]) AS g (agency_code, day)
        JOIN agency_path p ON p.agency_code = g.agency_code AND p.valid_from <= g.day
            AND (p.valid_to IS NULL OR g.day <= p.valid_to)
        """,
        [body for body, _ in places],
        [day for _, day in places],
    )
    return {(code, day): Belonging(path, bloc) for code, day, path, bloc in rows}


async def page(
    connection: asyncpg.Connection,
    *,
    as_of: dt.date,
    under: str | None,
    scope: str | None,
    today: dt.date,
    after: str | None,
    limit: int,
) -> list[ListedVersion]:
    """Agencies in force on ``as_of``: below ``under`` by the tree of that day, and within ``scope`` by
    today's."""
    records = await connection.fetch(
        f"""
        SELECT {_VERSIONS.of("v")}, a.version, p.path, p.bloc AS effective_bloc,
               (SELECT min(n.valid_from) FROM agency_version n
                WHERE n.agency_code = v.agency_code AND n.valid_from > v.valid_from) AS next_from
        FROM agency_path p
        JOIN agency a USING (agency_code)
        JOIN LATERAL (SELECT {_VERSIONS.of("v")} FROM agency_version v WHERE v.agency_code = p.agency_code
                        AND v.valid_from <= $1 ORDER BY v.valid_from DESC LIMIT 1) v ON true
        WHERE p.valid_from <= $1 AND (p.valid_to IS NULL OR p.valid_to >= $1)
          AND ($2::text IS NULL OR p.path @> ARRAY[$2::text])
          AND ($3::text IS NULL OR EXISTS (
                SELECT 1 FROM (
                    SELECT t.path FROM agency_path t WHERE t.agency_code = p.agency_code
                    ORDER BY {nearest_to("$4::date", "t")} LIMIT 1) t
                WHERE t.path @> ARRAY[$3::text]))
          AND ($5::text IS NULL OR p.agency_code > $5)
        ORDER BY p.agency_code LIMIT $6
        """,
        as_of,
        under,
        scope,
        today,
        after,
        limit,
    )
    width = len(_VERSIONS.names)
    return [ListedVersion(_row(each[:width]), *each[width:]) for each in map(tuple, records)]
