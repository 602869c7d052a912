"""How often a name or a birth date may be given that is not the holder's.

A birth date is one of some twenty thousand, and serials can be computed: without a budget a program finds
the date. The budget is one of the certificate, whoever asks, and one of the client address, whatever it asks
about. It lies in the database, so that several processes and a restart count alike. What the certificate is
worth is no part of it: nobody can hide that by guessing.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GuessBudget:
    """Wrong guesses a day."""

    of_certificate: int
    of_address: int

    @classmethod
    def read(cls, text: str) -> GuessBudget:
        """``"10/100"``. Raises :class:`ValueError`."""
        certificate, slash, address = text.partition("/")
        if not (slash and certificate.strip().isdigit() and address.strip().isdigit()):
            raise ValueError(
                "BAC_VERIFY_GUESSES must be like 10/100: of a certificate / of an address"
            )
        return cls(int(certificate), int(address))
