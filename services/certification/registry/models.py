"""Tables of the register of certificates."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy import Identity as SqlIdentity
from sqlalchemy import text as sql
from sqlmodel import Column, Field, Integer

from services.certification.metadata import (
    Table,
    instant,
    small,
    text,
)


class RegisterBook(Table, table=True):
    """Institution × kind × year of issue; its row is the counter that makes lines gapless."""

    __tablename__ = "register_book"
    __table_args__ = (
        CheckConstraint("numbering IN ('bac', 'institution')", name="register_book_numbering"),
        UniqueConstraint("institution_code", "kind", "year", name="register_book_key"),
    )

    book_id: int = Field(sa_column=Column(Integer, SqlIdentity(always=True), primary_key=True))
    institution_code: str = text()
    kind: str = text()
    year: int = small()
    numbering: str = text()
    last_line: int
    last_issued_on: dt.date | None
    previous_issued_on: dt.date | None


class RegisterEntry(Table, table=True):
    """One line of a book: one certificate. Never changed; what befalls it stands in the annex. Lines are
    compared by their keys; a rank above 0 is that of a line that collides with an older one and stays."""

    __tablename__ = "register_entry"
    __table_args__ = (
        UniqueConstraint("book_id", "line", name="register_entry_line"),
        UniqueConstraint("serial_key", "serial_rank", name="register_entry_serial"),
        Index(
            "register_entry_own_number",
            "book_id",
            "number_key",
            "number_rank",
            unique=True,
            postgresql_where=sql("own_number"),
        ),
        Index(
            "register_entry_search",
            "search_form",
            postgresql_where=sql("search_form IS NOT NULL"),
        ),
    )

    certificate_id: UUID = Field(primary_key=True)
    book_id: int
    line: int
    register_number: str = text()
    serial: str = text()
    book_label: str | None = text(nullable=True)
    own_number: bool
    late_entry: bool
    result_id: UUID | None
    result_version: int | None = small(nullable=True)
    framework: str = text()
    level: int = small()
    language: str = text()
    issued_on: dt.date
    valid_until: dt.date | None
    counts_from: dt.date | None
    supersedes: UUID | None
    decision_number: str | None = text(nullable=True)
    decided_on: dt.date | None
    holder: str | None = text(nullable=True)
    recorded_at: dt.datetime = instant()
    serial_key: str = text()
    serial_rank: int = Field(sa_column_kwargs={"server_default": "0"})
    number_key: str | None = text(nullable=True)
    search_form: str | None = text(nullable=True)
    number_rank: int = Field(sa_column_kwargs={"server_default": "0"})


class RegisterAnnex(Table, table=True):
    """Annex of the register (phụ lục sổ gốc)."""

    __tablename__ = "register_annex"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('revocation', 'annulment', 'supersession', 'correction', 'reissue',"
            " 'suspension', 'suspension_lifted')",
            name="register_annex_kind",
        ),
    )

    certificate_id: UUID = Field(
        foreign_key="certification.register_entry.certificate_id", primary_key=True
    )
    seq: int = Field(primary_key=True)
    kind: str = text()
    decision_number: str = text()
    decided_on: dt.date
    reason_code: str | None = text(nullable=True)
    successor: UUID | None
    detail: str | None = text(nullable=True)
    recorded_at: dt.datetime = instant()


TABLES = (RegisterBook, RegisterEntry, RegisterAnnex)
