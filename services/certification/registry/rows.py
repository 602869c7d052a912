"""Rows of register books, as the database takes them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID


class BookKey(NamedTuple):
    institution_code: str
    kind: str
    year: int


@dataclass(frozen=True, slots=True)
class BookRow:
    book_id: int
    numbering: str


class EntryRow(NamedTuple):
    """What is written of a row of ``register_entry``, by names of columns. ``number_key`` and ``search_form``
    are null where the system numbers the book: such serials are found by what they are made of."""

    certificate_id: UUID
    book_id: int
    line: int
    register_number: str
    number_key: str | None
    serial: str
    serial_key: str
    search_form: str | None
    book_label: str | None
    own_number: bool
    late_entry: bool
    result_id: UUID | None
    result_version: int | None
    framework: str
    level: int
    language: str
    issued_on: dt.date
    valid_until: dt.date | None
    counts_from: dt.date | None
    supersedes: UUID | None
    decision_number: str | None
    decided_on: dt.date | None
    holder: str | None
    recorded_at: dt.datetime
