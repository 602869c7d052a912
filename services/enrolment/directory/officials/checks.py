"""What can be wrong with a row in itself: one table for each kind of part, and every check runs once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Generic, TypeVar

from services.enrolment.directory.fields import (
    CODE,
    CODE_FORM,
    is_plausible_day,
    is_storable,
)
from services.enrolment.directory.officials.birth_dates import is_birth_date
from services.enrolment.directory.officials.rows import (
    SEXES,
    AbsencePart,
    AssignmentPart,
    AttributesPart,
    IdentityPart,
    OfficialRow,
)
from shared.imports.issues import Issue, issue
from shared.imports.person_names import fault_of_name, name_issue
from shared.imports.unseen import first_unseen
from shared.security.identity_numbers import (
    NumberFault,
    country_fault,
    folded_number,
    identity_from,
    is_citizen_number,
    number_fault,
)
from shared.security.masking import is_masked
from shared.security.person_key import PersonIdentity

MAX_ASSIGNMENTS: Final = 200
MAX_FORMER: Final = 20
_COUNTRY: Final = re.compile(r"[A-Za-z]{2}")

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Check(Generic[Part]):
    """``explains`` makes the issue where its text depends on what was found; else code, vi and en are it."""

    pointer: str
    passes: Callable[[Part], bool]
    code: str = ""
    vi: str = ""
    en: str = ""
    explains: Callable[[Part, str], Issue] | None = None


def failed(checks: Sequence[Check[Part]], part: Part, at: str = "") -> list[Issue]:
    """The issues of one part, whose pointer is ``at``. Of the checks of one field the first that fails speaks."""
    found: list[Issue] = []
    for check in checks:
        if check.passes(part):
            continue
        pointer = at + check.pointer
        if any(each.pointer == pointer for each in found):
            continue
        if check.explains is None:
            found.append(Issue(pointer, check.code, check.vi, check.en))
        else:
            found.append(check.explains(part, pointer))
    return found


def fits(text: str, longest: int) -> bool:
    if len(text) > longest or text.isspace() or not text:
        return False
    return is_storable(text) and (text.isascii() or first_unseen(text) is None)


@lru_cache(maxsize=1 << 13)
def is_title(text: str) -> bool:
    """Many officials have the same title."""
    return fits(text, 300)


def unfit(text: str, longest: int, pointer: str) -> Issue:
    """Why the text does not fit."""
    if not is_storable(text):
        return Issue(pointer, "control_character", "Có ký tự điều khiển.", "Control character.")
    if (unseen := first_unseen(text)) is not None:
        return issue("invisible_character", pointer, **unseen)
    return Issue(
        pointer, "text_length", f"Cần 1–{longest} ký tự.", f"Needs 1–{longest} characters."
    )


def is_code(text: str | None) -> bool:
    return text is None or CODE.fullmatch(text) is not None


def _days_in_order(part: AssignmentPart | AbsencePart) -> bool:
    return part.valid_to is None or part.valid_from <= part.valid_to


def _is_plausible(day: dt.date | None) -> bool:
    return day is None or is_plausible_day(day)


def _one_number(row: OfficialRow) -> bool:
    """A reader is shown a citizen number in both places, and may send it back in both."""
    return (
        row.citizen_id is None
        or row.identity is None
        or identity_of(row.identity) == PersonIdentity.citizen(row.citizen_id.strip())
    )


def _has_citizen_number(row: OfficialRow) -> bool:
    """A masked number has the length of a whole one."""
    if row.citizen_id is None or is_citizen_number(row.citizen_id):
        return True
    number = folded_number("citizen_id", row.citizen_id)
    return is_citizen_number(number) or (is_masked(number) and len(number) == 12)


def _citizen_number_fault(row: OfficialRow, pointer: str) -> Issue:
    number = folded_number("citizen_id", row.citizen_id or "")
    return _issue_of(number_fault(PersonIdentity.citizen(number)), pointer)


def _issue_of(fault: NumberFault | None, pointer: str) -> Issue:
    assert fault is not None, "the check that failed says what is wrong"
    return Issue(pointer, *fault)


def identity_of(part: IdentityPart) -> PersonIdentity:
    return identity_from(part.type, part.country, part.number)


def _is_country(part: IdentityPart) -> bool:
    return _COUNTRY.fullmatch(part.country) is not None


def _has_number(part: IdentityPart) -> bool:
    """Nothing is said of the number where the country is none: it may be of another kind then."""
    identity = identity_of(part)
    return not _is_country(part) or is_masked(identity.number) or number_fault(identity) is None


def _name_issue(row: OfficialRow, pointer: str) -> Issue:
    found = name_issue(row.full_name, pointer)
    assert found is not None, "the check that failed says what is wrong"
    return found


TOO_MANY: Final = ("too_many", "Quá nhiều phần tử.", "Too many items.")
OUT_OF_RANGE: Final = (
    "date_out_of_range",
    "Năm phải từ 1900 đến 2200.",
    "The year must lie between 1900 and 2200.",
)
DAYS_TURNED_ROUND: Final = (
    "valid_to_before_valid_from",
    "Ngày kết thúc trước ngày bắt đầu.",
    "The last day is before the first.",
)

OF_OFFICIAL: Final[Sequence[Check[OfficialRow]]] = (
    Check("/official_code", lambda row: is_code(row.official_code), "code_malformed", *CODE_FORM),
    Check(
        "/full_name",
        lambda row: fits(row.full_name, 200),
        explains=lambda row, at: unfit(row.full_name, 200, at),
    ),
    Check("/full_name", lambda row: fault_of_name(row.full_name) is None, explains=_name_issue),
    Check(
        "/record_code",
        lambda row: row.record_code is None or fits(row.record_code, 100),
        explains=lambda row, at: unfit(row.record_code or "", 100, at),
    ),
    Check(
        "/sex",
        lambda row: row.sex is None or row.sex.strip().lower() in SEXES,
        "not_in_list",
        "Cần male/nam hoặc female/nữ.",
        "Must be male or female.",
    ),
    Check(
        "/birth_date",
        lambda row: is_birth_date(row.birth_date),
        "birth_date_malformed",
        "Cần YYYY-MM-DD, hoặc chỉ năm YYYY với hồ sơ cũ; năm từ 1900.",
        "Must be YYYY-MM-DD, or YYYY for old records; 1900 or later.",
    ),
    Check(
        "/identity",
        _one_number,
        "two_identities",
        "Chỉ nêu citizen_id hoặc identity; số cũ để ở former_identities.",
        "Give citizen_id or identity; old numbers belong to former_identities.",
    ),
    Check("/citizen_id", _has_citizen_number, explains=_citizen_number_fault),
    Check(
        "/former_identities",
        lambda row: row.former_identities is None or len(row.former_identities) <= MAX_FORMER,
        *TOO_MANY,
    ),
    Check("/assignments", lambda row: len(row.assignments) <= MAX_ASSIGNMENTS, *TOO_MANY),
    Check(
        "/agency_code",
        lambda row: (
            row.agency_code is None
            or row.agency_code in {part.agency_code for part in row.assignments}
        ),
        "agency_code_derived",
        "Cơ quan suy ra từ vị trí chính; hãy sửa ở assignments.",
        "The body follows from the primary assignment; change it in the assignments.",
    ),
    Check(
        "/absences",
        lambda row: row.absences is None or len(row.absences) <= MAX_ASSIGNMENTS,
        *TOO_MANY,
    ),
)

OF_IDENTITY: Final[Sequence[Check[IdentityPart]]] = (
    Check(
        "/country",
        _is_country,
        "country_malformed",
        "Mã nước gồm hai chữ cái (ISO 3166-1).",
        "A country has two letters (ISO 3166-1).",
    ),
    Check(
        "/country",
        lambda part: country_fault(identity_of(part)) is None,
        explains=lambda part, at: _issue_of(country_fault(identity_of(part)), at),
    ),
    Check(
        "/number",
        _has_number,
        explains=lambda part, at: _issue_of(number_fault(identity_of(part)), at),
    ),
)

OF_ASSIGNMENT: Final[Sequence[Check[AssignmentPart]]] = (
    Check(
        "/position_title",
        lambda part: is_title(part.position_title),
        explains=lambda part, at: unfit(part.position_title, 300, at),
    ),
    Check("/agency_code", lambda part: is_code(part.agency_code), "code_malformed", *CODE_FORM),
    Check(
        "/job_position_code",
        lambda part: is_code(part.job_position_code),
        "code_malformed",
        *CODE_FORM,
    ),
    Check("/valid_from", lambda part: is_plausible_day(part.valid_from), *OUT_OF_RANGE),
    Check("/valid_to", lambda part: _is_plausible(part.valid_to), *OUT_OF_RANGE),
    Check("/valid_to", _days_in_order, *DAYS_TURNED_ROUND),
    Check(
        "/primary",
        lambda part: not (part.posting == "secondment" and part.primary),
        "secondment_is_not_primary",
        "Biệt phái không chuyển biên chế: vị trí biệt phái không thể là vị trí chính.",
        "A secondment never moves membership: it cannot be the primary assignment.",
    ),
    Check(
        "/requires_language_basis",
        lambda part: part.requires_language_basis is None or part.requires_language,
        "basis_without_requirement",
        "Chỉ nêu căn cứ khi vị trí yêu cầu ngoại ngữ.",
        "A basis is given only where the post requires a language.",
    ),
)

OF_ABSENCE: Final[Sequence[Check[AbsencePart]]] = (
    Check(
        "/kind",
        lambda part: fits(part.kind, 100),
        explains=lambda part, at: unfit(part.kind, 100, at),
    ),
    Check("/valid_from", lambda part: is_plausible_day(part.valid_from), *OUT_OF_RANGE),
    Check("/valid_to", lambda part: _is_plausible(part.valid_to), *OUT_OF_RANGE),
    Check("/valid_to", _days_in_order, *DAYS_TURNED_ROUND),
)

OF_ATTRIBUTES: Final[Sequence[Check[AttributesPart]]] = (
    Check(
        "/language_degree_awarded_on",
        lambda part: _is_plausible(part.language_degree_awarded_on),
        *OUT_OF_RANGE,
    ),
    Check(
        "/foreign_taught_degree_awarded_on",
        lambda part: _is_plausible(part.foreign_taught_degree_awarded_on),
        *OUT_OF_RANGE,
    ),
)


def faults_of(row: OfficialRow) -> list[Issue]:
    """All that is wrong with a row. The parts of a list that is too long are not looked at."""
    found = failed(OF_OFFICIAL, row)
    if row.identity is not None:
        found += failed(OF_IDENTITY, row.identity, "/identity")
    if len(row.assignments) <= MAX_ASSIGNMENTS:
        for n, assignment in enumerate(row.assignments):
            found += failed(OF_ASSIGNMENT, assignment, f"/assignments/{n}")
        found += _repeated(row.assignments)
    if row.former_identities and len(row.former_identities) <= MAX_FORMER:
        for n, former in enumerate(row.former_identities):
            found += failed(OF_IDENTITY, former, f"/former_identities/{n}")
    if row.absences and len(row.absences) <= MAX_ASSIGNMENTS:
        for n, absence in enumerate(row.absences):
            found += failed(OF_ABSENCE, absence, f"/absences/{n}")
    if row.attributes is not None:
        found += failed(OF_ATTRIBUTES, row.attributes, "/attributes")
    return found


def _repeated(parts: Sequence[AssignmentPart]) -> Iterator[Issue]:
    if len(parts) < 2:
        return
    first: dict[tuple[str, dt.date], int] = {}
    for n, part in enumerate(parts):
        if first.setdefault((part.agency_code, part.valid_from), n) != n:
            yield Issue(
                f"/assignments/{n}",
                "assignment_repeated",
                "Một người chỉ có một vị trí tại một cơ quan bắt đầu cùng ngày.",
                "An official has one assignment per body and first day.",
            )
