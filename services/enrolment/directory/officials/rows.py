"""One official as a row of a file or the body of a PUT gives it, before anything is checked."""

from __future__ import annotations

import datetime as dt
from typing import Final, Literal
from uuid import UUID

import msgspec

from services.enrolment.directory.officials.schemas import IdentityReason
from shared.contracts.events import LanguageBasis, Leadership, OfficialStatus, Posting
from shared.security.person_key import IdentityType

Sex = Literal["male", "female"]
SEXES: Final = {
    "male": "male", "nam": "male", "m": "male",
    "female": "female", "nữ": "female", "nu": "female", "f": "female",
}  # fmt: skip


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
    """The id of an assignment that is sent back as it was read. It is never another assignment's."""


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
