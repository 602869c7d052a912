"""Reading the register, and taking certificates back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from services.certification.registry import repository
from services.certification.registry.errors import (
    BookInUse,
    CertificateNotInForce,
    DecisionDateImpossible,
    SerialAmbiguous,
)
from services.certification.registry.gaps import gaps_in, number_in
from services.certification.registry.rows import (
    AnnexRow,
    Book,
    BookKey,
    Certificate,
    HolderRow,
    Numbering,
)
from services.certification.registry.schemas import (
    AnnexView,
    BookView,
    CertificateView,
    CollidingLine,
    Collision,
    CollisionList,
    GapView,
    HolderView,
    RevocationBody,
)
from services.certification.registry.serials import book_code
from services.certification.registry.status import is_in_force, status_of, status_words
from services.certification.registry.written_keys import same_key
from shared.contracts import audiences
from shared.contracts.events import CertificateRevoked
from shared.contracts.problem import FieldError, NotFound
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal

MOST_GAPS = 200
MOST_COLLIDING = 2_000


def _own(principal: Principal, row: Certificate | Book) -> bool:
    return principal.role != "institution" or principal.institution == row.institution_code


async def find(
    work: UnitOfWork, serial: str, certificate_id: UUID | None = None, *, lock: bool = False
) -> Certificate:
    """The line with that id, among lines that collide. Raises :class:`SerialAmbiguous` where no id is given:
    a stray space must not decide whose certificate is meant."""
    if lock:
        await repository.lock_serial(work.connection, serial)
    rows = [
        row
        for row in await repository.find_by_serial(work.connection, serial)
        if _own(work.principal, row) and certificate_id in (None, row.certificate_id)
    ]
    if not rows:
        raise NotFound
    if len(rows) > 1:
        raise SerialAmbiguous(
            "Nhiều dòng trong sổ gốc mang số hiệu này; hãy nêu certificate_id",
            "Several lines of the register have this serial; name the certificate_id",
            extra={
                "certificates": [
                    {
                        "certificate_id": str(row.certificate_id),
                        "serial": row.serial,
                        "register_book": row.register_book,
                        "register_number": row.register_number,
                    }
                    for row in rows
                ]
            },
        )
    return rows[0]


async def view_certificate(
    work: UnitOfWork, serial: str, certificate_id: UUID | None = None
) -> CertificateView:
    row = await find(work, serial, certificate_id)
    work.audit("certificate.read", row.serial)
    return (await views(work, [row]))[0]


async def views(work: UnitOfWork, rows: Sequence[Certificate]) -> list[CertificateView]:
    ids = [row.certificate_id for row in rows]
    results = await repository.holders_of(
        work.connection, [row.result_id for row in rows if row.result_id is not None]
    )
    annexes = await repository.annexes_of(work.connection, ids)
    others = {row.supersedes for row in rows if row.supersedes is not None}
    others |= {
        each.successor for annex in annexes.values() for each in annex if each.successor is not None
    }
    serials = await repository.serials_of(work.connection, list(others))
    return [
        _view(
            work.principal,
            row,
            None if row.result_id is None else results.get(row.result_id),
            annexes.get(row.certificate_id, []),
            serials,
        )
        for row in rows
    ]


def _view(
    principal: Principal,
    row: Certificate,
    result: HolderRow | None,
    annex: Sequence[AnnexRow],
    serials: dict[UUID, str],
) -> CertificateView:
    successors = [serials[each.successor] for each in annex if each.successor in serials]
    return CertificateView(
        serial=row.serial,
        register_number=row.register_number,
        register_book=row.register_book,
        institution_code=row.institution_code,
        framework=row.framework,
        level=row.level,
        language=row.language,
        holder=_holder(principal, row, result),
        issued_on=row.issued_on,
        valid_until=row.valid_until,
        status=status_of(row.annex_kinds),
        late_entry=row.late_entry,
        result_id=row.result_id,
        exam_session=None if result is None else result.session_code,
        held_on=None if result is None else result.held_on,
        supersedes=None if row.supersedes is None else serials.get(row.supersedes),
        superseded_by=successors[-1] if successors else None,
        decision_number=row.decision_number,
        annex=[
            AnnexView(
                kind=each.kind,
                decision_number=each.decision_number,
                decided_on=each.decided_on,
                reason_code=each.reason_code,
                successor=None if each.successor is None else serials.get(each.successor),
            )
            for each in annex
        ],
    )


def _holder(principal: Principal, row: Certificate, result: HolderRow | None) -> HolderView | None:
    if result is not None:
        return HolderView(
            full_name=principal.shown(result.full_name),
            birth_date=principal.shown(result.birth_date.isoformat()),
            identity_type=result.identity_type,
            identity_number=principal.shown_number(result.identity_number),
        )
    if row.holder is None:
        return None
    stored = msgspec.json.decode(row.holder)
    return HolderView(
        full_name=principal.shown(stored["full_name"]),
        birth_date=principal.shown(stored["birth_date"]),
        identity_type=stored["identity_type"],
        identity_number=principal.shown_number(stored["identity_number"]),
    )


async def revoke(
    work: UnitOfWork, serial: str, body: RevocationBody, certificate_id: UUID | None = None
) -> tuple[CertificateView, bool]:
    """The certificate afterwards, and whether anything changed: the same decision again does not.

    A revoked or superseded certificate was in force until then, so it can still be annulled from its issue.
    """
    row = await find(work, serial, certificate_id, lock=True)
    kind = "revocation" if body.effect == "from_decision" else "annulment"
    annexes = await repository.annexes_of(work.connection, [row.certificate_id])
    annex = annexes.get(row.certificate_id, [])
    for each in annex:
        if (each.kind, each.decided_on, each.reason_code) == (
            kind,
            body.decided_on,
            body.reason_code,
        ) and same_key(each.decision_number, body.decision_number):
            work.audit("certificate.read", row.serial)
            return (await views(work, [row]))[0], False
    status = status_of(row.annex_kinds)
    was_in_force = status in ("revoked", "superseded")
    if not is_in_force(status) and not (was_in_force and kind == "annulment"):
        vi, en = status_words(status, replaced=any(each.successor for each in annex))
        raise CertificateNotInForce(
            f"Trạng thái chứng chỉ: {vi[0].lower()}{vi[1:]}",
            f"State of the certificate: {en[0].lower()}{en[1:]}",
        )
    if not row.issued_on <= body.decided_on <= work.clock.today():
        vi = "ngày quyết định trước ngày cấp hoặc ở tương lai"
        en = "the decision precedes the issue or lies in the future"
        code = DecisionDateImpossible.code
        raise DecisionDateImpossible(vi, en, errors=[FieldError("/decided_on", code, vi, en)])
    await repository.add_annex(
        work.connection,
        AnnexRow(
            certificate_id=row.certificate_id,
            seq=len(annex) + 1,
            kind=kind,
            decision_number=body.decision_number,
            decided_on=body.decided_on,
            reason_code=body.reason_code,
            successor=None,
            detail=None,
            recorded_at=work.clock.now(),
        ),
    )
    assert row.result_id is not None
    holders = await repository.holders_of(work.connection, [row.result_id])
    work.emit(
        CertificateRevoked(
            version=len(annex) + 2,
            certificate_id=row.certificate_id,
            serial=row.serial,
            person_key=holders[row.result_id].person_key.hex(),
            institution_code=row.institution_code,
            reason_code=body.reason_code,
            decision_number=body.decision_number,
            decided_on=body.decided_on,
            effect=body.effect,
        ),
        subject=row.serial,
        audience=audiences.whole([audiences.institution(row.institution_code)]),
    )
    work.audit("certificate.revoke", row.serial, {"effect": body.effect})
    return (await views(work, [await find(work, serial, row.certificate_id)]))[0], True


class AskedLines(NamedTuple):
    """Which lines of the register; null: of all institutions, of all years."""

    institution: str | None
    year: int | None


async def list_certificates(
    work: UnitOfWork, asked: AskedLines, after: tuple[int, int] | None, limit: int
) -> tuple[list[CertificateView], tuple[int, int] | None]:
    """A page in the order of the books, and the key of its last line; null at the end."""
    rows = await repository.list_certificates(
        work.connection,
        institution=asked.institution,
        year=asked.year,
        after=after,
        limit=limit + 1,
    )
    page = rows[:limit]
    work.audit(
        "certificate.list", asked.institution or "*", {"serials": [row.serial for row in page]}
    )
    last = (page[-1].book_id, page[-1].line) if len(rows) > limit else None
    return await views(work, page), last


async def view_book(work: UnitOfWork, key: BookKey) -> BookView:
    row = await repository.find_book(work.connection, key)
    if row is None or not _own(work.principal, row):
        raise NotFound
    return await _book_view(work, row)


async def _book_view(work: UnitOfWork, row: Book) -> BookView:
    view = _plain_view(row)
    if row.numbering == "institution":
        given = await repository.own_numbers(work.connection, row.book_id)
        numbers = [number for number in map(number_in, given) if number is not None]
        view.gaps = [GapView(first=a, last=b) for a, b in gaps_in(numbers)[:MOST_GAPS]]
        view.numbers_without_digits = len(given) - len(numbers)
    return view


def _plain_view(row: Book) -> BookView:
    return BookView(
        register_book=row.code,
        institution_code=row.institution_code,
        kind=row.kind,
        year=row.year,
        numbering=row.numbering,
        lines=row.last_line,
        last_issued_on=row.last_issued_on,
    )


async def book_version(work: UnitOfWork, key: BookKey) -> int | None:
    """Changes with every line and every change of numbering; null while there is no book."""
    row = await repository.find_book(work.connection, key, lock=True)
    return None if row is None else 2 * row.last_line + (row.numbering == "institution") + 1


async def put_book(work: UnitOfWork, key: BookKey, numbering: Numbering) -> tuple[BookView, bool]:
    """Chooses who numbers a book, before its first line. Returns whether the book is new."""
    existing = await repository.find_book(work.connection, key, lock=True)
    if existing is None:
        await repository.open_books(work.connection, [(key, numbering)])
        existing = await repository.find_book(work.connection, key, lock=True)
        assert existing is not None
        if existing.numbering == numbering:
            work.audit("register_book.open", book_code(*key), {"numbering": numbering})
            return await _book_view(work, existing), True
    if existing.numbering != numbering:
        if existing.last_line:
            raise BookInUse(
                "Sổ gốc đã có dòng nên không đổi cách đánh số được",
                "The book holds lines, so its numbering stays",
            )
        await repository.set_numbering(work.connection, existing.book_id, numbering)
        work.audit("register_book.change", book_code(*key), {"numbering": numbering})
    return await view_book(work, key), False


async def list_books(
    work: UnitOfWork, institution: str | None, after: tuple[int] | None, limit: int
) -> tuple[list[BookView], tuple[int] | None]:
    """Without their gaps, which each book tells by itself."""
    rows = await repository.list_books(
        work.connection, institution, None if after is None else after[0], limit + 1
    )
    page = rows[:limit]
    items = [_plain_view(row) for row in page]
    return items, (page[-1].book_id,) if len(rows) > limit else None


async def list_collisions(work: UnitOfWork, institution: str | None) -> CollisionList:
    rows = await repository.collisions(work.connection, institution, MOST_COLLIDING + 1)
    found: dict[tuple[str, str], Collision] = {}
    for row in rows[:MOST_COLLIDING]:
        one = found.setdefault((row.kind, row.key), Collision(kind=row.kind, lines=[]))
        one.lines.append(
            CollidingLine(
                written=row.written,
                institution_code=row.institution_code,
                certificate_id=row.certificate_id,
                result_id=row.result_id,
                serial=row.serial,
                register_book=row.register_book,
                register_number=row.register_number,
                exam_session=row.session_code,
            )
        )
    work.audit("register.collisions", institution or "*", {"lines": len(rows)})
    return CollisionList(items=list(found.values()), complete=len(rows) <= MOST_COLLIDING)
