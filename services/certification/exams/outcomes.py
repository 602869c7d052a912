"""What a sheet is answered with, what is announced of it, and when two sheets are the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Protocol
from uuid import UUID

from services.certification.exams.schemas import CertificatePart, ResultAnswer
from services.certification.exams.sheets import SKILLS, Sheet
from services.certification.registry.rows import EntryRow
from services.certification.registry.serials import FRAMEWORK_CERTIFICATE, book_code
from services.certification.registry.standing import status_of
from services.certification.registry.written_keys import folded, number_key
from shared.contracts.events import TYPE_OF, CertificateIssued, ResultRecorded

ISSUED: Final = TYPE_OF[CertificateIssued].name
RECORDED: Final = TYPE_OF[ResultRecorded].name


class Stored(Protocol):
    """A row as read, by names of columns."""

    def __getitem__(self, column: str, /) -> Any: ...


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
    """Of a line that has just been drafted or entered."""
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


def certificate_part(row: Stored) -> CertificatePart:
    """From a row of the register with its annex."""
    return CertificatePart(
        serial=row["serial"],
        register_number=row["register_number"],
        register_book=row["book_label"]
        or book_code(row["institution_code"], row["book_kind"], row["book_year"]),
        level=row["level"],
        issued_on=row["issued_on"],
        status=status_of(row["annex_kinds"]),
        late_entry=row["late_entry"],
    )


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


def differing_fields(sheet: Sheet, row: Stored, certificate: Stored | None) -> list[str]:
    """Pointers at the fields in which a sheet differs from the recorded one; none for an equal sheet. What the
    sheet leaves open (the day of issue) is not compared."""
    body, candidate = sheet.body, sheet.body.candidate
    compared: list[tuple[str, object, object]] = [
        ("/candidate/number", folded(row["candidate_number"]), folded(candidate.number)),
        (identity_pointer(sheet), row["person_key"], sheet.person_key),
        ("/candidate/birth_date", row["birth_check"], sheet.birth_check),
        ("/candidate/full_name", row["full_name"], sheet.full_name),
        ("/candidate/attendance", row["attendance"], candidate.attendance),
        ("/format", row["format"], body.format),
        ("/language", row["language"], body.language),
        *(
            (f"/scores/{skill}", row[skill], given)
            for skill, given in zip(SKILLS, sheet.judged.halves, strict=True)
        ),
    ]
    if row["person_key"] != sheet.person_key:
        # The check is made from identity and birth date: it says nothing of another person's.
        del compared[2]
    if certificate is not None:
        own = body.certificate
        stated = {
            "/issued_on": (certificate["issued_on"], body.issued_on),
            "/certificate/serial": _typed(
                certificate["serial"], None if own is None else own.serial
            ),
            "/certificate/register_number": _numbers(
                certificate, None if own is None else own.register_number
            ),
            "/certificate/register_book": _typed(
                certificate["book_label"], None if own is None else own.register_book
            ),
            "/certificate/decision_number": _typed(
                certificate["decision_number"], None if own is None else own.decision_number
            ),
            "/certificate/decided_on": (certificate["decided_on"], own and own.decided_on),
        }
        compared += [
            (pointer, known, given)
            for pointer, (known, given) in stated.items()
            if given is not None
        ]
    return [pointer for pointer, known, given in compared if known != given]


def identity_pointer(sheet: Sheet) -> str:
    stated = sheet.body.candidate.citizen_id is not None
    return "/candidate/citizen_id" if stated else "/candidate/identity"


def _typed(known: str | None, given: str | None) -> tuple[str | None, str | None]:
    """Keys that people type, as they are compared."""
    return None if known is None else folded(known), None if given is None else folded(given)


def _numbers(certificate: Stored, given: str | None) -> tuple[str | None, str | None]:
    year = certificate["book_year"]
    known = number_key(certificate["register_number"], year)
    return known, None if given is None else number_key(given, year)
