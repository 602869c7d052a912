"""SQL of who holds which official, as the feed said last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

import asyncpg

from services.enrolment.feed_readers.readers import Holders


async def last_announced(
    connection: asyncpg.Connection, codes: Collection[str]
) -> dict[str, Holders]:
    records = await connection.fetch(
        "SELECT official_code, readers, across FROM official_reach WHERE official_code = ANY($1)",
        list(codes),
    )
    return {code: Holders(readers, across) for code, readers, across in records}


async def store(connection: asyncpg.Connection, holders: Mapping[str, Holders]) -> None:
    await connection.execute(
        """
        INSERT INTO official_reach (official_code, readers, across)
        SELECT code, string_to_array(readers, chr(31)), string_to_array(across, chr(31))
        FROM unnest($1::text[], $2::text[], $3::text[]) AS given (code, readers, across)
        ON CONFLICT (official_code)
        DO UPDATE SET readers = excluded.readers, across = excluded.across
        """,
        list(holders),
        ["\x1f".join(each.readers) for each in holders.values()],
        ["\x1f".join(each.across) for each in holders.values()],
    )


async def officials_below_are_due(
    connection: asyncpg.Connection, agencies: Collection[str]
) -> None:
    """Whoever has an assignment in these bodies or below them, on any day."""
    await connection.execute(
        """
        INSERT INTO reach_due (official_code)
        SELECT DISTINCT a.official_code FROM assignment a
        WHERE a.agency_code IN (SELECT p.agency_code FROM agency_path p WHERE p.path && $1::text[])
        ON CONFLICT DO NOTHING
        """,
        list(agencies),
    )


async def days_passed(connection: asyncpg.Connection, today: dt.date) -> dt.date | None:
    """Marks as due everybody for whom an assignment or a body began or ended since the last day that was
    dealt with; returns that day if days have passed."""
    done: dt.date | None = await connection.fetchval(
        "SELECT done_through FROM reach_day FOR UPDATE"
    )
    if done is None:
        await connection.execute(
            "INSERT INTO reach_day (done_through) VALUES ($1) ON CONFLICT DO NOTHING", today
        )
        return None
    if done >= today:
        return None
    await connection.execute(
        """
        INSERT INTO reach_due (official_code)
        SELECT official_code FROM assignment
        WHERE (valid_from > $1 AND valid_from <= $2) OR (valid_to >= $1 AND valid_to < $2)
        UNION
        SELECT a.official_code FROM assignment a JOIN agency_path p USING (agency_code)
        WHERE (p.valid_from > $1 AND p.valid_from <= $2) OR (p.valid_to >= $1 AND p.valid_to < $2)
        ON CONFLICT DO NOTHING
        """,
        done,
        today,
    )
    await connection.execute("UPDATE reach_day SET done_through = $1", today)
    return done


async def take_due(connection: asyncpg.Connection, limit: int) -> list[str]:
    records = await connection.fetch(
        """
        DELETE FROM reach_due WHERE official_code IN
            (SELECT official_code FROM reach_due ORDER BY official_code LIMIT $1)
        RETURNING official_code
        """,
        limit,
    )
    return [code for (code,) in records]
