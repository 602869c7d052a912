"""SQL of the copied directory: institutions, and the tree of agencies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Final

import asyncpg

from services.certification.directory.models import AgencyVersion, Institution
from services.certification.directory.rows import AgencyVersionRow, InstitutionRow
from services.certification.directory.tree import Link
from shared.persistence.rows import columns_of

_INSTITUTION: Final = columns_of(Institution, InstitutionRow)
_VERSION: Final = columns_of(AgencyVersion, AgencyVersionRow)


async def authorisations_of(
    connection: asyncpg.Connection, institutions: Sequence[str]
) -> dict[str, str]:
    """By institution code, as JSON; unknown institutions are missing."""
    rows = await connection.fetch(
        "SELECT institution_code, authorisations FROM institution"
        " WHERE institution_code = ANY($1::text[])",
        list(institutions),
    )
    return {row[0]: row[1] for row in rows}


async def put_institution(connection: asyncpg.Connection, row: InstitutionRow) -> None:
    """Keeps the newest version; an older one changes nothing."""
    await connection.execute(
        f"""
        INSERT INTO institution AS known ({_INSTITUTION.listed})
        VALUES ({_INSTITUTION.parameters()})
        ON CONFLICT (institution_code) DO UPDATE
            SET {_INSTITUTION.without("institution_code").set_from()}
            WHERE known.version < excluded.version
        """,
        *row,
    )


async def put_agency(
    connection: asyncpg.Connection, code: str, version: int, versions: Sequence[AgencyVersionRow]
) -> None:
    """Replaces what is known of an agency, unless something newer is known."""
    done: str = await connection.execute(
        """
        INSERT INTO agency AS known (agency_code, version) VALUES ($1, $2)
        ON CONFLICT (agency_code) DO UPDATE SET version = excluded.version
            WHERE known.version < excluded.version
        """,
        code,
        version,
    )
    if done.endswith(" 0"):
        return
    await connection.execute("DELETE FROM agency_version WHERE agency_code = $1", code)
    await connection.executemany(_VERSION.insert_one(), versions)


async def chains_of(
    connection: asyncpg.Connection, codes: Collection[str], day: dt.date
) -> dict[str, list[Link]]:
    """Each body with those above it on ``day``, nearest first; nothing for a body that nobody knows.
    A body that is not in the tree then hangs where it last did."""
    rows = await connection.fetch(
        """
        WITH RECURSIVE chain AS (
            SELECT asked.code AS asked, own.agency_code, own.parent_code, own.bloc, own.system, 0 AS height,
                   ARRAY[own.agency_code] AS path
            FROM unnest($1::text[]) AS asked (code) CROSS JOIN LATERAL (
                SELECT v.* FROM agency_version v
                WHERE v.agency_code = asked.code AND v.valid_from <= $2
                ORDER BY v.valid_from DESC LIMIT 1) own
            UNION ALL
            SELECT c.asked, above.agency_code, above.parent_code, above.bloc, above.system, c.height + 1,
                   c.path || above.agency_code
            FROM chain c CROSS JOIN LATERAL (
                SELECT v.* FROM agency_version v
                WHERE v.agency_code = c.parent_code AND v.valid_from <= $2
                ORDER BY v.valid_from DESC LIMIT 1) above
            WHERE above.agency_code <> ALL (c.path))
        SELECT asked, agency_code, bloc, system FROM chain ORDER BY asked, height
        """,
        list(codes),
        day,
    )
    found: dict[str, list[Link]] = {code: [] for code in codes}
    for asked, *link in rows:
        found[asked].append(Link(*link))
    return found


async def subtree_of(connection: asyncpg.Connection, code: str, day: dt.date) -> set[str]:
    """The body and all below it on ``day``."""
    rows = await connection.fetch(
        """
        WITH RECURSIVE below (agency_code) AS (
            SELECT $1::text
            UNION
            SELECT v.agency_code FROM below b JOIN agency_version v ON v.parent_code = b.agency_code
            WHERE v.valid_from <= $2 AND NOT EXISTS (
                SELECT FROM agency_version later WHERE later.agency_code = v.agency_code
                AND later.valid_from > v.valid_from AND later.valid_from <= $2))
        SELECT agency_code FROM below
        """,
        code,
        day,
    )
    return {row[0] for row in rows}
