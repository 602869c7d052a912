"""SQL of the catalogue of job positions."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

import asyncpg

from services.enrolment.directory.job_positions.models import JobPosition
from services.enrolment.directory.job_positions.schemas import JobPositionBody, JobPositionView
from shared.persistence.rows import columns_of

_POSITIONS: Final = columns_of(JobPosition)
_CHANGED: Final = _POSITIONS.without("job_position_code", "version")


def _view(values: Iterable[Any]) -> JobPositionView:
    """From all columns, in their order."""
    named = dict(zip(_POSITIONS.names, values, strict=True))
    return JobPositionView.model_construct(code=named.pop("job_position_code"), **named)


async def find(
    connection: asyncpg.Connection, code: str, *, lock: bool = False
) -> JobPositionView | None:
    row = await connection.fetchrow(
        f"SELECT {_POSITIONS.listed} FROM job_position WHERE job_position_code = $1"
        + (" FOR UPDATE" if lock else ""),
        code,
    )
    return _view(row) if row else None


async def known(connection: asyncpg.Connection, codes: Collection[str]) -> set[str]:
    rows = await connection.fetch(
        "SELECT job_position_code FROM job_position WHERE job_position_code = ANY($1)", list(codes)
    )
    return {code for (code,) in rows}


async def page(
    connection: asyncpg.Connection, after: str | None, limit: int
) -> list[JobPositionView]:
    rows = await connection.fetch(
        f"SELECT {_POSITIONS.listed} FROM job_position WHERE ($1::text IS NULL OR job_position_code > $1)"
        " ORDER BY job_position_code LIMIT $2",
        after,
        limit,
    )
    return [_view(row) for row in rows]


async def save(
    connection: asyncpg.Connection, code: str, body: JobPositionBody, stored: int | None
) -> int | None:
    """The new version; null, and nothing done, where there is another than the version ``stored``."""
    version: int | None = await connection.fetchval(
        f"""
        {_POSITIONS.insert_one()} ON CONFLICT (job_position_code) DO UPDATE
        SET version = job_position.version + 1, {_CHANGED.set_from()}
        WHERE job_position.version = ${len(_POSITIONS.names) + 1}
        RETURNING version
        """,
        code,
        1,
        *(getattr(body, name) for name in _CHANGED.names),
        stored,
    )
    return version
