"""Serials (số hiệu) that the system gives, with a character that tells misspelt ones apart."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from services.certification.registry.written_keys import folded
from shared.documents import parse

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUE: Final = {char: value for value, char in enumerate(_ALPHABET)}
_CHECKS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Check characters that nobody takes for another."""
_LOOK_ALIKE: Final = {"O": "0", "Q": "0", "I": "1", "L": "1"}
_CLASSES: Final = [char for char in _ALPHABET if char not in _LOOK_ALIKE]
_CLASS: Final = {char: _CLASSES.index(_LOOK_ALIKE.get(char, char)) for char in _ALPHABET}
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
    document = parse(path.read_text(encoding="utf-8"), _Document)
    return {book.kind: book for book in document.books}


def check_character(text: str) -> str:
    """By the method of ISO/IEC 7064 MOD 37,36 with 32 in place of 36, over the ASCII letters and digits of
    ``text``; never O, I, 0 or 1. O and Q count as 0, I and L as 1. Finds every other single wrong character
    and all but 0.22 % of exchanged neighbours. Other characters (dots, accents) do not count."""
    return _CHECKS[_check_value(text, _CLASS, len(_CHECKS))]


def earlier_check_character(text: str) -> str:
    """ISO/IEC 7064 MOD 37,36, by which serials were made at first; they keep it."""
    return _ALPHABET[_check_value(text, _VALUE, len(_ALPHABET))]


def _check_value(text: str, values: dict[str, int], modulus: int) -> int:
    product = modulus
    for char in text.upper():
        value = values.get(char)
        if value is None:
            continue
        product = (product + value) % modulus or modulus
        product = product * 2 % (modulus + 1)
    return (modulus + 1 - product) % modulus


def is_well_formed(serial: str) -> bool:
    """Whether a serial of the system's form carries the right character, of today or of earlier serials."""
    body, _, check = _plain(serial).rpartition(".")
    return is_reserved(serial) and check in (
        check_character(body),
        earlier_check_character(body),
    )


def is_misspelt(typed: str) -> bool:
    """Whether this has the system's form, but not the character that belongs to it."""
    return is_reserved(typed) and not is_well_formed(typed)


def is_reserved(serial: str) -> bool:
    """Whether this is, as serials are compared, one of the system's form."""
    return _RESERVED.fullmatch(_plain(serial)) is not None


def _plain(serial: str) -> str:
    return folded(serial).upper()


def book_code(institution: str, kind: str, year: int) -> str:
    return f"{institution}/{kind}/{year}"
