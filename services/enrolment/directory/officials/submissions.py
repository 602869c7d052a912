"""One official as submitted, by PUT or as a row of a roster, and what can be wrong in itself."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, Literal
from uuid import UUID

import msgspec

from services.enrolment.directory.fields import (
    CODE,
    CODE_FORM,
    clean,
    is_plausible_day,
    is_storable,
)
from services.enrolment.directory.officials.citizen_numbers import doubts
from services.enrolment.directory.officials.hidden_numbers import (
    HiddenNumber,
    HiddenNumbers,
    KeyedIdentity,
)
from services.enrolment.directory.officials.posts import GivenPost, overlapping_primaries
from services.enrolment.directory.officials.schemas import IdentityReason
from shared.contracts.events import (
    Absence,
    LanguageBasis,
    Leadership,
    OfficialAttributes,
    OfficialStatus,
    Posting,
)
from shared.imports.issues import Issue, issue
from shared.imports.person_names import fault_of_name, name_issue
from shared.imports.unseen import first_unseen
from shared.security.identity_numbers import (
    country_fault,
    folded_number,
    identity_from,
    is_citizen_number,
    number_fault,
)
from shared.security.masking import is_masked
from shared.security.person_key import IdentityType, PersonIdentity, PersonKeys

Sex = Literal["male", "female"]
SEXES: Final = {
    "male": "male", "nam": "male", "m": "male",
    "female": "female", "nữ": "female", "nu": "female", "f": "female",
}  # fmt: skip
_BIRTH_DATE: Final = re.compile(r"\d{4}(?:-\d{2}-\d{2})?")
_COUNTRY: Final = re.compile(r"[A-Za-z]{2}")

MAX_ASSIGNMENTS: Final = 200
YOUNGEST: Final = 15
"""Years. The lowest age of any employment (Bộ luật Lao động 45/2019/QH14, Điều 3)."""
OLDEST: Final = 120
"""Years. Beyond it a birth date is a slip of the pen."""


# Rows hold no cycles: without `gc=False` a long import spends its time in collections that find nothing.
class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    pass


class IdentityPart(_Part, frozen=True, kw_only=True):
    type: IdentityType
    country: str = "VN"
    number: str


class PostAttributesPart(_Part, frozen=True, kw_only=True):
    language_teacher: bool | None = None
    foreign_affairs: bool | None = None
    language_qualified_post: bool | None = None


class AssignmentPart(_Part, frozen=True, kw_only=True):
    agency_code: str
    status: OfficialStatus
    position_title: str
    leadership: Leadership | None = None
    requires_language: bool = False
    requires_language_basis: LanguageBasis | None = None
    job_position_code: str | None = None
    posting: Posting = "regular"
    primary: bool | None = None
    """Null: a regular posting is primary, others are not."""
    valid_from: dt.date
    valid_to: dt.date | None = None
    attributes: PostAttributesPart | None = None
    assignment_id: UUID | None = None
    """Of an assignment sent back as it was read: never another's."""


class AbsencePart(_Part, frozen=True, kw_only=True):
    kind: str
    valid_from: dt.date
    valid_to: dt.date | None = None


class AttributesPart(_Part, frozen=True, kw_only=True):
    language_teacher: bool | None = None
    foreign_affairs: bool | None = None
    language_qualified_post: bool | None = None
    language_degree: bool | None = None
    language_degree_awarded_on: dt.date | None = None
    foreign_taught_degree: bool | None = None
    foreign_taught_degree_awarded_on: dt.date | None = None
    central_vertical: bool | None = None


class OfficialRow(_Part, frozen=True, kw_only=True):
    """An import row: the PUT body and its own key. Null and absent mean the same.

    ``identity`` or ``citizen_id`` may be left out where the official is known and in scope;
    ``former_identities``, ``attributes`` and ``absences`` left out keep what is known, given they
    replace it.
    """

    official_code: str
    citizen_id: str | None = None
    identity: IdentityPart | None = None
    former_identities: tuple[IdentityPart, ...] | None = None
    identity_reason: IdentityReason | None = None
    record_code: str | None = None
    full_name: str
    birth_date: str
    sex: str | None = None
    assignments: tuple[AssignmentPart, ...] = ()
    absences: tuple[AbsencePart, ...] | None = None
    attributes: AttributesPart | None = None
    version: int | None = None
    """As it was read; says nothing here."""
    agency_code: str | None = None
    """As it was read: a body of one of the assignments."""


class Submission(msgspec.Struct):
    """A row made ready: cleaned, checked in itself, keyed. With ``problems`` the rest means nothing."""

    official_code: str
    number: int = 0
    """Place of the row in its file, from 1."""
    problems: list[Issue] = []
    warnings: list[Issue] = []
    identity: KeyedIdentity | None = None
    former: tuple[KeyedIdentity, ...] | None = None
    identity_reason: IdentityReason | None = None
    record_code: str | None = None
    full_name: str = ""
    birth_date: str = ""
    sex: str | None = None
    attributes: OfficialAttributes | None = None
    absences: tuple[Absence, ...] | None = None
    posts: tuple[GivenPost, ...] = ()
    identity_at: str = "/citizen_id"
    """Pointer to the number."""
    hidden: HiddenNumbers | None = None
    """Numbers that only the official's own record can tell; ``identity``, ``former`` lack them."""
    ids: dict[int, UUID] = {}
    """Of those of ``posts``, by place, that were sent back as read."""

    def contradicts(self, other: Submission) -> bool:
        """Whether two rows say different things about one person; what one leaves out is no
        contradiction."""
        return any(
            mine is not None and theirs is not None and mine != theirs
            for mine, theirs in zip(self._person(), other._person(), strict=True)
        )

    def _person(self) -> tuple[object, ...]:
        return (
            self.identity and self.identity.key,
            self.former,
            self.hidden,
            self.record_code,
            self.full_name,
            self.birth_date,
            self.sex,
            self.attributes,
            self.absences,
        )


def submission(row: OfficialRow, keys: PersonKeys, number: int = 0) -> Submission:
    made = Submission(row.official_code, number)
    made.problems = _problems(row)
    if made.problems:
        return made
    made.full_name = clean(row.full_name)
    made.record_code = clean(row.record_code) if row.record_code else None
    made.birth_date = row.birth_date
    made.sex = SEXES[row.sex.strip().lower()] if row.sex else None
    if row.citizen_id is None:
        made.identity_at = "/identity/number"
    made.identity_reason = row.identity_reason
    identity = _identity(row)
    hidden = None
    if identity is not None:
        if is_masked(identity.number):
            hidden = HiddenNumber(identity.type, identity.country, identity.number)
        else:
            made.identity = _keyed(identity, row.birth_date, keys)
        if identity.type == "citizen_id" and is_citizen_number(identity.number):
            made.warnings += doubts(identity.number, row.birth_date, made.sex, made.identity_at)
    if row.former_identities is not None or hidden is not None:
        _former(made, hidden, row, keys)
    if row.absences is not None:
        made.absences = tuple(
            Absence(kind=clean(each.kind), valid_from=each.valid_from, valid_to=each.valid_to)
            for each in row.absences
        )
    if row.attributes is not None:
        made.attributes = _attributes(row.attributes)
    made.posts = tuple(_post(part) for part in row.assignments)
    made.warnings += _begun_too_young(row.birth_date, made.posts)
    for n, part in enumerate(row.assignments):
        if part.assignment_id is not None:
            made.ids = {**made.ids, n: part.assignment_id}
    for first, second in overlapping_primaries(made.posts):
        made.problems += [two_primaries(f"/assignments/{n}/primary") for n in (first, second)]
    return made


def two_primaries(pointer: str = "/assignments/0/primary") -> Issue:
    return Issue(
        pointer,
        "two_primaries",
        "Hai vị trí chính trong cùng một ngày; hãy sửa thời gian hoặc bỏ dấu vị trí chính.",
        "Two primary assignments on one day; correct the days or unmark one.",
    )


def _former(
    made: Submission, hidden: HiddenNumber | None, row: OfficialRow, keys: PersonKeys
) -> None:
    given: tuple[KeyedIdentity | HiddenNumber, ...] | None = None
    if row.former_identities is not None:
        given = tuple(
            HiddenNumber(each.type, each.country, each.number)
            if is_masked(each.number)
            else _keyed(each, row.birth_date, keys)
            for each in map(_person_identity, row.former_identities)
        )
        whole = tuple(each for each in given if isinstance(each, KeyedIdentity))
        if len(whole) == len(given):
            made.former, given = whole, None
    if hidden is not None or given is not None:
        made.hidden = HiddenNumbers(hidden, given)


def _identity(row: OfficialRow) -> PersonIdentity | None:
    if row.citizen_id is not None:
        return PersonIdentity.citizen(folded_number("citizen_id", row.citizen_id))
    return _person_identity(row.identity) if row.identity is not None else None


def _person_identity(part: IdentityPart) -> PersonIdentity:
    return identity_from(part.type, part.country, part.number)


def _keyed(identity: PersonIdentity, birth_date: str, keys: PersonKeys) -> KeyedIdentity:
    return KeyedIdentity(identity, *keys.both(identity, birth_date))


@lru_cache(maxsize=1024)
def _attributes(part: AttributesPart) -> OfficialAttributes:
    return OfficialAttributes(
        language_teacher=bool(part.language_teacher),
        foreign_affairs=bool(part.foreign_affairs),
        language_qualified_post=bool(part.language_qualified_post),
        language_degree=bool(part.language_degree),
        language_degree_awarded_on=part.language_degree_awarded_on,
        foreign_taught_degree=bool(part.foreign_taught_degree),
        foreign_taught_degree_awarded_on=part.foreign_taught_degree_awarded_on,
        central_vertical=bool(part.central_vertical),
    )


def _post(part: AssignmentPart) -> GivenPost:
    attributes = part.attributes
    return GivenPost(
        agency_code=part.agency_code,
        valid_from=part.valid_from,
        given_to=part.valid_to,
        status=part.status,
        position_title=clean(part.position_title),
        leadership=part.leadership,
        requires_language=part.requires_language,
        requires_language_basis=part.requires_language_basis,
        job_position_code=part.job_position_code,
        posting=part.posting,
        primary=part.posting == "regular" if part.primary is None else part.primary,
        language_teacher=attributes.language_teacher if attributes else None,
        foreign_affairs=attributes.foreign_affairs if attributes else None,
        language_qualified_post=attributes.language_qualified_post if attributes else None,
    )


def _wrong(pointer: str, code: str, vi: str, en: str) -> Issue:
    return Issue(pointer, code, vi, en)


def _problems(row: OfficialRow) -> list[Issue]:
    """Nearly all rows are right, and nearly all of these are plain: they pass without a list of checks."""
    return [] if _plainly_right(row) else list(_checked(row))


def _plainly_right(row: OfficialRow) -> bool:
    """Whether a row with a citizen number and at most one assignment has no fault; false says nothing."""
    if (
        row.citizen_id is None
        or row.identity is not None
        or row.former_identities is not None
        or row.agency_code is not None
        or row.absences
        or len(row.assignments) > 1
    ):
        return False
    attributes = row.attributes
    return (
        CODE.match(row.official_code) is not None
        and _fits(row.full_name, 200)
        and fault_of_name(row.full_name) is None
        and (row.record_code is None or _fits(row.record_code, 100))
        and (row.sex is None or row.sex in SEXES)
        and is_birth_date(row.birth_date)
        and is_citizen_number(row.citizen_id)
        and (
            attributes is None
            or (
                attributes.language_degree_awarded_on is None
                and attributes.foreign_taught_degree_awarded_on is None
            )
        )
        and (not row.assignments or _is_right(row.assignments[0]))
    )


def _is_right(part: AssignmentPart) -> bool:
    return (
        _fits(part.position_title, 300)
        and CODE.match(part.agency_code) is not None
        and (part.job_position_code is None or CODE.match(part.job_position_code) is not None)
        and is_plausible_day(part.valid_from)
        and (
            part.valid_to is None
            or (part.valid_from <= part.valid_to and is_plausible_day(part.valid_to))
        )
        and not (part.posting == "secondment" and part.primary)
        and (part.requires_language_basis is None or part.requires_language)
    )


def _fits(text: str, longest: int) -> bool:
    return len(text) <= longest and text.isprintable() and not text.isspace() and text != ""


def _checked(row: OfficialRow) -> Iterator[Issue]:
    if not CODE.match(row.official_code):
        yield _wrong(
            "/official_code",
            "code_malformed",
            *CODE_FORM,
        )
    name_faults = list(_text("/full_name", row.full_name, 200))
    yield from name_faults
    if not name_faults and (wrong := name_issue(row.full_name, "/full_name")) is not None:
        yield wrong
    if row.record_code is not None:
        yield from _text("/record_code", row.record_code, 100)
    if row.sex is not None and row.sex.strip().lower() not in SEXES:
        yield _wrong(
            "/sex", "not_in_list", "Cần male/nam hoặc female/nữ.", "Must be male or female."
        )
    if not is_birth_date(row.birth_date):
        yield _wrong(
            "/birth_date",
            "birth_date_malformed",
            "Cần YYYY-MM-DD, hoặc chỉ năm YYYY với hồ sơ cũ; năm từ 1900.",
            "Must be YYYY-MM-DD, or YYYY for old records; 1900 or later.",
        )
    if row.identity is not None and not _one_number(row.citizen_id, row.identity):
        yield _wrong(
            "/identity",
            "two_identities",
            "Chỉ nêu citizen_id hoặc identity; số cũ để ở former_identities.",
            "Give citizen_id or identity; old numbers belong to former_identities.",
        )
    if row.citizen_id is not None:
        identity = PersonIdentity.citizen(folded_number("citizen_id", row.citizen_id))
        hidden = is_masked(identity.number) and len(identity.number) == 12
        if not hidden and (fault := number_fault(identity)) is not None:
            yield _wrong("/citizen_id", *fault)
    for pointer, part in (
        *((("/identity", row.identity),) if row.identity else ()),
        *((f"/former_identities/{n}", p) for n, p in enumerate(row.former_identities or ())),
    ):
        yield from _identity_problems(pointer, part)
    if len(row.former_identities or ()) > 20:
        yield _too_many("/former_identities")
    if len(row.assignments) > MAX_ASSIGNMENTS:
        yield _too_many("/assignments")
        return
    for n, assignment in enumerate(row.assignments):
        yield from _assignment_problems(f"/assignments/{n}", assignment)
    yield from _repeated(row.assignments)
    if row.agency_code is not None and row.agency_code not in {
        part.agency_code for part in row.assignments
    }:
        yield _wrong(
            "/agency_code",
            "agency_code_derived",
            "Cơ quan suy ra từ vị trí chính; hãy sửa ở assignments.",
            "The body follows from the primary assignment; change it in the assignments.",
        )
    if len(row.absences or ()) > MAX_ASSIGNMENTS:
        yield _too_many("/absences")
    for n, absence in enumerate(row.absences or ()):
        yield from _text(f"/absences/{n}/kind", absence.kind, 100)
        yield from _days(f"/absences/{n}", absence.valid_from, absence.valid_to)
    if row.attributes is not None:
        for name in ("language_degree_awarded_on", "foreign_taught_degree_awarded_on"):
            day: dt.date | None = getattr(row.attributes, name)
            if day is not None and not is_plausible_day(day):
                yield _out_of_range(f"/attributes/{name}")


def _one_number(citizen_id: str | None, identity: IdentityPart) -> bool:
    """A reader is shown a citizen number in both places, and may send it back in both."""
    return citizen_id is None or (
        _person_identity(identity) == PersonIdentity.citizen(citizen_id.strip())
    )


@lru_cache(maxsize=1 << 15)
def is_birth_date(text: str) -> bool:
    if not _BIRTH_DATE.fullmatch(text) or not text.isascii():
        return False
    if len(text) == 4:
        return 1900 <= int(text) <= 2200
    try:
        return is_plausible_day(dt.date.fromisoformat(text))
    except ValueError:
        return False


@lru_cache(maxsize=1 << 15)
def birth_problem(birth_date: str, today: dt.date) -> Issue | None:
    """A birth that no official of today can have; of a bare year, what no day of it allows."""
    year = int(birth_date[:4])
    earliest = birth_date if len(birth_date) == 10 else f"{birth_date}-01-01"
    latest = birth_date if len(birth_date) == 10 else f"{birth_date}-12-31"
    if earliest > today.isoformat():
        vi, en = "Ngày sinh ở tương lai.", "The birth date is in the future."
    elif today.isoformat() < _birthday(earliest, year + YOUNGEST):
        vi = f"Người này chưa đủ {YOUNGEST} tuổi; hãy kiểm tra ngày sinh."
        en = f"This person is younger than {YOUNGEST}; check the birth date."
    elif today.isoformat() >= _birthday(latest, year + OLDEST + 1):
        vi = f"Người này đã quá {OLDEST} tuổi; hãy kiểm tra ngày sinh."
        en = f"This person is older than {OLDEST}; check the birth date."
    else:
        return None
    return _wrong("/birth_date", "birth_date_implausible", vi, en)


def _birthday(birth_date: str, year: int) -> str:
    """The birthday in that year, to be compared as text: one of 29 February falls on 1 March in others."""
    return f"{year:04d}{birth_date[4:]}"


def _begun_too_young(birth_date: str, posts: Sequence[GivenPost]) -> Iterator[Issue]:
    year = int(birth_date[:4]) + YOUNGEST
    for n, post in enumerate(posts):
        if post.valid_from.year > year:
            continue
        whole = birth_date if len(birth_date) == 10 else f"{birth_date}-01-01"
        if post.valid_from.isoformat() < _birthday(whole, year):
            yield Issue(
                f"/assignments/{n}/valid_from",
                "begun_too_young",
                f"Vị trí bắt đầu khi người này chưa đủ {YOUNGEST} tuổi; hãy kiểm tra hai ngày.",
                f"The assignment begins before the age of {YOUNGEST}; check both days.",
                "warning",
            )


def _too_many(pointer: str) -> Issue:
    return _wrong(pointer, "too_many", "Quá nhiều phần tử.", "Too many items.")


def _out_of_range(pointer: str) -> Issue:
    return _wrong(
        pointer,
        "date_out_of_range",
        "Năm phải từ 1900 đến 2200.",
        "The year must lie between 1900 and 2200.",
    )


def _text(pointer: str, text: str, longest: int) -> Iterator[Issue]:
    if not is_storable(text):
        yield _wrong(pointer, "control_character", "Có ký tự điều khiển.", "Control character.")
    elif (unseen := first_unseen(text)) is not None:
        yield issue("invisible_character", pointer, **unseen)
    elif not text.strip() or len(text) > longest:
        yield _wrong(
            pointer, "text_length", f"Cần 1–{longest} ký tự.", f"Needs 1–{longest} characters."
        )


def _identity_problems(pointer: str, part: IdentityPart) -> Iterator[Issue]:
    if not _COUNTRY.fullmatch(part.country) or not part.country.isascii():
        yield _wrong(
            f"{pointer}/country",
            "country_malformed",
            "Mã nước gồm hai chữ cái (ISO 3166-1).",
            "A country has two letters (ISO 3166-1).",
        )
        return
    identity = _person_identity(part)
    if (fault := country_fault(identity)) is not None:
        yield _wrong(f"{pointer}/country", *fault)
    if not is_masked(identity.number) and (fault := number_fault(identity)) is not None:
        yield _wrong(f"{pointer}/number", *fault)


def _assignment_problems(pointer: str, part: AssignmentPart) -> Iterator[Issue]:
    yield from _text(f"{pointer}/position_title", part.position_title, 300)
    for name in ("agency_code", "job_position_code"):
        code: str | None = getattr(part, name)
        if code is not None and not CODE.match(code):
            yield _wrong(
                f"{pointer}/{name}",
                "code_malformed",
                *CODE_FORM,
            )
    yield from _days(pointer, part.valid_from, part.valid_to)
    if part.posting == "secondment" and part.primary:
        yield _wrong(
            f"{pointer}/primary",
            "secondment_is_not_primary",
            "Biệt phái không chuyển biên chế: vị trí biệt phái không thể là vị trí chính.",
            "A secondment never moves membership: it cannot be the primary assignment.",
        )
    if part.requires_language_basis is not None and not part.requires_language:
        yield _wrong(
            f"{pointer}/requires_language_basis",
            "basis_without_requirement",
            "Chỉ nêu căn cứ khi vị trí yêu cầu ngoại ngữ.",
            "A basis is given only where the post requires a language.",
        )


def _days(pointer: str, first: dt.date, last: dt.date | None) -> Iterator[Issue]:
    if not is_plausible_day(first):
        yield _out_of_range(f"{pointer}/valid_from")
    if last is not None and not is_plausible_day(last):
        yield _out_of_range(f"{pointer}/valid_to")
    elif last is not None and last < first:
        yield _wrong(
            f"{pointer}/valid_to",
            "valid_to_before_valid_from",
            "Ngày kết thúc trước ngày bắt đầu.",
            "The last day is before the first.",
        )


def _repeated(parts: Sequence[AssignmentPart]) -> Iterator[Issue]:
    if len(parts) < 2:
        return
    seen: dict[tuple[str, dt.date], int] = {}
    for n, part in enumerate(parts):
        if seen.setdefault((part.agency_code, part.valid_from), n) != n:
            yield _wrong(
                f"/assignments/{n}",
                "assignment_repeated",
                "Một người chỉ có một vị trí tại một cơ quan bắt đầu cùng ngày.",
                "An official has one assignment per body and first day.",
            )
