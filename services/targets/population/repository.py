"""SQL of the projection: facts from the feeds, standings, and the cells of series."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import asyncpg

from services.targets.population.credentials import Credential
from services.targets.population.models import (
    Agency,
    Ancestry,
    Bloc,
    CredentialRow,
    Identified,
    Official,
    ProfileRow,
    StandingRow,
    Workplace,
)
from services.targets.population.profiles import Profile
from services.targets.population.rollup import Counted, Group, Series
from services.targets.population.series import Cells, Opening, Page
from services.targets.population.shifts import Row
from services.targets.population.tree import BlocSpan, Span
from shared.persistence.rows import Columns, columns_of

PROJECTED = (
    "agency",
    "ancestry",
    "bloc",
    "official",
    "identity",
    "workplace",
    "credential",
    "profile",
    "standing",
    "series_page",
    "series_tail",
    "series",
)
"""Tables that follow from the feeds and are emptied when the projection begins anew."""


class ProjectionState(NamedTuple):
    fingerprint: str
    made: UUID
    state: UUID


class OfficialFacts(NamedTuple):
    official_code: str
    facts: str | None
    linked: str | None


_AGENCY = columns_of(Agency)
_ANCESTRY = columns_of(Ancestry)
_BLOC = columns_of(Bloc)
_OFFICIAL = columns_of(Official, OfficialFacts)
_IDENTITY = columns_of(Identified)
_WORKPLACE = columns_of(Workplace)
_CREDENTIAL = columns_of(CredentialRow, Credential)
_PROFILE = columns_of(ProfileRow)
_STANDING = columns_of(StandingRow)


# --- the projection as a whole --------------------------------------------------------------------


async def lock_projection(connection: asyncpg.Connection) -> ProjectionState:
    """Whoever changes the projection holds this row until the transaction ends."""
    row = await connection.fetchrow("SELECT fingerprint, made, state FROM projection FOR UPDATE")
    return ProjectionState(*row)


async def projection_fingerprint(connection: asyncpg.Connection) -> str:
    fingerprint: str = await connection.fetchval("SELECT fingerprint FROM projection")
    return fingerprint


async def save_fingerprint(connection: asyncpg.Connection, fingerprint: str) -> None:
    await connection.execute("UPDATE projection SET fingerprint = $1", fingerprint)


async def save_state(connection: asyncpg.Connection, state: UUID) -> None:
    await connection.execute("UPDATE projection SET state = $1", state)


async def empty_projection(connection: asyncpg.Connection, fingerprint: str) -> None:
    """Empties the projection and sets both feeds back to their beginning, in one statement."""
    emptied = ", ".join(f"{table}_ AS (DELETE FROM {table})" for table in PROJECTED)
    async with connection.transaction():
        await connection.execute("SET LOCAL statement_timeout = 0")
        await _empty(connection, emptied, fingerprint)


async def _empty(connection: asyncpg.Connection, emptied: str, fingerprint: str) -> None:
    await connection.execute(
        f"""
        WITH {emptied}, cursors AS (UPDATE feed_cursor SET cursor = '', events = 0)
        UPDATE projection
        SET fingerprint = $1, made = gen_random_uuid(), state = gen_random_uuid()
        """,
        fingerprint,
        timeout=3600,
    )


# --- agencies -------------------------------------------------------------------------------------


async def read_agencies(connection: asyncpg.Connection) -> list[str]:
    return [row["facts"] for row in await connection.fetch("SELECT facts FROM agency")]


async def are_known(connection: asyncpg.Connection, codes: Collection[str]) -> bool:
    """Whether an event about each of these bodies has been applied."""
    known: int = await connection.fetchval(
        "SELECT count(*) FROM agency WHERE code = ANY($1::text[])", list(codes)
    )
    return known == len(codes)


async def save_agencies(connection: asyncpg.Connection, facts: Mapping[str, str]) -> None:
    await connection.execute(_AGENCY.upsert_given("code"), *_AGENCY.arrays(facts.items()))


async def replace_ancestry(
    connection: asyncpg.Connection,
    spans: Mapping[str, Sequence[Span]],
    blocs: Mapping[str, Sequence[BlocSpan]],
) -> None:
    bodies = list(spans)
    await connection.execute("DELETE FROM ancestry WHERE body = ANY($1::text[])", bodies)
    await connection.execute("DELETE FROM bloc WHERE body = ANY($1::text[])", bodies)
    await _ANCESTRY.copy(
        connection, [(body, *span) for body, found in spans.items() for span in found]
    )
    await _BLOC.copy(
        connection,
        [
            (body, span.first, span.until, span.bloc)
            for body, found in blocs.items()
            for span in found
        ],
    )


# --- officials and credentials --------------------------------------------------------------------


async def holders_of(connection: asyncpg.Connection, person_keys: Iterable[str]) -> list[str]:
    rows = await connection.fetch(
        "SELECT DISTINCT official_code FROM identity WHERE person_key = ANY($1::text[])",
        list(person_keys),
    )
    return [row["official_code"] for row in rows]


async def ever_assigned_to(connection: asyncpg.Connection, agencies: Iterable[str]) -> list[str]:
    rows = await connection.fetch(
        "SELECT DISTINCT official_code FROM workplace WHERE agency_code = ANY($1::text[])",
        list(agencies),
    )
    return [row["official_code"] for row in rows]


async def read_officials(
    connection: asyncpg.Connection, codes: Iterable[str]
) -> list[OfficialFacts]:
    rows = await connection.fetch(
        f"SELECT {_OFFICIAL.listed} FROM official WHERE official_code = ANY($1::text[])",
        list(codes),
    )
    return [OfficialFacts(*row) for row in rows]


async def save_officials(
    connection: asyncpg.Connection, officials: Sequence[OfficialFacts]
) -> None:
    await connection.execute(_OFFICIAL.upsert_given("official_code"), *_OFFICIAL.arrays(officials))


async def change_identities(
    connection: asyncpg.Connection,
    removed: Sequence[tuple[str, str]],
    added: Sequence[tuple[str, str]],
) -> None:
    """Pairs of person key and official code."""
    await _change_pairs(connection, _IDENTITY, removed, added)


async def change_workplaces(
    connection: asyncpg.Connection,
    removed: Sequence[tuple[str, str]],
    added: Sequence[tuple[str, str]],
) -> None:
    """Pairs of agency code and official code."""
    await _change_pairs(connection, _WORKPLACE, removed, added)


async def _change_pairs(
    connection: asyncpg.Connection,
    pairs: Columns,
    removed: Sequence[tuple[str, str]],
    added: Sequence[tuple[str, str]],
) -> None:
    await connection.execute(pairs.delete_given(), *pairs.arrays(removed))
    await connection.execute(f"{pairs.insert_given()} ON CONFLICT DO NOTHING", *pairs.arrays(added))


async def read_credentials(
    connection: asyncpg.Connection, person_keys: Iterable[str]
) -> list[Credential]:
    rows = await connection.fetch(
        f"SELECT {_CREDENTIAL.listed} FROM credential WHERE person_key = ANY($1::text[])",
        list(person_keys),
    )
    return [Credential(*row) for row in rows]


async def save_credentials(
    connection: asyncpg.Connection, credentials: Sequence[Credential]
) -> None:
    await connection.execute(
        _CREDENTIAL.upsert_given("reference"), *_CREDENTIAL.arrays(credentials)
    )


async def decided_by_authority(
    connection: asyncpg.Connection, bodies: Collection[str]
) -> list[str]:
    """Officials who ever worked in these bodies and hold evidence that an authority of less than the whole
    nation accepted."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT w.official_code
        FROM workplace w JOIN identity i USING (official_code) JOIN credential c USING (person_key)
        WHERE w.agency_code = ANY($1::text[]) AND (c.accepted_by IS NOT NULL OR c.bloc IS NOT NULL)
        """,
        list(bodies),
    )
    return [row["official_code"] for row in rows]


async def read_places(
    connection: asyncpg.Connection, bodies: Collection[str]
) -> tuple[dict[str, list[Span]], dict[str, list[BlocSpan]]]:
    """What stands above these bodies, and their reporting blocs, by days."""
    spans: dict[str, list[Span]] = {}
    for body, *span in await connection.fetch(
        "SELECT body, ancestor, first, until FROM ancestry WHERE body = ANY($1::text[])",
        list(bodies),
    ):
        spans.setdefault(body, []).append(Span(*span))
    blocs: dict[str, list[BlocSpan]] = {}
    for body, *bloc in await connection.fetch(
        "SELECT body, bloc, first, until FROM bloc WHERE body = ANY($1::text[])", list(bodies)
    ):
        blocs.setdefault(body, []).append(BlocSpan(*bloc))
    return spans, blocs


# --- profiles and standings -----------------------------------------------------------------------


async def read_profiles(connection: asyncpg.Connection, above: int = -1) -> list[bytes]:
    """Codes of the profiles with an id above the given one, by id; ids have no gaps."""
    rows = await connection.fetch("SELECT code FROM profile WHERE id > $1 ORDER BY id", above)
    return [row["code"] for row in rows]


async def add_profiles(
    connection: asyncpg.Connection, numbered: Sequence[tuple[int, Profile]]
) -> None:
    await _PROFILE.copy(connection, [(number, bytes(profile)) for number, profile in numbered])


async def read_standings(
    connection: asyncpg.Connection, codes: Iterable[str]
) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for code, *row in await connection.fetch(
        """
        SELECT official_code, first, until, body, origin, profile
        FROM standing WHERE official_code = ANY($1::text[])
        """,
        list(codes),
    ):
        found.setdefault(code, []).append(Row(*row))
    return found


async def read_counted(
    connection: asyncpg.Connection, bodies: Iterable[str]
) -> dict[Group, list[Counted]]:
    """Everybody who stands in these bodies, people alike counted together."""
    found: dict[Group, list[Counted]] = {}
    for body, origin, first, until, profile, number in await connection.fetch(
        """
        SELECT body, origin, first, until, profile, count(*)
        FROM standing WHERE body = ANY($1::text[])
        GROUP BY body, origin, first, until, profile
        """,
        list(bodies),
    ):
        group = (body, origin)
        found.setdefault(group, []).append(Counted(group, first, until, profile, number))
    return found


async def change_standings(
    connection: asyncpg.Connection,
    removed: Sequence[tuple[str, Row]],
    added: Sequence[tuple[str, Row]],
) -> None:
    if removed:
        await connection.execute(
            """
            DELETE FROM standing USING unnest($1::text[], $2::integer[]) AS gone (code, day)
            WHERE official_code = gone.code AND first = gone.day
            """,
            [code for code, _ in removed],
            [row.first for _, row in removed],
        )
    await _STANDING.copy(connection, [(code, *row) for code, row in added])


# --- series ---------------------------------------------------------------------------------------


async def append_cells(connection: asyncpg.Connection, cells: Mapping[Series, Cells]) -> None:
    if not cells:
        return
    rows = await connection.fetch(
        """
        UPDATE series s SET tail_cells = s.tail_cells + given.cells, tail_rows = s.tail_rows + 1
        FROM unnest($1::text[], $2::text[], $3::integer[]) AS given (agency_code, origin, cells)
        WHERE s.agency_code = given.agency_code AND s.origin = given.origin
        RETURNING s.id, s.agency_code, s.origin
        """,
        *_sizes(cells),
    )
    known = {(row["agency_code"], row["origin"]): row["id"] for row in rows}
    missing = {series: each for series, each in cells.items() if series not in known}
    if missing:
        rows = await connection.fetch(
            """
            INSERT INTO series (agency_code, origin, tail_cells, tail_rows)
            SELECT *, 1 FROM unnest($1::text[], $2::text[], $3::integer[])
            RETURNING id, agency_code, origin
            """,
            *_sizes(missing),
        )
        known.update({(row["agency_code"], row["origin"]): row["id"] for row in rows})
    await connection.copy_records_to_table(
        "series_tail",
        records=[(known[series], each.to_bytes()) for series, each in cells.items()],
        columns=["series", "cells"],
    )


def _sizes(cells: Mapping[Series, Cells]) -> tuple[list[str], list[str], list[int]]:
    return (
        [agency for agency, _ in cells],
        [origin for _, origin in cells],
        [len(each) for each in cells.values()],
    )


async def longest_tails(
    connection: asyncpg.Connection, *, cells: int, rows: int, limit: int
) -> list[int]:
    """Series whose appended cells are worth folding into their pages: in at least ``rows`` rows, or at least
    ``cells`` and twice as many as their last page opens with."""
    found = await connection.fetch(
        """
        SELECT s.id FROM series s
        LEFT JOIN LATERAL (
            SELECT octet_length(opening) / 8 AS size FROM series_page p
            WHERE p.series = s.id AND s.tail_cells >= $1 ORDER BY from_day DESC LIMIT 1
        ) last ON true
        WHERE s.tail_rows >= $2 OR (s.tail_cells >= $1 AND s.tail_cells >= 2 * coalesce(last.size, 0))
        ORDER BY s.tail_cells DESC LIMIT $3
        """,
        cells,
        rows,
        limit,
    )
    return [row["id"] for row in found]


async def read_tail(connection: asyncpg.Connection, series: int) -> tuple[list[int], list[bytes]]:
    rows = await connection.fetch(
        "SELECT number, cells FROM series_tail WHERE series = $1 ORDER BY number", series
    )
    return [row["number"] for row in rows], [row["cells"] for row in rows]


async def read_pages_from(connection: asyncpg.Connection, series: int, day: int) -> list[Page]:
    """Pages from the one that holds ``day`` to the last."""
    rows = await connection.fetch(
        """
        SELECT from_day, opening, changes FROM series_page
        WHERE series = $1 AND from_day >= (
            SELECT coalesce(max(from_day), 0) FROM series_page WHERE series = $1 AND from_day <= $2)
        ORDER BY from_day
        """,
        series,
        day,
    )
    return [
        Page(
            row["from_day"],
            Opening.from_bytes(row["opening"]),
            Cells.from_bytes(row["changes"]),
        )
        for row in rows
    ]


async def replace_pages(
    connection: asyncpg.Connection,
    series: int,
    pages: Sequence[tuple[int, bytes, bytes]],
    gone: Sequence[int],
    numbers: Sequence[int],
    cells: int,
) -> None:
    """Writes pages, takes away those that begin on the days ``gone`` and the folded rows of the tail, in
    one statement: a reader sees the cells either in the tail or in the pages."""
    await connection.execute(
        """
        WITH folded AS (
            DELETE FROM series_tail WHERE series = $1 AND number = ANY($2::bigint[])),
        outdated AS (
            DELETE FROM series_page WHERE series = $1 AND from_day = ANY($3::integer[])),
        shortened AS (
            UPDATE series SET tail_cells = tail_cells - $7, tail_rows = tail_rows - $8
            WHERE id = $1)
        INSERT INTO series_page (series, from_day, opening, changes)
        SELECT $1, * FROM unnest($4::integer[], $5::bytea[], $6::bytea[])
        ON CONFLICT (series, from_day) DO UPDATE
            SET opening = excluded.opening, changes = excluded.changes
        """,
        series,
        list(numbers),
        list(gone),
        [page[0] for page in pages],
        [page[1] for page in pages],
        [page[2] for page in pages],
        cells,
        len(numbers),
    )
