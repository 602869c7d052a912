"""What a sheet is answered with."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.certification.registry.rows import Certificate, EntryRow
from services.certification.registry.serials import FRAMEWORK_CERTIFICATE, book_code
from services.certification.registry.status import status_of
from services.certification.sheets.judging import (
    Sheet,
)
from services.certification.sheets.schemas import (
    CertificatePart,
    ResultAnswer,
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """``created`` is false for a sheet that was recorded before."""

    answer: ResultAnswer
    created: bool


def answer_of(sheet: Sheet, result_id: UUID, part: CertificatePart | None) -> ResultAnswer:
    return ResultAnswer(
        result_id=result_id,
        overall=points(sheet.judged.overall),
        level=sheet.judged.level,
        basis=sheet.basis,
        certificate=part,
    )


def points(halves: int | None) -> float | None:
    return None if halves is None else halves / 2


def overall_text(overall: int | None) -> str | None:
    return None if overall is None else f"{overall // 2}.{5 * (overall % 2)}"


def new_certificate(entry: EntryRow, institution_code: str) -> CertificatePart:
    """The certificate of a line that has just been drafted or entered."""
    return CertificatePart(
        serial=entry.serial,
        register_number=entry.register_number,
        register_book=entry.book_label
        or book_code(institution_code, FRAMEWORK_CERTIFICATE, entry.issued_on.year),
        level=entry.level,
        issued_on=entry.issued_on,
        status="valid",
        late_entry=entry.late_entry,
    )


def certificate_part(row: Certificate) -> CertificatePart:
    """The certificate of a line that is in the register."""
    return CertificatePart(
        serial=row.serial,
        register_number=row.register_number,
        register_book=row.register_book,
        level=row.level,
        issued_on=row.issued_on,
        status=status_of(row.annex_kinds),
        late_entry=row.late_entry,
    )
