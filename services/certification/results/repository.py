"""SQL of results and their versions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from services.certification.recording.repository import RESULTS_READ
from services.certification.registry.written_keys import folded


async def add_version(connection: asyncpg.Connection, values: Sequence[Any]) -> bool:
    """A row of ``result_version``; false when that version is there already."""
    done: str = await connection.execute(
        """
        INSERT INTO result_version
            (result_id, version, reason, decision_number, decided_on, attendance, listening, reading,
             writing, speaking, overall, level, rule, certificate_id, recorded_at)
        VALUES
            ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        ON CONFLICT DO NOTHING
        """,
        *values,
    )
    return done.endswith(" 1")


async def find_result(
    connection: asyncpg.Connection, result_id: UUID, *, lock: bool = False
) -> asyncpg.Record | None:
    """``lock`` keeps other versions of this result out until the transaction ends."""
    if lock:
        await connection.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", str(result_id)
        )
    row: asyncpg.Record | None = await connection.fetchrow(
        f"{RESULTS_READ} WHERE r.result_id = $1", result_id
    )
    return row


async def versions_of(
    connection: asyncpg.Connection, result_ids: Sequence[UUID]
) -> dict[UUID, list[asyncpg.Record]]:
    """Later versions (2 and up) of each result, oldest first."""
    found: dict[UUID, list[asyncpg.Record]] = {}
    for row in await connection.fetch(
        "SELECT * FROM result_version WHERE result_id = ANY($1::uuid[]) ORDER BY result_id, version",
        list(result_ids),
    ):
        found.setdefault(row["result_id"], []).append(row)
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
) -> list[asyncpg.Record]:
    """In the order of session and candidate number, as it is compared."""
    rows: list[asyncpg.Record] = await connection.fetch(
        f"""
        {RESULTS_READ}
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
    return rows
