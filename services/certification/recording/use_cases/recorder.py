"""Records sheets: results, the certificates they earn, and one event each, in the caller's transaction."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from services.certification.names import spellings
from services.certification.recording import repository
from services.certification.recording.announcements import (
    ISSUED,
    RECORDED,
    event_of,
)
from services.certification.recording.answers import (
    Recorded,
    answer_of,
    certificate_part,
    new_certificate,
)
from services.certification.recording.book_ends import BookEnd
from services.certification.recording.comparison import (
    differing_fields,
    identity_pointer,
)
from services.certification.recording.drafting import Drafter
from services.certification.recording.issuing import (
    IssueOrder,
    entry_of,
    numbering_of,
)
from services.certification.recording.known_rows import KnownRows
from services.certification.recording.pending_result import PendingResult
from services.certification.recording.rows import (
    NamesakeKey,
    SessionKey,
    SessionRow,
    StoredResult,
)
from services.certification.registry import repository as register
from services.certification.registry.rows import BookKey, BookRow, EntryRow, Numbering, TakenLines
from services.certification.registry.serials import FRAMEWORK_CERTIFICATE, BookKind
from services.certification.registry.written_keys import folded
from services.certification.sheets.judging import (
    Judge,
    Sheet,
)
from services.certification.sheets.namesakes import namesakes_among
from services.certification.sheets.refusals import (
    conflict,
    constraint_refusal,
    numbering_refusal,
    session_closed,
    session_mismatch,
)
from services.certification.sheets.schemas import CertificatePart
from shared.contracts.audiences import institution, whole
from shared.contracts.problem import Problem
from shared.persistence.keys import uuid7
from shared.persistence.outbox import OutboxRow
from shared.persistence.rows import WORTH_A_COPY

_encode = msgspec.json.Encoder().encode
_REHEARSED_FROM: Final = 1_000_000_000


@dataclass(slots=True)
class Batch:
    """What one transaction did. ``events`` are written last, right before the commit. The rest may be learned
    once it has committed."""

    outcomes: list[Recorded | Problem]
    events: list[OutboxRow] = field(default_factory=list)
    sessions: dict[SessionKey, SessionRow] = field(default_factory=dict)
    books: dict[BookKey, BookRow] = field(default_factory=dict)
    book_ends: dict[int, BookEnd] = field(default_factory=dict)
    drops: dict[int, int] = field(default_factory=dict)


class Recorder:
    """Decides from the database. What is ``known`` only spares look-ups."""

    def __init__(self, judge: Judge, kinds: dict[str, BookKind]) -> None:
        self._judge = judge
        self._kind = kinds[FRAMEWORK_CERTIFICATE]
        self.known = KnownRows()
        self.drafter = Drafter(judge, self._kind, self.known)

    def learn(self, batch: Batch) -> None:
        """To be called after the commit."""
        self.known.learn(batch.sessions, batch.books)
        self.known.book_ends.learn(batch.book_ends, batch.drops)

    async def mark_namesakes(self, connection: asyncpg.Connection, sheets: Sequence[Sheet]) -> None:
        """Marks the sheets of whoever sits the same session twice, under two identities."""
        keys = [
            NamesakeKey(
                sheet.body.institution_code,
                folded(sheet.body.exam_session.code),
                sheet.body.candidate.birth_date,
                *spellings(sheet.full_name),
                sheet.person_key,
            )
            for sheet in sheets
        ]
        found = await repository.namesakes_of(connection, keys) | set(namesakes_among(sheets))
        for place, sheet in enumerate(sheets):
            sheet.has_namesake = place in found

    async def record(
        self,
        connection: asyncpg.Connection,
        sheets: Sequence[Sheet],
        now: dt.datetime,
        *,
        rehearsal: bool = False,
    ) -> Batch:
        """Locks are taken in one order: sessions, results, books, each sorted. Outcomes are in the order
        of ``sheets``, register numbers too. A fault that spoils the transaction is raised; tried again
        alone, a sheet then gets its own refusal. A ``rehearsal``, which lasts as long as a whole file, takes
        no lines of the books: whoever registers would wait for it."""
        items = [PendingResult(sheet) for sheet in sheets]
        batch = Batch([])
        await self._find_books(connection, items, batch)
        await self._find_sessions(connection, items, batch)
        candidates = [item for item in items if item.outcome is None]
        added = await self._add_results(connection, candidates, now)
        added_items = [item for item in candidates if item.result_id in added]
        known_items = [item for item in candidates if item.result_id not in added]
        if added_items:
            await self._register(connection, added_items, batch, now, rehearsal)
        if known_items:
            await self._answer_known(connection, known_items)
        for item in items:
            assert item.outcome is not None
            batch.outcomes.append(item.outcome)
        return batch

    async def _find_books(
        self, connection: asyncpg.Connection, items: Sequence[PendingResult], batch: Batch
    ) -> None:
        books = self.known.books
        earning = [item for item in items if item.sheet.earns_certificate]
        unknown = {item.book_key for item in earning} - books.keys()
        if unknown:
            batch.books = await register.find_books(connection, sorted(unknown))
        for item in earning:
            book = books.get(item.book_key) or batch.books.get(item.book_key)
            if book is not None:
                item.outcome = numbering_refusal(book.numbering, item.numbering)

    async def _find_sessions(
        self, connection: asyncpg.Connection, items: Sequence[PendingResult], batch: Batch
    ) -> None:
        sessions = self.known.sessions
        wanted = [item for item in items if item.outcome is None]
        unknown = {item.session_key for item in wanted} - sessions.keys()
        if unknown:
            found = await repository.find_sessions(connection, sorted(unknown))
            new: dict[SessionKey, tuple[SessionKey, dt.date, str]] = {}
            for item in wanted:
                key = item.session_key
                if key in unknown and key not in found:
                    held_on = item.sheet.body.exam_session.held_on
                    new.setdefault(key, (key, held_on, item.sheet.framework.code))
            if new:
                await repository.add_posted_sessions(connection, list(new.values()))
                found |= await repository.find_sessions(connection, sorted(new))
            batch.sessions = found
        for item in wanted:
            key = item.session_key
            session = sessions.get(key) or batch.sessions[key]
            item.session = session
            named = item.sheet.body.exam_session
            if session.held_on != named.held_on:
                item.outcome = session_mismatch("held_on", "ngày thi", "exam day")
            elif named.framework is not None and named.framework != session.framework:
                item.outcome = session_mismatch("framework", "khung năng lực", "framework")
            else:
                self._judge.use_framework(item.sheet, session.framework)

    async def _add_results(
        self, connection: asyncpg.Connection, items: Sequence[PendingResult], now: dt.datetime
    ) -> set[UUID]:
        rows = [
            item.result_row(now)
            for item in items
            if item.session is not None and item.session.status != "closed"
        ]
        if not rows:
            return set()
        rows.sort(key=attrgetter("session_id", "number_key"))
        # Most files are new as a whole.
        if len(rows) >= WORTH_A_COPY and await repository.copy_results(connection, rows):
            return {row.result_id for row in rows}
        return await repository.add_results(connection, rows)

    async def _register(
        self,
        connection: asyncpg.Connection,
        added_items: Sequence[PendingResult],
        batch: Batch,
        now: dt.datetime,
        rehearsal: bool,
    ) -> None:
        earning = [
            item for item in added_items if item.sheet.earns_certificate and item.issued_on_posting
        ]
        entries = await self._entries(connection, earning, batch, now, rehearsal) if earning else {}
        for item in added_items:
            sheet, result_id = item.sheet, item.result_id
            entry = entries.get(result_id)
            part = None if entry is None else new_certificate(entry, sheet.body.institution_code)
            item.outcome = Recorded(answer_of(sheet, result_id, part), created=True)
            if item.issued_on_posting:
                batch.events.append(_event_row(item, entry, part, now))

    async def _entries(
        self,
        connection: asyncpg.Connection,
        items: Sequence[PendingResult],
        batch: Batch,
        now: dt.datetime,
        rehearsal: bool,
    ) -> dict[UUID, EntryRow]:
        books = await self._open_books(connection, items, batch)
        per_book: dict[int, list[PendingResult]] = {}
        for item in items:
            per_book.setdefault(books[item.book_key].book_id, []).append(item)
        if rehearsal:
            taken = await self._lines_of_a_rehearsal(connection, per_book)
        else:
            batch.drops = self.known.book_ends.drop(per_book)
            taken = await register.take_lines(
                connection,
                [(book, len(lines), lines[-1].sheet.issued_on) for book, lines in per_book.items()],
            )
        entries: dict[UUID, EntryRow] = {}
        for book, lines in per_book.items():
            last_line, above = taken[book]
            for line, item in enumerate(lines, start=last_line - len(lines) + 1):
                entries[item.result_id] = entry_of(item.order(now), self._kind, book, line, above)
                above = item.sheet.issued_on
            if not rehearsal:
                batch.book_ends[book] = BookEnd(last_line, above)
        await register.add_entries(connection, list(entries.values()))
        return entries

    async def _lines_of_a_rehearsal(
        self, connection: asyncpg.Connection, per_book: Mapping[int, Sequence[PendingResult]]
    ) -> dict[int, TakenLines]:
        """Lines that no book reaches, behind those that the rehearsal has written already."""
        found: dict[int, TakenLines] = {}
        for book, lines in per_book.items():
            before = await register.highest_line(connection, book)
            if before < _REHEARSED_FROM:
                # Somewhere in a range that no book reaches: two rehearsals do not wait for each other.
                before = _REHEARSED_FROM + secrets.randbelow(_REHEARSED_FROM)
            found[book] = TakenLines(before + len(lines), None)
        return found

    async def issue(self, connection: asyncpg.Connection, order: IssueOrder) -> EntryRow:
        """Enters one certificate outside a batch. Raises the register's refusals."""
        key, numbering = order.book_key, numbering_of(order.own)
        await register.open_books(connection, [(key, numbering)])
        book = (await register.find_books(connection, [key]))[key]
        mismatch = numbering_refusal(book.numbering, numbering)
        if mismatch is not None:
            raise mismatch
        self.known.book_ends.drop([book.book_id])
        taken = await register.take_lines(connection, [(book.book_id, 1, order.issued_on)])
        line, above = taken[book.book_id]
        entry = entry_of(order, self._kind, book.book_id, line, above)
        try:
            await register.add_entries(connection, [entry])
        except asyncpg.UniqueViolationError as error:
            raise constraint_refusal(error.constraint_name) or error from None
        return entry

    async def _open_books(
        self, connection: asyncpg.Connection, items: Sequence[PendingResult], batch: Batch
    ) -> dict[BookKey, BookRow]:
        known = self.known.books
        books = known | batch.books if batch.books else known
        missing: dict[BookKey, Numbering] = {}
        for item in items:
            if item.book_key not in books:
                missing.setdefault(item.book_key, item.numbering)
        if missing:
            await register.open_books(connection, list(missing.items()))
            batch.books |= await register.find_books(connection, sorted(missing))
            books = known | batch.books
            for item in items:
                refusal = numbering_refusal(books[item.book_key].numbering, item.numbering)
                if refusal is not None:
                    raise refusal
        return books

    async def _answer_known(
        self, connection: asyncpg.Connection, known_items: Sequence[PendingResult]
    ) -> None:
        rows = await repository.find_results_by_keys(
            connection,
            [item.session.session_id for item in known_items if item.session is not None],
            [item.number_key for item in known_items],
            [item.sheet.person_key for item in known_items],
        )
        certificates = await register.find_certificates(connection, [row.result_id for row in rows])
        numbers: dict[tuple[int, str], list[StoredResult]] = {}
        persons: dict[tuple[int, bytes], StoredResult] = {}
        for row in rows:
            numbers.setdefault((row.session_id, row.number_key), []).append(row)
            persons[row.session_id, row.person_key] = row
        for item in known_items:
            assert item.session is not None
            session, sheet = item.session, item.sheet
            by_person = persons.get((session.session_id, sheet.person_key))
            alike = numbers.get((session.session_id, item.number_key), [])
            # Old lines whose numbers are alike are told apart by their persons.
            by_number = by_person if by_person in alike else next(iter(alike), None)
            stored = by_number or by_person
            if stored is None:
                item.outcome = session_closed()
                continue
            certificate = certificates.get(stored.result_id)
            differing = differing_fields(sheet, stored, certificate)
            if by_number is not by_person or differing:
                closed = session.status == "closed"
                item.outcome = (
                    session_closed()
                    if closed
                    else conflict(by_number, by_person, differing, identity_pointer(sheet))
                )
                continue
            part = None if certificate is None else certificate_part(certificate)
            item.outcome = Recorded(answer_of(sheet, stored.result_id, part), created=False)


def _event_row(
    item: PendingResult,
    entry: EntryRow | None,
    part: CertificatePart | None,
    now: dt.datetime,
) -> OutboxRow:
    assert item.session is not None
    sheet, result_id = item.sheet, item.result_id
    data = _encode(event_of(sheet, item.session.code, result_id, entry, part)).decode()
    audience = whole([institution(sheet.body.institution_code)]).stored()
    if entry is None:
        return OutboxRow(uuid7(), RECORDED, str(result_id), now, data, audience)
    return OutboxRow(uuid7(), ISSUED, entry.serial, now, data, audience)
