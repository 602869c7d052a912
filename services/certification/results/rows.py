"""Rows of later versions, as the database takes them."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple
from uuid import UUID

from services.certification.results.schemas import VersionReason
from services.certification.sheets.judging import Halves


class StoredVersion(NamedTuple):
    """A row of ``result_version``: version 2 or higher."""

    result_id: UUID
    version: int
    reason: VersionReason
    decision_number: str
    decided_on: dt.date
    attendance: str
    listening: int | None
    reading: int | None
    writing: int | None
    speaking: int | None
    overall: int | None
    level: int | None
    rule: str
    certificate_id: UUID | None
    recorded_at: dt.datetime

    @property
    def halves(self) -> Halves:
        return self.listening, self.reading, self.writing, self.speaking
