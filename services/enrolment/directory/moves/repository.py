"""SQL of moves; they are added and never changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import asyncpg
import msgspec

from services.enrolment.directory.moves.move import Move
from services.enrolment.directory.officials.posts import Post


async def add(connection: asyncpg.Connection, move: Move, at: dt.datetime) -> bool:
    """Whether it was added: a move is reversed once, and the constraint says so."""
    return bool(
        await connection.fetchval(
            """
            INSERT INTO official_move (move_id, official_code, kind, effective_on, decision_number,
                to_agency, recorded_on, recorded_at, before, after, reverses)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10::jsonb, $11)
            ON CONFLICT (reverses) DO NOTHING RETURNING true
            """,
            move.move_id,
            move.official_code,
            move.kind,
            move.effective_on,
            move.decision_number,
            move.to_agency,
            move.recorded_on,
            at,
            msgspec.json.encode(move.before).decode(),
            msgspec.json.encode(move.after).decode(),
            move.reverses,
        )
    )


async def moves_of(connection: asyncpg.Connection, code: str) -> Sequence[Move]:
    """In the order of their recording."""
    rows = await connection.fetch(
        """
        SELECT m.move_id, m.official_code, m.kind, m.effective_on, m.decision_number, m.to_agency,
               m.recorded_on, m.before, m.after, m.reverses,
               EXISTS (SELECT 1 FROM official_move r WHERE r.reverses = m.move_id) AS reversed
        FROM official_move m WHERE m.official_code = $1 ORDER BY m.recorded_at, m.move_id
        """,
        code,
    )
    return [
        Move(
            **{
                **dict(row),
                "before": msgspec.json.decode(row["before"], type=tuple[Post, ...]),
                "after": msgspec.json.decode(row["after"], type=tuple[Post, ...]),
            }
        )
        for row in rows
    ]
