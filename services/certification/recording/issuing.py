"""What the line of a certificate in its register book says."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec

from services.certification.registry.did_you_mean import search_form
from services.certification.registry.rows import BookKey, EntryRow, Numbering
from services.certification.registry.serials import FRAMEWORK_CERTIFICATE, BookKind
from services.certification.registry.written_keys import folded, number_key
from services.certification.sheets.schemas import OwnCertificate


def numbering_of(own: OwnCertificate | None) -> Numbering:
    """Who numbers the book: an institution that does gives its own serial with every certificate."""
    return "bac" if own is None or own.serial is None else "institution"


class IssueOrder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A certificate that is to be entered in its book."""

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
    decision_number: str | None
    decided_on: dt.date | None
    recorded_at: dt.datetime

    @property
    def book_key(self) -> BookKey:
        return BookKey(self.institution_code, FRAMEWORK_CERTIFICATE, self.issued_on.year)


def entry_of(
    order: IssueOrder, kind: BookKind, book_id: int, line: int, above: dt.date | None
) -> EntryRow:
    """``above`` is the day of issue of the line before: a certificate of an earlier day is a late entry
    (vào sổ muộn)."""
    own, year = order.own, order.issued_on.year
    if own is not None and own.serial is not None and own.register_number is not None:
        serial, number, is_own = own.serial, own.register_number, True
    else:
        serial = kind.serial_of(order.institution_code, year, line)
        number, is_own = kind.number_of(line), False
    return EntryRow(
        certificate_id=order.certificate_id,
        book_id=book_id,
        line=line,
        register_number=number,
        number_key=number_key(number, year) if is_own else None,
        serial=serial,
        serial_key=folded(serial),
        search_form=search_form(serial) if is_own else None,
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
