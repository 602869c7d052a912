"""A sheet on its way to be a result."""

from __future__ import annotations

import datetime as dt

from services.certification.recording.answers import Recorded
from services.certification.recording.issuing import (
    IssueOrder,
    numbering_of,
)
from services.certification.recording.rows import (
    ResultRow,
    SessionKey,
    SessionRow,
)
from services.certification.registry.rows import BookKey
from services.certification.registry.serials import FRAMEWORK_CERTIFICATE
from services.certification.registry.written_keys import folded
from services.certification.sheets.judging import Sheet
from shared.contracts.problem import Problem
from shared.persistence.keys import uuid7


class PendingResult:
    """``session`` and ``outcome`` are not known at first. The certificate that it earns has the same id as its
    result."""

    __slots__ = (
        "book_key",
        "number_key",
        "numbering",
        "outcome",
        "result_id",
        "session",
        "session_key",
        "sheet",
    )

    def __init__(self, sheet: Sheet) -> None:
        body = sheet.body
        self.sheet = sheet
        self.result_id = uuid7()
        self.number_key = folded(body.candidate.number)
        self.session_key = SessionKey(body.institution_code, body.exam_session.code)
        self.book_key = BookKey(body.institution_code, FRAMEWORK_CERTIFICATE, sheet.issued_on.year)
        self.numbering = numbering_of(body.certificate)
        self.session: SessionRow | None = None
        self.outcome: Recorded | Problem | None = None

    @property
    def issued_on_posting(self) -> bool:
        return self.session is not None and self.session.issuance == "on_posting"

    def result_row(self, now: dt.datetime) -> ResultRow:
        assert self.session is not None
        sheet, judged = self.sheet, self.sheet.judged
        candidate = sheet.body.candidate
        listening, reading, writing, speaking = judged.halves
        return ResultRow(
            result_id=self.result_id,
            session_id=self.session.session_id,
            number_key=self.number_key,
            candidate_number=candidate.number,
            person_key=sheet.person_key,
            birth_check=sheet.birth_check,
            identity_type=sheet.identity.type,
            identity_country=sheet.identity.country,
            identity_number=sheet.identity.number,
            full_name=sheet.full_name,
            birth_date=candidate.birth_date,
            attendance=candidate.attendance,
            format=sheet.body.format,
            language=sheet.body.language,
            listening=listening,
            reading=reading,
            writing=writing,
            speaking=speaking,
            overall=judged.overall,
            level=judged.level,
            rule=sheet.rule.id,
            recorded_at=now,
        )

    def order(self, now: dt.datetime) -> IssueOrder:
        """What the register is asked to enter: the certificate that the sheet earns."""
        sheet, body, own = self.sheet, self.sheet.body, self.sheet.body.certificate
        assert sheet.judged.level is not None
        return IssueOrder(
            institution_code=body.institution_code,
            issued_on=sheet.issued_on,
            own=own,
            certificate_id=self.result_id,
            result_id=self.result_id,
            result_version=1,
            framework=sheet.framework.code,
            level=sheet.judged.level,
            language=body.language,
            supersedes=None,
            decision_number=None if own is None else own.decision_number,
            decided_on=None if own is None else own.decided_on,
            recorded_at=now,
        )
