"""The audit trail: who did what to whom, written in the transaction of the work."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final, NamedTuple

import asyncpg

from shared.persistence.rows import Columns


class AuditRow(NamedTuple):
    """``detail`` is JSON without names and identity numbers."""

    at: dt.datetime
    caller: str
    role: str
    action: str
    subject: str
    correlation_id: str
    detail: str | None


AUDIT: Final = Columns(
    "audit",
    AuditRow._fields,
    ("timestamptz", "text", "text", "text", "text", "text", "text"),
)


async def append_audit(connection: asyncpg.Connection, rows: Sequence[AuditRow]) -> None:
    await connection.execute(AUDIT.insert_given(), *AUDIT.arrays(rows))
