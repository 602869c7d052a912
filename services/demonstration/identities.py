"""Invented identity numbers that look valid: nobody's, as far as the last six digits can say it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from services.demonstration.names import Sex

FIRST_SERIAL = 900_000
"""The last six digits are random in real numbers; here they count from 900000, each given once."""


@dataclass(slots=True)
class IdentityNumbers:
    """Hands out numbers, no serial twice."""

    given: int = 0

    def citizen_id(self, province: str, born: dt.date, sex: Sex) -> str:
        """Twelve digits: province of birth (old list), century and sex, year of birth, serial."""
        if self.given >= 100_000:
            raise ValueError("the reserved range of serials is used up")
        century = 2 * (born.year // 100 - 19) + (sex == "female")
        number = f"0{province}{century}{born.year % 100:02d}{FIRST_SERIAL + self.given:06d}"
        self.given += 1
        return number

    def old_card(self, province: str) -> str:
        """Nine digits of an identity card (CMND) of before: 999 and a serial."""
        number = f"{province}99{self.given:05d}"
        self.given += 1
        return number
