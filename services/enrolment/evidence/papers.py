"""Papers as certification's feed told of them, and as they are known here."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple
from uuid import UUID


class Recorded(NamedTuple):
    """A paper as certification's feed told of it."""

    evidence_id: UUID
    person_key: bytes
    birth_check: bytes | None
    kind: str
    language: str
    dated: dt.date


class Known(NamedTuple):
    """A paper with the owner of its identity today, and what was told of it last."""

    recorded: Recorded
    version: int
    official_code: str | None
    agency_code: str | None
    owner: str | None
    owner_check: bytes | None


class Waiting(NamedTuple):
    evidence_id: UUID
    official_code: str
    agency_code: str
    kind: str
    language: str
    dated: dt.date


class Referral(NamedTuple):
    """The official, and the body whose authority a paper waits for; ``version`` counts what was told of it."""

    evidence_id: UUID
    version: int
    official_code: str | None
    agency_code: str | None
