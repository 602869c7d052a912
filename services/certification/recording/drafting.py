"""What a batch of sheets will write if nothing stands in its way, told before the database is asked.

Most batches meet sessions and books that this process knows, sheets that nobody sent before, and the last
line of each book where this process left it. Such a batch is drafted whole, register numbers and answers
included, and written by one statement that holds each book only while it commits, and that undoes itself
where anything was not as drafted. Whatever cannot be drafted, or was undone, goes the long way
(:class:`~services.certification.recording.use_cases.recorder.Recorder`), which decides everything from the database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from services.certification.recording.announcements import event_of
from services.certification.recording.answers import (
    answer_of,
    new_certificate,
)
from services.certification.recording.book_ends import Tail
from services.certification.recording.issuing import entry_of
from services.certification.recording.known_rows import Remembered
from services.certification.recording.pending_result import IncomingSheet
from services.certification.recording.rows import DraftRow
from services.certification.registry.rows import EntryRow
from services.certification.registry.serials import BookKind
from services.certification.sheets.judging import (
    Judge,
    Sheet,
)
from services.certification.sheets.schemas import ResultAnswer
from shared.persistence.keys import uuid7

_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Draft:
    """``before`` and ``after`` are the tails of the books, as drafted and once written."""

    rows: list[DraftRow] = field(default_factory=list)
    answers: list[ResultAnswer] = field(default_factory=list)
    before: dict[int, Tail] = field(default_factory=dict)
    after: dict[int, Tail] = field(default_factory=dict)


class Drafter:
    def __init__(self, judge: Judge, kind: BookKind, remembered: Remembered) -> None:
        self._judge = judge
        self._kind = kind
        self._remembered = remembered

    def draft(self, sheets: Sequence[Sheet], now: dt.datetime) -> Draft | None:
        """What these sheets come to if nobody else writes; null where that cannot be told from memory.
        The tails of their books are foreseen to move: whoever cannot write the draft leaves them."""
        draft = Draft()
        taken: set[tuple[int, str | bytes]] = set()
        for sheet in sheets:
            item = IncomingSheet(sheet)
            session = self._remembered.sessions.get(item.session_key)
            named = sheet.body.exam_session
            if (
                session is None
                or session.held_on != named.held_on
                or named.framework not in (None, session.framework)
            ):
                return None
            item.session = session
            self._judge.use_framework(sheet, session.framework)
            number = (session.session_id, item.number_key)
            person = (session.session_id, sheet.person_key)
            if number in taken or person in taken:
                return None
            taken |= {number, person}
            entry = part = None
            institution = sheet.body.institution_code
            if sheet.earns_certificate:
                entry = self._entry(item, draft, now)
                if entry is None:
                    return None
                part = new_certificate(entry, institution)
            event = _encode(event_of(sheet, session.code, item.result_id, entry, part)).decode()
            draft.answers.append(answer_of(sheet, item.result_id, part))
            draft.rows.append(DraftRow(item.result_row(now), entry, uuid7(), event, institution))
        self._remembered.tails.foresee(draft.after)
        return draft

    def _entry(self, item: IncomingSheet, draft: Draft, now: dt.datetime) -> EntryRow | None:
        book = self._remembered.books.get(item.book_key)
        if book is None or book.numbering != item.numbering:
            return None
        tail = draft.after.get(book.book_id) or self._remembered.tails.of(book.book_id)
        if tail is None:
            return None
        draft.before.setdefault(book.book_id, tail)
        entry = entry_of(item.order(now), self._kind, book.book_id, tail.line + 1, tail.issued_on)
        draft.after[book.book_id] = Tail(entry.line, entry.issued_on)
        return entry
