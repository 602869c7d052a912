"""What a batch of sheets will write if nothing stands in its way, told before the database is asked.

Most batches meet sessions and books that this process knows, sheets that nobody sent before, and the last
line of each book where this process left it. Such a batch is drafted whole, register numbers and answers
included, and written by one statement that holds each book only while it commits, and that undoes itself
where anything was not as drafted. Whatever cannot be drafted, or was undone, goes the long way
(:class:`~services.certification.exams.recording.Recorder`), which decides everything from the database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from services.certification.exams.schemas import ResultAnswer


class Tail(NamedTuple):
    """The last line of a book and its day of issue."""

    line: int
    issued_on: dt.date | None


class DraftRow(NamedTuple):
    """A sheet as written: the columns of its result, of its line in a register book (null where it earns
    none), and of its event."""

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
    book_id: int | None
    line: int | None
    register_number: str | None
    serial: str | None
    book_label: str | None
    own_number: bool | None
    late_entry: bool | None
    framework: str | None
    issued_on: dt.date | None
    decision_number: str | None
    decided_on: dt.date | None
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


@dataclass(slots=True)
class Draft:
    """``before`` and ``after`` are the tails of the books, as drafted and once written."""

    rows: list[DraftRow] = field(default_factory=list)
    answers: list[ResultAnswer] = field(default_factory=list)
    before: dict[int, Tail] = field(default_factory=dict)
    after: dict[int, Tail] = field(default_factory=dict)


class Tails:
    """Where the books will end once every drafted batch is written. A tail is only ever a guess, which the
    writing statement checks."""

    def __init__(self) -> None:
        self._tails: dict[int, Tail] = {}
        self._left: dict[int, int] = {}

    def of(self, book_id: int) -> Tail | None:
        return self._tails.get(book_id)

    def foresee(self, after: Mapping[int, Tail]) -> None:
        self._tails.update(after)

    def leave(self, books: Iterable[int]) -> dict[int, int]:
        """Forgets where these books end, because lines are about to be taken in the database. What is
        returned lets :meth:`learn` tell whether anybody took lines since."""
        for book_id in books:
            self._tails.pop(book_id, None)
            self._left[book_id] = self._left.get(book_id, 0) + 1
        return {book_id: self._left[book_id] for book_id in books}

    def learn(self, committed: Mapping[int, Tail], left: Mapping[int, int]) -> None:
        """Tails that a batch read after :meth:`leave`, now that it has committed."""
        for book_id, tail in committed.items():
            if self._left.get(book_id) == left.get(book_id):
                self._tails[book_id] = tail

    def forget(self) -> None:
        self._tails.clear()
