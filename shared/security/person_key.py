"""How officials and certificate holders meet without names or numbers leaving a service."""

from __future__ import annotations

import datetime as dt
import hashlib
import unicodedata
from dataclasses import dataclass
from typing import Literal

IdentityType = Literal["citizen_id", "cmnd9", "passport", "other"]


@dataclass(frozen=True, slots=True)
class PersonIdentity:
    """An identity number. ``country`` is ISO 3166-1 alpha-2; Vietnamese numbers are ``VN``."""

    type: IdentityType
    country: str
    number: str

    @classmethod
    def citizen(cls, number: str) -> PersonIdentity:
        return cls("citizen_id", "VN", number)

    def canonical(self) -> str:
        """Spelling under which the same number always gives the same key."""
        number = self.number
        if not number.isascii():
            number = unicodedata.normalize("NFKC", number)
        return f"{self.type}|{self.country.upper()}|{''.join(number.split()).upper()}"


class PersonKeys:
    """HMAC-SHA256 under the system key ``BAC_PERSON_KEY``; the same key in enrolment and
    certification, kept with every backup: without it rosters and certificates no longer meet."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 32:
            raise ValueError("BAC_PERSON_KEY must hold at least 32 bytes (64 hexadecimal digits)")
        # Both halves of RFC 2104 with the secret taken in: a roster asks for two keys a row, and a copy of
        # the hmac module's own object costs twice as much as all the rest of a key.
        block = secret if len(secret) <= 64 else hashlib.sha256(secret).digest()
        block = block.ljust(64, b"\x00")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def person_key(self, identity: PersonIdentity) -> str:
        return self._digest(identity.canonical()).hex()

    def birth_check(self, identity: PersonIdentity, birth_date: dt.date | str) -> str | None:
        """Null where only the year of birth is known: then nothing can be compared."""
        text = birth_date if isinstance(birth_date, str) else birth_date.isoformat()
        if len(text) != 10:
            return None
        return self._digest(f"birth|{identity.canonical()}|{text}").hex()

    def both(self, identity: PersonIdentity, birth_date: str) -> tuple[bytes, bytes | None]:
        """Person key and birth check as bytes."""
        number = identity.canonical()
        check = self._digest(f"birth|{number}|{birth_date}") if len(birth_date) == 10 else None
        return self._digest(number), check

    def _digest(self, text: str) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text.encode())
        outer.update(inner.digest())
        return outer.digest()
