"""What a batch of sheets will write if nobody else writes, worked out before the database is asked.

Most batches are simple. This process knows their sessions and books, nobody sent their sheets before, and each
book ends where this process left it. Such a batch is drafted whole, with register numbers and answers. One
statement writes it. The statement holds each book only while it commits, and undoes itself where anything was not
as drafted. What cannot be drafted, or was undone, goes to the
:class:`~services.certification.recording.use_cases.recorder.Recorder`, which decides from the database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from services.certification.recording.announcements import event_of
from services.certification.recording.answers import answer_of, new_certificate
from services.certification.recording.book_ends import BookEnd
from services.certification.recording.issuing import entry_of
from services.certification.recording.known_rows import KnownRows
from services.certification.recording.pending_result import PendingResult
from services.certification.recording.rows import DraftRow
from services.certification.registry.rows import EntryRow
from services.certification.registry.serials import BookKind
from services.certification.sheets.judging import Judge, Sheet
from services.certification.sheets.schemas import ResultAnswer
from shared.contracts.audiences import institution as reader_of
from shared.persistence.keys import uuid7

_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Draft:
    """``before`` and ``after``: where the books end, as drafted and once written."""

    rows: list[DraftRow] = field(default_factory=list)
    answers: list[ResultAnswer] = field(default_factory=list)
    before: dict[int, BookEnd] = field(default_factory=dict)
    after: dict[int, BookEnd] = field(default_factory=dict)


class Drafter:
    def __init__(self, judge: Judge, kind: BookKind, known: KnownRows) -> None:
        self._judge = judge
        self._kind = kind
        self._known = known

    def draft(self, sheets: Sequence[Sheet], now: dt.datetime) -> Draft | None:
        """Null where memory does not tell what these sheets come to. Their books are expected to end as
        drafted: whoever cannot write the draft drops them."""
        draft = Draft()
        taken: set[tuple[int, str | bytes]] = set()
        for sheet in sheets:
            pending = PendingResult(sheet)
            session = self._known.sessions.get(pending.session_key)
            named = sheet.body.exam_session
            if (
                session is None
                or session.held_on != named.held_on
                or named.framework not in (None, session.framework)
            ):
                return None
            pending.session = session
            self._judge.use_framework(sheet, session.framework)
            number = (session.session_id, pending.number_key)
            person = (session.session_id, sheet.person_key)
            if number in taken or person in taken:
                return None
            taken |= {number, person}
            entry = certificate = None
            institution = sheet.body.institution_code
            if sheet.earns_certificate:
                entry = self._entry(pending, draft, now)
                if entry is None:
                    return None
                certificate = new_certificate(entry, institution)
            result_id = pending.result_id
            event = event_of(sheet, session.code, result_id, entry, certificate)
            draft.answers.append(answer_of(sheet, result_id, certificate))
            draft.rows.append(
                DraftRow(
                    result=pending.result_row(now),
                    entry=entry,
                    event_id=uuid7(),
                    event=_encode(event).decode(),
                    reader=reader_of(institution),
                )
            )
        self._known.book_ends.expect(draft.after)
        return draft

    def _entry(self, pending: PendingResult, draft: Draft, now: dt.datetime) -> EntryRow | None:
        book = self._known.books.get(pending.book_key)
        if book is None or book.numbering != pending.numbering:
            return None
        end = draft.after.get(book.book_id) or self._known.book_ends.of(book.book_id)
        if end is None:
            return None
        draft.before.setdefault(book.book_id, end)
        entry = entry_of(pending.order(now), self._kind, book.book_id, end.line + 1, end.issued_on)
        draft.after[book.book_id] = BookEnd(entry.line, entry.issued_on)
        return entry
