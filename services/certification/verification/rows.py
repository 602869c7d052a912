"""What the register says of a certificate to the public."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple
from uuid import UUID

import msgspec

from services.certification.registry.serials import book_code


class Holder(NamedTuple):
    """``birth_date`` is empty where nobody is recorded."""

    full_name: str
    birth_date: dt.date | str


class PublicCertificate(NamedTuple):
    """A line of the register, with its institution, its result, and what befell it."""

    certificate_id: UUID
    serial: str
    register_number: str
    book_label: str | None
    framework: str
    level: int
    language: str
    issued_on: dt.date
    valid_until: dt.date | None
    institution_code: str
    institution_name: str | None
    book_kind: str
    book_year: int
    stored_holder: str | None
    full_name: str | None
    birth_date: dt.date | None
    held_on: dt.date | None
    supersedes: str | None
    annex_kinds: list[str]
    decided_on: dt.date | None
    superseded_by: str | None

    @property
    def register_book(self) -> str:
        return self.book_label or book_code(self.institution_code, self.book_kind, self.book_year)

    @property
    def holder(self) -> Holder:
        if self.full_name is not None and self.birth_date is not None:
            return Holder(self.full_name, self.birth_date)
        if self.stored_holder is None:
            return Holder("", "")
        stored = msgspec.json.decode(self.stored_holder)
        return Holder(stored["full_name"], stored["birth_date"])
