"""SQL of the catalogue of job positions."""

from __future__ import annotations

from collections.abc import Collection

import asyncpg

from services.enrolment.directory.job_positions.schemas import JobPositionBody, JobPositionView

_COLUMNS = (
    "job_position_code AS code, version, title, agency_code, requires_language,"
    " required_language_level, valid_from, valid_to"
)


def _view(row: asyncpg.Record) -> JobPositionView:
    return JobPositionView.model_construct(**dict(row))


async def find(
    connection: asyncpg.Connection, code: str, *, lock: bool = False
) -> JobPositionView | None:
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM job_position WHERE job_position_code = $1"
        + (" FOR UPDATE" if lock else ""),
        code,
    )
    return _view(row) if row else None


async def known(connection: asyncpg.Connection, codes: Collection[str]) -> set[str]:
    rows = await connection.fetch(
        "SELECT job_position_code FROM job_position WHERE job_position_code = ANY($1)", list(codes)
    )
    return {row["job_position_code"] for row in rows}


async def page(
    connection: asyncpg.Connection, after: str | None, limit: int
) -> list[JobPositionView]:
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM job_position WHERE ($1::text IS NULL OR job_position_code > $1)"
        " ORDER BY job_position_code LIMIT $2",
        after,
        limit,
    )
    return [_view(row) for row in rows]


async def save(
    connection: asyncpg.Connection, code: str, body: JobPositionBody, held: int | None
) -> int | None:
    """The new version; null, and nothing done, where there is another than the version ``held``."""
    version: int | None = await connection.fetchval(
        """
        INSERT INTO job_position AS j (job_position_code, version, title, agency_code,
            requires_language, required_language_level, valid_from, valid_to)
        VALUES ($1, 1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (job_position_code) DO UPDATE SET
            version = j.version + 1, title = excluded.title, agency_code = excluded.agency_code,
            requires_language = excluded.requires_language,
            required_language_level = excluded.required_language_level,
            valid_from = excluded.valid_from, valid_to = excluded.valid_to
        WHERE j.version = $8
        RETURNING version
        """,
        code,
        body.title,
        body.agency_code,
        body.requires_language,
        body.required_language_level,
        body.valid_from,
        body.valid_to,
        held,
    )
    return version
