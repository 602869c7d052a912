"""SQL of adopted plans."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import asyncpg

from shared.contracts import audiences


class Adoption(NamedTuple):
    plan: str
    version: str
    adopted_at: dt.datetime
    event_id: UUID
    event_type: str
    event_data: str


async def adopt(connection: asyncpg.Connection, adoptions: Sequence[Adoption]) -> list[str]:
    """Records plan versions seen for the first time and publishes them, in one statement; returns their ids."""
    rows = await connection.fetch(
        """
        WITH given AS (
            SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::uuid[], $5::text[],
                                 $6::text[])
                AS each (plan, version, adopted_at, event_id, type, data)
        ), adopted AS (
            INSERT INTO plan_adopted (plan, version, adopted_at)
            SELECT plan, version, adopted_at FROM given
            ON CONFLICT DO NOTHING RETURNING plan
        ), published AS (
            INSERT INTO outbox (event_id, type, subject, occurred_at, data, audience)
            SELECT event_id, type, plan, adopted_at, data, $7::text[]
            FROM given JOIN adopted USING (plan) ORDER BY plan
        )
        SELECT plan FROM adopted ORDER BY plan
        """,
        *(list(column) for column in zip(*adoptions, strict=True)),
        audiences.whole([audiences.EVERYBODY]).stored(),
    )
    return [row["plan"] for row in rows]
