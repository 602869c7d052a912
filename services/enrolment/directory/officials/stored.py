"""An official and an assignment as rows of their tables: the fields are the columns."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

import msgspec

from services.enrolment.directory.officials.hidden_numbers import KeyedIdentity
from services.enrolment.directory.officials.official import Official
from services.enrolment.directory.officials.posts import GivenPost, Post
from shared.contracts.events import (
    Absence,
    LanguageBasis,
    Leadership,
    OfficialAttributes,
    OfficialStatus,
    Posting,
)
from shared.security.person_key import IdentityType, PersonIdentity


class StoredIdentity(msgspec.Struct, frozen=True):
    """A former identity in its JSON column."""

    type: IdentityType
    country: str
    number: str
    key: str
    check: str | None


_FORMER = msgspec.json.Decoder(list[StoredIdentity])
_ABSENCES = msgspec.json.Decoder(tuple[Absence, ...])
_ATTRIBUTES = msgspec.json.Decoder(OfficialAttributes)


class StoredOfficial(NamedTuple):
    official_code: str
    version: int
    person_key: bytes
    birth_check: bytes | None
    identity_type: IdentityType
    identity_country: str
    identity_number: str
    former_identities: str
    record_code: str | None
    full_name: str
    birth_date: str
    sex: str | None
    attributes: str
    absences: str

    def official(self, posts: list[Post]) -> Official:
        identity = PersonIdentity(self.identity_type, self.identity_country, self.identity_number)
        return Official(
            official_code=self.official_code,
            version=self.version,
            identity=KeyedIdentity(identity, self.person_key, self.birth_check),
            former=tuple(_keyed(each) for each in _FORMER.decode(self.former_identities)),
            record_code=self.record_code,
            full_name=self.full_name,
            birth_date=self.birth_date,
            sex=self.sex,
            attributes=_ATTRIBUTES.decode(self.attributes),
            absences=_ABSENCES.decode(self.absences),
            posts=posts,
        )


class StoredPost(NamedTuple):
    official_code: str
    agency_code: str
    valid_from: dt.date
    valid_to: dt.date | None
    given_to: dt.date | None
    assignment_id: UUID
    status: OfficialStatus
    position_title: str
    leadership: Leadership | None
    requires_language: bool
    requires_language_basis: LanguageBasis | None
    job_position_code: str | None
    posting: Posting
    is_primary: bool
    language_teacher: bool | None
    foreign_affairs: bool | None
    language_qualified_post: bool | None

    def post(self) -> Post:
        given = GivenPost(
            agency_code=self.agency_code,
            valid_from=self.valid_from,
            given_to=self.given_to,
            status=self.status,
            position_title=self.position_title,
            leadership=self.leadership,
            requires_language=self.requires_language,
            requires_language_basis=self.requires_language_basis,
            job_position_code=self.job_position_code,
            posting=self.posting,
            primary=self.is_primary,
            language_teacher=self.language_teacher,
            foreign_affairs=self.foreign_affairs,
            language_qualified_post=self.language_qualified_post,
        )
        return Post(self.assignment_id, given, self.valid_to)


def stored_official(official: Official) -> StoredOfficial:
    identity = official.identity.identity
    former = [_stored(each) for each in official.former]
    return StoredOfficial(
        official.official_code,
        official.version,
        official.identity.key,
        official.identity.check,
        identity.type,
        identity.country,
        identity.number,
        msgspec.json.encode(former).decode() if former else "[]",
        official.record_code,
        official.full_name,
        official.birth_date,
        official.sex,
        _attributes_json(official.attributes),
        msgspec.json.encode(official.absences).decode() if official.absences else "[]",
    )


def stored_post(official_code: str, post: Post) -> StoredPost:
    given = post.given
    return StoredPost(
        official_code,
        given.agency_code,
        given.valid_from,
        post.valid_to,
        given.given_to,
        post.assignment_id,
        given.status,
        given.position_title,
        given.leadership,
        given.requires_language,
        given.requires_language_basis,
        given.job_position_code,
        given.posting,
        given.primary,
        given.language_teacher,
        given.foreign_affairs,
        given.language_qualified_post,
    )


@lru_cache(maxsize=1024)
def _attributes_json(attributes: OfficialAttributes) -> str:
    return msgspec.json.encode(attributes).decode()


def _keyed(each: StoredIdentity) -> KeyedIdentity:
    identity = PersonIdentity(each.type, each.country, each.number)
    check = bytes.fromhex(each.check) if each.check else None
    return KeyedIdentity(identity, bytes.fromhex(each.key), check)


def _stored(each: KeyedIdentity) -> StoredIdentity:
    identity = each.identity
    check = each.check.hex() if each.check else None
    return StoredIdentity(identity.type, identity.country, identity.number, each.key.hex(), check)
