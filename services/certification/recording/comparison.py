"""When two sheets are the same."""

from __future__ import annotations

from services.certification.recording.rows import StoredResult
from services.certification.registry.rows import Certificate
from services.certification.registry.written_keys import folded, number_key
from services.certification.sheets.judging import SKILLS, Sheet


def differing_fields(sheet: Sheet, row: StoredResult, certificate: Certificate | None) -> list[str]:
    """Pointers at the fields in which a sheet differs from the recorded one. What the sheet leaves open (the day
    of issue) is not compared."""
    body, candidate = sheet.body, sheet.body.candidate
    compared: list[tuple[str, object, object]] = [
        ("/candidate/number", folded(row.candidate_number), folded(candidate.number)),
        (identity_pointer(sheet), row.person_key, sheet.person_key),
        ("/candidate/birth_date", row.birth_check, sheet.birth_check),
        ("/candidate/full_name", row.full_name, sheet.full_name),
        ("/candidate/attendance", row.attendance, candidate.attendance),
        ("/format", row.format, body.format),
        ("/language", row.language, body.language),
        *(
            (f"/scores/{skill}", known, given)
            for skill, known, given in zip(SKILLS, row.halves, sheet.judged.halves, strict=True)
        ),
    ]
    if row.person_key != sheet.person_key:
        # The check is made from identity and birth date: it says nothing of another person's.
        del compared[2]
    if certificate is not None:
        own = body.certificate
        stated = {
            "/issued_on": (certificate.issued_on, body.issued_on),
            "/certificate/serial": _typed(certificate.serial, None if own is None else own.serial),
            "/certificate/register_number": _numbers(
                certificate, None if own is None else own.register_number
            ),
            "/certificate/register_book": _typed(
                certificate.book_label, None if own is None else own.register_book
            ),
            "/certificate/decision_number": _typed(
                certificate.decision_number, None if own is None else own.decision_number
            ),
            "/certificate/decided_on": (certificate.decided_on, own and own.decided_on),
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


def _numbers(certificate: Certificate, given: str | None) -> tuple[str | None, str | None]:
    year = certificate.book_year
    known = number_key(certificate.register_number, year)
    return known, None if given is None else number_key(given, year)
