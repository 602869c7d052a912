"""An official as the directory knows them, and what a reader may see of it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence

import msgspec

from services.enrolment.directory.officials.hidden_numbers import KeyedIdentity
from services.enrolment.directory.officials.posts import Post, primary_on
from services.enrolment.directory.officials.schemas import (
    AbsenceView,
    AssignmentView,
    AttributesView,
    Doubt,
    IdentityView,
    OfficialStored,
    OfficialView,
    PostAttributes,
)
from shared.contracts.events import Absence, OfficialAttributes
from shared.contracts.problem import Language
from shared.imports.issues import Issue
from shared.security.masking import masked
from shared.security.principal import Principal


class Official(msgspec.Struct, frozen=True):
    """``posts`` are all assignments, in order of their first day."""

    official_code: str
    version: int
    identity: KeyedIdentity
    former: tuple[KeyedIdentity, ...]
    record_code: str | None
    full_name: str
    birth_date: str
    sex: str | None
    attributes: OfficialAttributes
    absences: tuple[Absence, ...]
    posts: list[Post]

    @property
    def identities(self) -> tuple[KeyedIdentity, ...]:
        return (self.identity, *self.former)

    def agency_on(self, day: dt.date) -> str | None:
        """Body of the primary assignment: the one on whose establishment the person is."""
        post = primary_on(self.posts, day)
        return post.given.agency_code if post else None


def shown_version(official: Official, reader: Principal) -> int:
    """Of the official as the reader may know them. To who is confined to a bloc a mark of exactly that, for the
    count of versions grows with what happens behind the border too. It holds keys for numbers: nobody finds
    a masked number by trying which one gives the mark."""
    if reader.bloc is None or reader.role == "official":
        return official.version
    shown = (
        *(official.official_code, [each.key.hex() for each in official.identities]),
        *(official.record_code, official.full_name, official.birth_date, official.sex),
        *(official.attributes, official.absences, official.posts),
    )
    digest = hashlib.blake2b(msgspec.json.encode(shown), digest_size=4).digest()
    return int.from_bytes(digest, "big") & 0x7FFF_FFFF


def view(official: Official, reader: Principal, day: dt.date) -> OfficialView:
    """As ``reader`` may see it: numbers whole with ``pii:read`` and for oneself only."""
    whole = reader.may("pii:read") or (
        reader.role == "official" and reader.official_code == official.official_code
    )
    identities = [_identity_view(each, whole) for each in official.identities]
    return OfficialView(
        official_code=official.official_code,
        version=shown_version(official, reader),
        agency_code=official.agency_on(day),
        citizen_id=identities[0].number if identities[0].type == "citizen_id" else None,
        identity=identities[0],
        former_identities=identities[1:],
        record_code=official.record_code,
        full_name=reader.shown(official.full_name),
        birth_date=reader.shown(official.birth_date),
        sex=official.sex,
        assignments=[assignment_view(post) for post in official.posts],
        absences=[
            AbsenceView(kind=each.kind, valid_from=each.valid_from, valid_to=each.valid_to)
            for each in official.absences
        ],
        attributes=AttributesView.model_validate(official.attributes, from_attributes=True),
    )


def _identity_view(each: KeyedIdentity, whole: bool) -> IdentityView:
    identity = each.identity
    number = identity.number if whole else masked(identity.number)
    return IdentityView(type=identity.type, country=identity.country, number=number)


def assignment_view(post: Post) -> AssignmentView:
    given = post.given
    return AssignmentView(
        assignment_id=post.assignment_id,
        agency_code=given.agency_code,
        status=given.status,
        position_title=given.position_title,
        leadership=given.leadership,
        requires_language=given.requires_language,
        requires_language_basis=given.requires_language_basis,
        job_position_code=given.job_position_code,
        posting=given.posting,
        primary=given.primary,
        valid_from=given.valid_from,
        valid_to=post.valid_to,
        attributes=PostAttributes(
            language_teacher=given.language_teacher,
            foreign_affairs=given.foreign_affairs,
            language_qualified_post=given.language_qualified_post,
        ),
    )


def stored_view(
    shown: OfficialView, doubts: Sequence[Issue], facts_kept: Sequence[str], language: Language
) -> OfficialStored:
    return OfficialStored(
        **shown.model_dump(),
        facts_kept=list(facts_kept),
        warnings=[
            Doubt(
                pointer=each.pointer,
                code=each.code,
                message=each.message_vi if language == "vi" else each.message_en,
            )
            for each in doubts
        ],
    )
