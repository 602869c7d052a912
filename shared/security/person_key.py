"""How officials and certificate holders meet without names or numbers leaving a service."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
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
        number = unicodedata.normalize("NFKC", self.number)
        return f"{self.type}|{self.country.upper()}|{''.join(number.split()).upper()}"


class PersonKeys:
    """HMAC-SHA256 under the system key ``BAC_PERSON_KEY`` (DESIGN §3); the same key in enrolment and
    certification, kept with every backup: without it rosters and certificates no longer meet."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 32:
            raise ValueError("BAC_PERSON_KEY must hold at least 32 bytes (64 hexadecimal digits)")
        self._keyed = hmac.new(secret, digestmod=hashlib.sha256)

    def person_key(self, identity: PersonIdentity) -> str:
        return self._hex("person", identity.canonical())

    def birth_check(self, identity: PersonIdentity, birth_date: dt.date | str) -> str | None:
        """Null where only the year of birth is known: then nothing can be compared."""
        text = birth_date if isinstance(birth_date, str) else birth_date.isoformat()
        if len(text) != 10:
            return None
        return self._hex("birth", f"{identity.canonical()}|{text}")

    def _hex(self, purpose: str, text: str) -> str:
        mac = self._keyed.copy()
        mac.update(text.encode() if purpose == "person" else f"{purpose}|{text}".encode())
        return mac.hexdigest()
