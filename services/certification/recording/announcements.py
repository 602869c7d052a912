"""What is announced of a sheet: the certificate it earned, else its result."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from services.certification.recording.answers import overall_text
from services.certification.registry.rows import EntryRow
from services.certification.sheets.judging import Sheet
from services.certification.sheets.schemas import CertificatePart
from shared.contracts.events import TYPE_OF, CertificateIssued, ResultRecorded

ISSUED: Final = TYPE_OF[CertificateIssued].name
RECORDED: Final = TYPE_OF[ResultRecorded].name


def event_of(
    sheet: Sheet,
    session_code: str,
    result_id: UUID,
    entry: EntryRow | None,
    part: CertificatePart | None,
) -> CertificateIssued | ResultRecorded:
    """A certificate is announced as such; a sheet that earned none as a result. ``session_code`` is the
    session's own, however the sheet writes it."""
    body = sheet.body
    if entry is not None and part is not None:
        return CertificateIssued(
            version=1,
            certificate_id=entry.certificate_id,
            serial=entry.serial,
            register_number=entry.register_number,
            register_book=part.register_book,
            institution_code=body.institution_code,
            result_id=result_id,
            exam_session=session_code,
            held_on=body.exam_session.held_on,
            format=body.format,
            person_key=sheet.person_key.hex(),
            birth_check=sheet.birth_check.hex(),
            framework=entry.framework,
            level=entry.level,
            language=entry.language,
            issued_on=entry.issued_on,
            valid_until=None,
            rule=sheet.rule.id,
        )
    return ResultRecorded(
        version=1,
        result_id=result_id,
        institution_code=body.institution_code,
        exam_session=session_code,
        held_on=body.exam_session.held_on,
        format=body.format,
        language=body.language,
        person_key=sheet.person_key.hex(),
        attendance=body.candidate.attendance,
        overall=overall_text(sheet.judged.overall),
        rule=sheet.rule.id,
    )
