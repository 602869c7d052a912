"""SQL of results and their versions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import asyncpg

from services.certification.recording.repository import STORED_RESULT
from services.certification.recording.rows import StoredResult
from services.certification.registry.written_keys import folded
from services.certification.results.models import ResultVersion
from services.certification.results.rows import StoredVersion
from shared.persistence.rows import columns_of

_VERSION: Final = columns_of(ResultVersion, StoredVersion)


async def add_version(connection: asyncpg.Connection, row: StoredVersion) -> bool:
    """False when that version is there already."""
    done: str = await connection.execute(f"{_VERSION.insert_one()} ON CONFLICT DO NOTHING", *row)
    return done.endswith(" 1")


async def find_result(
    connection: asyncpg.Connection, result_id: UUID, *, lock: bool = False
) -> StoredResult | None:
    """``lock`` keeps other versions of this result out until the transaction ends."""
    if lock:
        await connection.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", str(result_id)
        )
    row = await connection.fetchrow(f"{STORED_RESULT} WHERE r.result_id = $1", result_id)
    return None if row is None else StoredResult(*row)


async def versions_of(
    connection: asyncpg.Connection, result_ids: Sequence[UUID]
) -> dict[UUID, list[StoredVersion]]:
    """Later versions (2 and up) of each result, oldest first; a result without any is missing."""
    found: dict[UUID, list[StoredVersion]] = {}
    for record in await connection.fetch(
        f"SELECT {_VERSION.listed} FROM result_version WHERE result_id = ANY($1::uuid[])"
        " ORDER BY result_id, version",
        list(result_ids),
    ):
        row = StoredVersion(*record)
        found.setdefault(row.result_id, []).append(row)
    return found


async def list_results(
    connection: asyncpg.Connection,
    *,
    institution: str | None,
    session: str | None,
    held_from: dt.date | None,
    held_to: dt.date | None,
    after: tuple[int, str, int] | None,
    limit: int,
) -> list[StoredResult]:
    """In the order of session and candidate number, as it is compared."""
    rows = await connection.fetch(
        f"""
        {STORED_RESULT}
        WHERE ($1::text IS NULL OR s.institution_code = $1)
          AND ($2::text IS NULL OR s.code_key = $2)
          AND ($3::date IS NULL OR s.held_on >= $3)
          AND ($4::date IS NULL OR s.held_on <= $4)
          AND ($5::int IS NULL
               OR (r.session_id, r.number_key, r.number_rank) > ($5, $6::text, $7::int))
        ORDER BY r.session_id, r.number_key, r.number_rank LIMIT $8
        """,
        institution,
        None if session is None else folded(session),
        held_from,
        held_to,
        *(after or (None, None, None)),
        limit,
    )
    return [StoredResult(*row) for row in rows]
