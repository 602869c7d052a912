"""Records sheets: results, the certificates they earn, and one event each, in the caller's transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from services.certification.exams import repository
from services.certification.exams.drafting import Draft, DraftRow, Tail, Tails
from services.certification.exams.refusals import (
    conflict,
    constraint_refusal,
    numbering_refusal,
    session_closed,
    session_mismatch,
)
from services.certification.exams.repository import ResultRow, SessionKey, SessionRow
from services.certification.exams.schemas import CertificatePart, OwnCertificate, ResultAnswer
from services.certification.exams.sheets import Judge, Sheet
from services.certification.registry import repository as register
from services.certification.registry.repository import BookKey, BookRow, EntryRow
from services.certification.registry.serials import (
    FRAMEWORK_CERTIFICATE,
    BookKind,
    book_code,
)
from services.certification.registry.standing import status_of
from shared.contracts.events import TYPE_OF, CertificateIssued, ResultRecorded
from shared.contracts.problem import Problem
from shared.persistence.keys import uuid7
from shared.persistence.repository import WORTH_A_COPY, OutboxRow

_encode = msgspec.json.Encoder().encode
_ISSUED: Final = TYPE_OF[CertificateIssued].name
_RECORDED: Final = TYPE_OF[ResultRecorded].name
_CACHED: Final = 50_000


@dataclass(frozen=True, slots=True)
class Recorded:
    """``created`` is false for a sheet that was recorded before."""

    answer: ResultAnswer
    created: bool


@dataclass(slots=True)
class Batch:
    """What one transaction did. ``events`` are still to be written, as the last thing before the commit;
    ``sessions`` and ``books`` may be remembered once it has committed."""

    outcomes: list[Recorded | Problem]
    events: list[OutboxRow] = field(default_factory=list)
    sessions: dict[SessionKey, SessionRow] = field(default_factory=dict)
    books: dict[BookKey, BookRow] = field(default_factory=dict)
    tails: dict[int, Tail] = field(default_factory=dict)
    left: dict[int, int] = field(default_factory=dict)


class _Item:
    """A sheet on its way into the register."""

    __slots__ = (
        "book_key",
        "outcome",
        "own_numbering",
        "result_id",
        "session",
        "session_key",
        "sheet",
    )

    def __init__(self, sheet: Sheet) -> None:
        body = sheet.body
        own = body.certificate
        self.sheet = sheet
        self.result_id = uuid7()
        self.session_key = SessionKey(body.institution_code, body.exam_session.code)
        self.book_key = BookKey(body.institution_code, FRAMEWORK_CERTIFICATE, sheet.issued_on.year)
        self.own_numbering = "bac" if own is None or own.serial is None else "institution"
        self.session: SessionRow | None = None
        self.outcome: Recorded | Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueOrder:
    """A certificate to enter in its book by itself."""

    institution_code: str
    issued_on: dt.date
    own: OwnCertificate | None
    certificate_id: UUID
    result_id: UUID
    result_version: int
    framework: str
    level: int
    language: str
    supersedes: UUID | None
    decision_number: str
    decided_on: dt.date
    recorded_at: dt.datetime


class Recorder:
    """Remembers sessions and books that are known to be committed, so that most sheets need no look-up."""

    def __init__(self, judge: Judge, kinds: dict[str, BookKind]) -> None:
        self._judge = judge
        self._kind = kinds[FRAMEWORK_CERTIFICATE]
        self._sessions: dict[SessionKey, SessionRow] = {}
        self._books: dict[BookKey, BookRow] = {}
        self.tails = Tails()

    def learn(self, batch: Batch) -> None:
        """To be called after the commit. Announced sessions change state and are always read."""
        if len(self._sessions) > _CACHED:
            self._sessions.clear()
        for key, session in batch.sessions.items():
            if session.issuance == "on_posting" and session.status == "open":
                self._sessions[key] = session
        self._books.update(batch.books)
        self.tails.learn(batch.tails, batch.left)

    def forget(self) -> None:
        self._sessions.clear()
        self._books.clear()
        self.tails.forget()

    def draft(self, sheets: Sequence[Sheet], now: dt.datetime) -> Draft | None:
        """What these sheets come to if nobody else writes; null where that cannot be told from memory.
        The tails of their books are foreseen to move: whoever cannot write the draft forgets them."""
        draft = Draft()
        taken: set[tuple[int, str | bytes]] = set()
        for sheet in sheets:
            item = _Item(sheet)
            session = self._sessions.get(item.session_key)
            named = sheet.body.exam_session
            if (
                session is None
                or session.held_on != named.held_on
                or named.framework not in (None, session.framework)
            ):
                return None
            item.session = session
            self._judge.use_framework(sheet, session.framework)
            number = (session.session_id, sheet.body.candidate.number)
            person = (session.session_id, sheet.person_key)
            if number in taken or person in taken:
                return None
            taken |= {number, person}
            entry = None
            if sheet.earns_certificate:
                entry = self._draft_entry(item, draft, now)
                if entry is None:
                    return None
            part = None if entry is None else self._part(entry, item.book_key, "valid")
            draft.answers.append(_answer(sheet, item.result_id, part))
            draft.rows.append(_draft_row(item, entry, _event(item, entry, part, now), now))
        self.tails.foresee(draft.after)
        return draft

    def _draft_entry(self, item: _Item, draft: Draft, now: dt.datetime) -> EntryRow | None:
        book = self._books.get(item.book_key)
        if book is None or book.numbering != item.own_numbering:
            return None
        tail = draft.after.get(book.book_id) or self.tails.of(book.book_id)
        if tail is None:
            return None
        draft.before.setdefault(book.book_id, tail)
        issued_on = item.sheet.issued_on
        late = tail.issued_on is not None and issued_on < tail.issued_on
        entry = self._entry(item, book.book_id, tail.line + 1, late, now)
        draft.after[book.book_id] = Tail(entry.line, issued_on)
        return entry

    async def record(
        self, connection: asyncpg.Connection, sheets: Sequence[Sheet], now: dt.datetime
    ) -> Batch:
        """Locks are taken in one order: sessions, results, books, each sorted. Outcomes are in the order
        of ``sheets``, register numbers too. A fault that spoils the transaction is raised; tried again
        alone, a sheet then gets its own refusal."""
        items = [_Item(sheet) for sheet in sheets]
        batch = Batch([])
        await self._know_books(connection, items, batch)
        await self._know_sessions(connection, items, batch)
        candidates = [item for item in items if item.outcome is None]
        added = await self._add_results(connection, candidates, now)
        winners = [item for item in candidates if item.result_id in added]
        losers = [item for item in candidates if item.result_id not in added]
        if winners:
            await self._register(connection, winners, batch, now)
        if losers:
            await self._answer_known(connection, losers)
        for item in items:
            assert item.outcome is not None
            batch.outcomes.append(item.outcome)
        return batch

    async def _know_books(
        self, connection: asyncpg.Connection, items: Sequence[_Item], batch: Batch
    ) -> None:
        earning = [item for item in items if item.sheet.judged.level is not None]
        unknown = {item.book_key for item in earning} - self._books.keys()
        if unknown:
            batch.books = await register.find_books(connection, sorted(unknown))
        for item in earning:
            book = self._books.get(item.book_key) or batch.books.get(item.book_key)
            if book is not None:
                item.outcome = numbering_refusal(book.numbering, item.own_numbering)

    async def _know_sessions(
        self, connection: asyncpg.Connection, items: Sequence[_Item], batch: Batch
    ) -> None:
        wanted = [item for item in items if item.outcome is None]
        unknown = {item.session_key for item in wanted} - self._sessions.keys()
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
            session = self._sessions.get(key) or batch.sessions[key]
            item.session = session
            named = item.sheet.body.exam_session
            if session.held_on != named.held_on:
                item.outcome = session_mismatch("held_on", "ngày thi", "exam day")
            elif named.framework is not None and named.framework != session.framework:
                item.outcome = session_mismatch("framework", "khung năng lực", "framework")
            else:
                self._judge.use_framework(item.sheet, session.framework)

    async def _add_results(
        self, connection: asyncpg.Connection, items: Sequence[_Item], now: dt.datetime
    ) -> set[UUID]:
        rows = [
            _result_row(item, now)
            for item in items
            if item.session is not None and item.session.status != "closed"
        ]
        if not rows:
            return set()
        rows.sort(key=itemgetter(1, 2))  # session and number
        # Most files are new as a whole.
        if len(rows) >= WORTH_A_COPY and await repository.copy_results(connection, rows):
            return {row.result_id for row in rows}
        return await repository.add_results(connection, rows)

    async def _register(
        self,
        connection: asyncpg.Connection,
        winners: Sequence[_Item],
        batch: Batch,
        now: dt.datetime,
    ) -> None:
        earning = [
            item
            for item in winners
            if item.sheet.earns_certificate
            and item.session is not None
            and item.session.issuance == "on_posting"
        ]
        entries = await self._entries(connection, earning, batch, now) if earning else {}
        for item in winners:
            entry = entries.get(item.result_id)
            part = None if entry is None else self._part(entry, item.book_key, "valid")
            item.outcome = Recorded(_answer(item.sheet, item.result_id, part), created=True)
            if item.session is not None and item.session.issuance == "on_posting":
                batch.events.append(_event(item, entry, part, now))

    async def _entries(
        self,
        connection: asyncpg.Connection,
        items: Sequence[_Item],
        batch: Batch,
        now: dt.datetime,
    ) -> dict[UUID, EntryRow]:
        books = await self._open_books(connection, items, batch)
        per_book: dict[int, list[_Item]] = {}
        for item in items:
            per_book.setdefault(books[item.book_key].book_id, []).append(item)
        batch.left = self.tails.leave(per_book)
        taken = await register.take_lines(
            connection,
            [(book, len(lines), lines[-1].sheet.issued_on) for book, lines in per_book.items()],
        )
        entries: dict[UUID, EntryRow] = {}
        for book, lines in per_book.items():
            last_line, above = taken[book]
            for line, item in enumerate(lines, start=last_line - len(lines) + 1):
                issued_on = item.sheet.issued_on
                late = above is not None and issued_on < above
                entries[item.result_id] = self._entry(item, book, line, late, now)
                above = issued_on
            batch.tails[book] = Tail(last_line, above)
        await register.add_entries(connection, list(entries.values()))
        return entries

    async def _open_books(
        self, connection: asyncpg.Connection, items: Sequence[_Item], batch: Batch
    ) -> dict[BookKey, BookRow]:
        books = self._books | batch.books if batch.books else self._books
        missing: dict[BookKey, str] = {}
        for item in items:
            if item.book_key not in books:
                missing.setdefault(item.book_key, item.own_numbering)
        if missing:
            await register.open_books(connection, list(missing.items()))
            batch.books |= await register.find_books(connection, sorted(missing))
            books = self._books | batch.books
            for item in items:
                refusal = numbering_refusal(books[item.book_key].numbering, item.own_numbering)
                if refusal is not None:
                    raise refusal
        return books

    def _entry(self, item: _Item, book: int, line: int, late: bool, now: dt.datetime) -> EntryRow:
        sheet, own = item.sheet, item.sheet.body.certificate
        assert sheet.judged.level is not None
        serial, number = self._numbers(item.book_key, line, own)
        return EntryRow(
            certificate_id=item.result_id,
            book_id=book,
            line=line,
            register_number=number,
            serial=serial,
            book_label=None if own is None else own.register_book,
            own_number=own is not None and own.serial is not None,
            late_entry=late,
            result_id=item.result_id,
            result_version=1,
            framework=sheet.framework.code,
            level=sheet.judged.level,
            language=sheet.body.language,
            issued_on=sheet.issued_on,
            valid_until=None,
            counts_from=None,
            supersedes=None,
            decision_number=None if own is None else own.decision_number,
            decided_on=None if own is None else own.decided_on,
            holder=None,
            recorded_at=now,
        )

    async def issue(self, connection: asyncpg.Connection, order: IssueOrder) -> EntryRow:
        """One certificate outside a batch. Raises the register's refusals."""
        key = BookKey(order.institution_code, FRAMEWORK_CERTIFICATE, order.issued_on.year)
        own = order.own
        is_own = own is not None and own.serial is not None
        await register.open_books(connection, [(key, "institution" if is_own else "bac")])
        book = (await register.find_books(connection, [key]))[key]
        mismatch = numbering_refusal(book.numbering, "institution" if is_own else "bac")
        if mismatch is not None:
            raise mismatch
        self.tails.leave([book.book_id])
        taken = await register.take_lines(connection, [(book.book_id, 1, order.issued_on)])
        line, above = taken[book.book_id]
        serial, number = self._numbers(key, line, own)
        entry = EntryRow(
            certificate_id=order.certificate_id,
            book_id=book.book_id,
            line=line,
            register_number=number,
            serial=serial,
            book_label=None if own is None else own.register_book,
            own_number=is_own,
            late_entry=above is not None and order.issued_on < above,
            result_id=order.result_id,
            result_version=order.result_version,
            framework=order.framework,
            level=order.level,
            language=order.language,
            issued_on=order.issued_on,
            valid_until=None,
            counts_from=None,
            supersedes=order.supersedes,
            decision_number=order.decision_number,
            decided_on=order.decided_on,
            holder=None,
            recorded_at=order.recorded_at,
        )
        try:
            await register.add_entries(connection, [entry])
        except asyncpg.UniqueViolationError as error:
            raise constraint_refusal(error.constraint_name) or error from None
        return entry

    def _numbers(self, book: BookKey, line: int, own: OwnCertificate | None) -> tuple[str, str]:
        """Serial and register number: the institution's own, else the system's."""
        if own is not None and own.serial is not None and own.register_number is not None:
            return own.serial, own.register_number
        serial = self._kind.serial_of(book.institution_code, book.year, line)
        return serial, self._kind.number_of(line)

    @staticmethod
    def _part(entry: EntryRow, book: BookKey, status: str) -> CertificatePart:
        return CertificatePart(
            serial=entry.serial,
            register_number=entry.register_number,
            register_book=entry.book_label or book_code(*book),
            level=entry.level,
            issued_on=entry.issued_on,
            status=status,
            late_entry=entry.late_entry,
        )

    async def _answer_known(self, connection: asyncpg.Connection, losers: Sequence[_Item]) -> None:
        rows = await repository.find_results_by_keys(
            connection,
            [item.session.session_id for item in losers if item.session is not None],
            [item.sheet.body.candidate.number for item in losers],
            [item.sheet.person_key for item in losers],
        )
        certificates = await register.find_certificates(
            connection, [row["result_id"] for row in rows]
        )
        known: dict[tuple[int, str | bytes], asyncpg.Record] = {}
        for row in rows:
            known[row["session_id"], row["candidate_number"]] = row
            known[row["session_id"], row["person_key"]] = row
        for item in losers:
            assert item.session is not None
            session = item.session.session_id
            by_number = known.get((session, item.sheet.body.candidate.number))
            by_person = known.get((session, item.sheet.person_key))
            row = by_number or by_person
            if row is None:
                item.outcome = session_closed()
                continue
            certificate = certificates.get(row["result_id"])
            if by_number is not by_person or not same_sheet(item.sheet, row, certificate):
                closed = item.session.status == "closed"
                item.outcome = session_closed() if closed else conflict(by_number, by_person)
                continue
            part = None if certificate is None else certificate_part(certificate)
            item.outcome = Recorded(_answer(item.sheet, row["result_id"], part), created=False)


def certificate_part(row: asyncpg.Record) -> CertificatePart:
    """From a row of the register with its annex."""
    return CertificatePart(
        serial=row["serial"],
        register_number=row["register_number"],
        register_book=row["book_label"]
        or book_code(row["institution_code"], row["book_kind"], row["book_year"]),
        level=row["level"],
        issued_on=row["issued_on"],
        status=status_of(row["annex_kinds"]),
        late_entry=row["late_entry"],
    )


def same_sheet(sheet: Sheet, row: asyncpg.Record, certificate: asyncpg.Record | None) -> bool:
    """Whether a recorded result came from an equal sheet. What the sheet leaves open (the day of issue)
    is not compared."""
    body, candidate = sheet.body, sheet.body.candidate
    same = (
        row["candidate_number"] == candidate.number
        and row["person_key"] == sheet.person_key
        and row["birth_check"] == sheet.birth_check
        and row["full_name"] == sheet.full_name
        and row["attendance"] == candidate.attendance
        and row["format"] == body.format
        and row["language"] == body.language
        and (row["listening"], row["reading"], row["writing"], row["speaking"])
        == sheet.judged.halves
    )
    if not same or certificate is None:
        return same
    own = body.certificate
    if body.issued_on is not None and body.issued_on != certificate["issued_on"]:
        return False
    return own is None or all(
        given is None or given == certificate[name]
        for name, given in (
            ("serial", own.serial),
            ("register_number", own.register_number),
            ("book_label", own.register_book),
            ("decision_number", own.decision_number),
            ("decided_on", own.decided_on),
        )
    )


def _result_row(item: _Item, now: dt.datetime) -> ResultRow:
    assert item.session is not None
    sheet, judged = item.sheet, item.sheet.judged
    candidate = sheet.body.candidate
    return ResultRow(
        item.result_id,
        item.session.session_id,
        candidate.number,
        sheet.person_key,
        sheet.birth_check,
        sheet.identity.type,
        sheet.identity.country,
        sheet.identity.number,
        sheet.full_name,
        candidate.birth_date,
        candidate.attendance,
        sheet.body.format,
        sheet.body.language,
        *judged.halves,
        judged.overall,
        judged.level,
        sheet.rule.id,
        now,
    )


def _draft_row(item: _Item, entry: EntryRow | None, event: OutboxRow, now: dt.datetime) -> DraftRow:
    result = _result_row(item, now)
    line: tuple[Any, ...] = (None,) * 11
    if entry is not None:
        line = (
            *(entry.book_id, entry.line, entry.register_number, entry.serial, entry.book_label),
            *(entry.own_number, entry.late_entry, entry.framework, entry.issued_on),
            *(entry.decision_number, entry.decided_on),
        )
    institution = item.sheet.body.institution_code
    return DraftRow._make((*result[:-1], *line, event.event_id, event.data, institution))


def _answer(sheet: Sheet, result_id: UUID, part: CertificatePart | None) -> ResultAnswer:
    overall = sheet.judged.overall
    return ResultAnswer(
        result_id=result_id,
        overall=None if overall is None else overall / 2,
        level=sheet.judged.level,
        basis=sheet.basis,
        certificate=part,
    )


def overall_text(overall: int | None) -> str | None:
    return None if overall is None else f"{overall // 2}.{5 * (overall % 2)}"


def _event(
    item: _Item, entry: EntryRow | None, part: CertificatePart | None, now: dt.datetime
) -> OutboxRow:
    sheet, body = item.sheet, item.sheet.body
    audience = [f"institution:{body.institution_code}"]
    if entry is not None and part is not None:
        issued = CertificateIssued(
            version=1,
            certificate_id=entry.certificate_id,
            serial=entry.serial,
            register_number=entry.register_number,
            register_book=part.register_book,
            institution_code=body.institution_code,
            result_id=item.result_id,
            exam_session=body.exam_session.code,
            held_on=body.exam_session.held_on,
            format=body.format,
            person_key=sheet.person_key.hex(),
            birth_check=sheet.birth_check.hex(),
            framework=entry.framework,
            level=entry.level,
            language=entry.language,
            issued_on=entry.issued_on,
            valid_until=None,
            rule=sheet.rule.id,
        )
        data = _encode(issued).decode()
        return OutboxRow(uuid7(), _ISSUED, entry.serial, now, data, audience)
    recorded = ResultRecorded(
        version=1,
        result_id=item.result_id,
        institution_code=body.institution_code,
        exam_session=body.exam_session.code,
        held_on=body.exam_session.held_on,
        format=body.format,
        language=body.language,
        person_key=sheet.person_key.hex(),
        attendance=body.candidate.attendance,
        overall=overall_text(sheet.judged.overall),
        rule=sheet.rule.id,
    )
    data = _encode(recorded).decode()
    return OutboxRow(uuid7(), _RECORDED, str(item.result_id), now, data, audience)
