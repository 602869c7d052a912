"""Rows of register books, as the database takes them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, NamedTuple
from uuid import UUID

from services.certification.registry.serials import book_code

Numbering = Literal["bac", "institution"]
"""Who gives the numbers of a book: the system, or the institution itself."""


class BookKey(NamedTuple):
    institution_code: str
    kind: str
    year: int


@dataclass(frozen=True, slots=True)
class BookRow:
    """What never changes in a book that holds lines."""

    book_id: int
    numbering: Numbering


class Book(NamedTuple):
    """A row of ``register_book``."""

    book_id: int
    institution_code: str
    kind: str
    year: int
    numbering: Numbering
    last_line: int
    last_issued_on: dt.date | None

    @property
    def code(self) -> str:
        return book_code(self.institution_code, self.kind, self.year)


class TakenLines(NamedTuple):
    """``last_line``: the last of those taken. ``above_issued_on``: the day of the line above the first."""

    last_line: int
    above_issued_on: dt.date | None


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


class AnnexRow(NamedTuple):
    """A row of ``register_annex``."""

    certificate_id: UUID
    seq: int
    kind: str
    decision_number: str
    decided_on: dt.date
    reason_code: str | None
    successor: UUID | None
    detail: str | None
    recorded_at: dt.datetime


class Certificate(NamedTuple):
    """A line of the register with its book and the kinds of its annex, oldest first."""

    certificate_id: UUID
    book_id: int
    line: int
    register_number: str
    serial: str
    book_label: str | None
    late_entry: bool
    result_id: UUID | None
    framework: str
    level: int
    language: str
    issued_on: dt.date
    valid_until: dt.date | None
    supersedes: UUID | None
    decision_number: str | None
    decided_on: dt.date | None
    holder: str | None
    institution_code: str
    book_kind: str
    book_year: int
    annex_kinds: list[str]

    @property
    def register_book(self) -> str:
        return self.book_label or book_code(self.institution_code, self.book_kind, self.book_year)


class HolderRow(NamedTuple):
    """The result that earned a certificate, with its session: the holder is there."""

    result_id: UUID
    person_key: bytes
    full_name: str
    birth_date: dt.date
    identity_type: str
    identity_number: str
    session_code: str
    held_on: dt.date


class CollidingRow(NamedTuple):
    """A line whose key is like that of another, of the register or of an exam."""

    kind: Literal["serial", "register_number", "exam_session", "candidate_number"]
    key: str
    institution_code: str
    written: str
    certificate_id: UUID | None
    result_id: UUID | None
    serial: str | None
    register_number: str | None
    book_label: str | None
    book_kind: str | None
    book_year: int | None
    session_code: str | None

    @property
    def register_book(self) -> str | None:
        if self.book_label is not None or self.book_kind is None or self.book_year is None:
            return self.book_label
        return book_code(self.institution_code, self.book_kind, self.book_year)
