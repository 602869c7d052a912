"""Rows of exam sessions, results and drafted sheets, as the database takes them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from services.certification.registry.rows import EntryRow


class SessionKey(NamedTuple):
    """As somebody wrote it; several may name one session."""

    institution_code: str
    code: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    session_id: int
    code: str
    held_on: dt.date
    framework: str
    issuance: str
    status: str


class ResultRow(NamedTuple):
    """What is written of a row of ``exam_result``, by names of columns. Rows are sorted by session and
    number as it is compared, so that concurrent batches wait for each other in one order."""

    result_id: UUID
    session_id: int
    number_key: str
    candidate_number: str
    person_key: bytes
    birth_check: bytes
    identity_type: str
    identity_country: str
    identity_number: str
    full_name: str
    birth_date: dt.date
    attendance: str
    format: str
    language: str
    listening: int | None
    reading: int | None
    writing: int | None
    speaking: int | None
    overall: int | None
    level: int | None
    rule: str
    recorded_at: dt.datetime


class DraftRow(NamedTuple):
    """A sheet as drafted: its result, its line in a register book (null where it earns none), its event."""

    result: ResultRow
    entry: EntryRow | None
    event_id: UUID
    event: str
    institution_code: str


class RequestRow(NamedTuple):
    """Who sent a sheet, and the key under which its answer is kept."""

    caller: str
    role: str
    correlation_id: str
    scope: bytes | None
    fingerprint: bytes | None
    answer: str | None
