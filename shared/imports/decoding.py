"""One JSON row from bytes, with its faults put as issues with JSON pointers."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec

from shared.imports.issues import Issue, issue
from shared.imports.legacy_text import LegacyEncoding, from_legacy
from shared.imports.repeated_keys import repeated_key
from shared.imports.shape_faults import shape_faults
from shared.imports.validation import from_validation

T = TypeVar("T")


class RowError(Exception):
    """The row cannot be decoded; carries all that is wrong with it."""

    def __init__(self, *found: Issue) -> None:
        super().__init__(found[0].code)
        self.issues = found


def unstorable_character(value: Any, pointer: str = "") -> Issue | None:
    """The first NUL or lone surrogate in any text of the row: no database can keep them."""
    if isinstance(value, str):
        if "\x00" in value:
            return issue("control_character", pointer)
        if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
            return issue("invalid_character", pointer)
        return None
    parts: Any = ()
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list):
        parts = enumerate(value)
    for key, part in parts:
        found = unstorable_character(key, pointer) if isinstance(key, str) else None
        found = found or unstorable_character(part, f"{pointer}/{key}")
        if found is not None:
            return found
    return None


def _from_legacy_deep(value: Any, encoding: LegacyEncoding) -> Any:
    if isinstance(value, str):
        return from_legacy(value, encoding)
    if isinstance(value, list):
        return [_from_legacy_deep(part, encoding) for part in value]
    if isinstance(value, dict):
        return {key: _from_legacy_deep(part, encoding) for key, part in value.items()}
    return value


class RowDecoder(Generic[T]):
    """Decodes rows to ``shape``; every fault is a ``RowError``."""

    def __init__(self, shape: type[T], encoding: LegacyEncoding | None = None) -> None:
        self._shape = shape
        self._encoding = encoding
        self._typed = msgspec.json.Decoder(shape)
        self._plain = msgspec.json.Decoder()

    def decode(self, raw: bytes) -> T:
        try:
            # The typed reading comes first, because it says best where a fault lies.
            typed = self._typed.decode(raw) if self._encoding is None else None
            plain = self._plain.decode(raw)
            twice = repeated_key(raw, plain)
            if twice is not None:
                raise RowError(issue("key_repeated", twice))
            # Only an escape can bring a NUL in: a bare one is malformed JSON already.
            if b"\\u0000" in raw:
                found = unstorable_character(plain)
                if found is not None:
                    raise RowError(found)
            if self._encoding is None:
                assert typed is not None
                return typed
            return self.convert(_from_legacy_deep(plain, self._encoding))
        except msgspec.ValidationError as error:
            raise self._refused(self.loosely(raw), error) from error
        except UnicodeDecodeError as error:
            raise RowError(issue("row_not_utf8")) from error
        except (msgspec.DecodeError, RecursionError) as error:
            raise RowError(issue("row_malformed")) from error

    def loosely(self, raw: bytes) -> Any:
        """Whatever JSON the row is, of any shape; null if it is none."""
        try:
            return self._plain.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    def convert(self, value: Any) -> T:
        """The same for a row of a sheet, already in JSON's shape."""
        try:
            return msgspec.convert(value, self._shape)
        except msgspec.ValidationError as error:
            raise self._refused(value, error) from error

    def _refused(self, value: Any, error: msgspec.ValidationError) -> RowError:
        found = [] if value is None else shape_faults(value, self._shape)
        return RowError(*(found or [from_validation(error)]))
