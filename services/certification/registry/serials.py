"""Serials (số hiệu) that the system gives, with a character that tells misspelt ones apart."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

import msgspec
import yaml

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUE: Final = {char: value for value, char in enumerate(_ALPHABET)}
_RESERVED: Final = re.compile(r".+\.\d{4}\.\d{6,}\.[0-9A-Z]", re.DOTALL)

FRAMEWORK_CERTIFICATE: Final = "KNLNN"


class BookKind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of register book; the formats are those of ``documents.yaml``."""

    kind: str
    title_vi: str
    title_en: str
    serial: str
    register_number: str

    def serial_of(self, institution: str, year: int, line: int) -> str:
        before, after = _around_check(self.serial)
        plain = before.format(institution=institution, year=year, line=line)
        rest = after and after.format(institution=institution, year=year, line=line)
        return f"{plain}{check_character(plain + rest)}{rest}"

    def number_of(self, line: int) -> str:
        return self.register_number.format(line=line)


@cache
def _around_check(form: str) -> tuple[str, str]:
    before, _, after = form.partition("{check}")
    return before, after


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    books: tuple[BookKind, ...]


def load_book_kinds(path: Path = Path(__file__).parent / "documents.yaml") -> dict[str, BookKind]:
    document = msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), _Document)
    return {book.kind: book for book in document.books}


def check_character(text: str) -> str:
    """ISO/IEC 7064 MOD 37,36 over the ASCII letters and digits of ``text``: finds every single wrong
    character and all but 0.16 % of exchanged neighbours. Other characters (dots, accents) do not count."""
    product = 36
    for char in text.upper():
        value = _VALUE.get(char)
        if value is None:
            continue
        product = (product + value) % 36 or 36
        product = product * 2 % 37
    return _ALPHABET[(37 - product) % 36]


def is_well_formed(serial: str) -> bool:
    """Whether a serial of the system's form carries the right character."""
    body, _, check = serial.rpartition(".")
    return is_reserved(serial) and check_character(body) == check


def spellings(typed: str) -> tuple[str, ...]:
    """The serials that somebody may mean who typed this, the likeliest first: as typed, without the spaces
    that a keyboard adds, in capitals."""
    tidy = " ".join(unicodedata.normalize("NFC", typed).split())
    closed = tidy.replace(" ", "")
    return tuple(dict.fromkeys((typed, tidy, tidy.upper(), closed, closed.upper())))


def is_misspelt(typed: str) -> bool:
    """Whether this has the system's form, but not the character that belongs to it."""
    last = spellings(typed)[-1]
    return is_reserved(last) and not is_well_formed(last)


def is_reserved(serial: str) -> bool:
    return _RESERVED.fullmatch(serial) is not None


def book_code(institution: str, kind: str, year: int) -> str:
    return f"{institution}/{kind}/{year}"
