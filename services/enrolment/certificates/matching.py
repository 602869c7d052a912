"""When a certificate is an official's: the identity is the same and birth dates do not contradict."""

from __future__ import annotations

import datetime as dt
from typing import Literal, NamedTuple

import msgspec

from shared.contracts.events import CertificateStanding, RevocationEffect

Kind = Literal["certificate", "evidence"]
Cause = Literal["revoked", "superseded", "withdrawn", "identity_mismatch"]


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate or accepted evidence as certification's feed told of it."""

    reference: str
    kind: Kind
    version: int
    person_key: bytes
    birth_check: bytes | None
    language: str
    level: int | None
    specialised: bool
    issued_on: dt.date
    counts_from: dt.date
    valid_until: dt.date | None
    ended_on: dt.date | None = None
    ended_effect: RevocationEffect | None = None
    ended_cause: Cause | None = None
    attached_to: str | None = None
    mismatched_with: str | None = None

    @property
    def ended(self) -> bool:
        return self.ended_on is not None

    def summary(self) -> CertificateStanding:
        return CertificateStanding(
            reference=self.reference,
            kind=self.kind,
            language=self.language,
            level=self.level,
            specialised=self.specialised,
            issued_on=self.issued_on,
            valid_until=self.valid_until,
        )


class Ending(msgspec.Struct, frozen=True):
    """When and why a certificate or evidence ended: from that day, or void from its issue."""

    reference: str
    ended_on: dt.date
    effect: RevocationEffect
    cause: Cause


class OwnedCertificate(NamedTuple):
    """With the owner of its identity today, and that identity's birth check."""

    certificate: Certificate
    owner: str | None
    owner_check: bytes | None


def agrees(certificate: bytes | None, roster: bytes | None) -> bool:
    """Birth checks are compared only where both sides know the whole birth date."""
    return certificate is None or roster is None or certificate == roster
