"""Answers that are stored under an idempotency key, and which of them are."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from shared.contracts.problem import (
    IdempotencyInProgress,
    IdempotencyKeyReused,
    InvalidRequest,
    Problem,
)

KEPT_FOR: Final = dt.timedelta(hours=72)
"""How long an idempotency key answers with the stored answer."""

_NEVER_STORED: Final = frozenset({401, 408, 429})


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """``status`` null: the request that took the key has not ended yet."""

    fingerprint: bytes
    status: int | None
    media_type: str | None
    body: str | None


def require_same_request(stored: StoredAnswer, fingerprint: bytes) -> int:
    """The stored status. Raises 422 where the key was used for another request, 409 while that one runs."""
    if stored.fingerprint != fingerprint:
        raise IdempotencyKeyReused(
            "Khóa này đã dùng cho một nội dung khác",
            "This key was used with a different request",
        )
    if stored.status is None:
        raise IdempotencyInProgress
    return stored.status


def is_stored(problem: Problem) -> bool:
    """Whether a refusal is the answer of its key from then on. What speaks of the key itself is not, nor what
    may be otherwise at the next try."""
    return (
        400 <= problem.status < 500
        and problem.status not in _NEVER_STORED
        and not isinstance(problem, IdempotencyKeyReused | IdempotencyInProgress | InvalidRequest)
    )
