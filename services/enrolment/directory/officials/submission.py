"""One official as submitted, by PUT or as a row of a roster, ready to be compared with the record."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

import msgspec

from services.enrolment.directory.fields import clean
from services.enrolment.directory.officials.birth_dates import begun_too_young
from services.enrolment.directory.officials.checks import faults_of, identity_of
from services.enrolment.directory.officials.citizen_numbers import doubts
from services.enrolment.directory.officials.hidden_numbers import (
    HiddenNumber,
    HiddenNumbers,
    KeyedIdentity,
)
from services.enrolment.directory.officials.posts import GivenPost, overlapping_primaries
from services.enrolment.directory.officials.refusals import two_primaries
from services.enrolment.directory.officials.rows import (
    SEXES,
    AssignmentPart,
    AttributesPart,
    OfficialRow,
)
from services.enrolment.directory.officials.schemas import IdentityReason
from shared.contracts.events import Absence, OfficialAttributes
from shared.imports.issues import Issue
from shared.security.identity_numbers import folded_number, is_citizen_number
from shared.security.masking import is_masked
from shared.security.person_key import PersonIdentity, PersonKeys


class Submission(msgspec.Struct):
    """A row made ready: cleaned, checked in itself, with keys for numbers. With ``problems`` the rest means
    nothing."""

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
    """Numbers sent back masked. ``identity`` and ``former`` lack them until the official's record is read."""
    ids: dict[int, UUID] = {}
    """Ids of the ``posts`` that were sent back as read, by place."""

    def contradicts(self, other: Submission) -> bool:
        """Whether two rows say different things about one person. What one leaves out contradicts nothing."""
        return any(
            one is not None and another is not None and one != another
            for one, another in zip(self._person(), other._person(), strict=True)
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
    """``number``: place of the row in its file, from 1."""
    made = Submission(row.official_code, number)
    made.problems = faults_of(row)
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
    made.posts = tuple(given_post(part) for part in row.assignments)
    made.warnings += begun_too_young(row.birth_date, made.posts)
    for n, part in enumerate(row.assignments):
        if part.assignment_id is not None:
            made.ids = {**made.ids, n: part.assignment_id}
    for first, second in overlapping_primaries(made.posts):
        made.problems += [two_primaries(f"/assignments/{n}/primary") for n in (first, second)]
    return made


def _former(
    made: Submission, hidden: HiddenNumber | None, row: OfficialRow, keys: PersonKeys
) -> None:
    given: tuple[KeyedIdentity | HiddenNumber, ...] | None = None
    if row.former_identities is not None:
        given = tuple(
            HiddenNumber(each.type, each.country, each.number)
            if is_masked(each.number)
            else _keyed(each, row.birth_date, keys)
            for each in map(identity_of, row.former_identities)
        )
        whole = tuple(each for each in given if isinstance(each, KeyedIdentity))
        if len(whole) == len(given):
            made.former, given = whole, None
    if hidden is not None or given is not None:
        made.hidden = HiddenNumbers(hidden, given)


def _identity(row: OfficialRow) -> PersonIdentity | None:
    if row.citizen_id is not None:
        return PersonIdentity.citizen(folded_number("citizen_id", row.citizen_id))
    return identity_of(row.identity) if row.identity is not None else None


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


def given_post(part: AssignmentPart) -> GivenPost:
    """The assignment that a part without faults gives."""
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
