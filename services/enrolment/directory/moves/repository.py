"""SQL of moves; they are added and never changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Final

import asyncpg
import msgspec

from services.enrolment.directory.moves.models import OfficialMove
from services.enrolment.directory.moves.move import Move
from services.enrolment.directory.officials.posts import Post
from shared.persistence.rows import columns_of

_MOVES: Final = columns_of(OfficialMove)
_SHOWN: Final = _MOVES.without("recorded_at")
_POSTS: Final = msgspec.json.Decoder(tuple[Post, ...])


def _move(values: Iterable[Any]) -> Move:
    """From what is shown, in its order, and whether the move was reversed."""
    named = dict(zip((*_SHOWN.names, "reversed"), values, strict=True))
    before, after = (_POSTS.decode(named.pop(name)) for name in ("before", "after"))
    return Move(before=before, after=after, **named)


async def add(connection: asyncpg.Connection, move: Move, at: dt.datetime) -> bool:
    """Whether it was added: a move is reversed once, and the constraint says so."""
    special = {
        "recorded_at": at,
        "before": msgspec.json.encode(move.before).decode(),
        "after": msgspec.json.encode(move.after).decode(),
    }
    values = [special[name] if name in special else getattr(move, name) for name in _MOVES.names]
    return bool(
        await connection.fetchval(
            f"{_MOVES.insert_one()} ON CONFLICT (reverses) DO NOTHING RETURNING true", *values
        )
    )


async def moves_of(connection: asyncpg.Connection, code: str) -> Sequence[Move]:
    """In the order of their recording."""
    rows = await connection.fetch(
        f"""
        SELECT {_SHOWN.of("m")},
               EXISTS (SELECT 1 FROM official_move r WHERE r.reverses = m.move_id) AS reversed
        FROM official_move m WHERE m.official_code = $1 ORDER BY m.recorded_at, m.move_id
        """,
        code,
    )
    return [_move(row) for row in rows]
