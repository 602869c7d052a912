"""Rows of exam sessions, results and drafted sheets, as the database takes them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from services.certification.registry.rows import EntryRow
from services.certification.sheets.judging import Halves
from shared.contracts.audiences import Reader


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


class StoredResult(NamedTuple):
    """A result as first recorded, with its session."""

    result_id: UUID
    session_id: int
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
    number_key: str
    number_rank: int
    institution_code: str
    session_code: str
    held_on: dt.date
    framework: str
    issuance: str
    session_status: str

    @property
    def halves(self) -> Halves:
        return self.listening, self.reading, self.writing, self.speaking


class DraftRow(NamedTuple):
    """A sheet as drafted: its result, its line in a register book (null where it earns none), its event and the
    reader of that event."""

    result: ResultRow
    entry: EntryRow | None
    event_id: UUID
    event: str
    reader: Reader


class RequestRow(NamedTuple):
    """Who sent a sheet, and the key under which its answer is kept."""

    caller: str
    role: str
    correlation_id: str
    scope: bytes | None
    fingerprint: bytes | None
    answer: str | None


class AnswerRow(NamedTuple):
    """An answer as it is kept under its idempotency key."""

    scope: bytes
    fingerprint: bytes
    status: int
    media_type: str
    body: str


class NamesakeKey(NamedTuple):
    """What a candidate is compared by with others of the session: the name in three spellings."""

    institution_code: str
    code_key: str
    birth_date: dt.date
    name: str
    capitals: str
    titled: str
    person_key: bytes
