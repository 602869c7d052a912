"""What the feed tells of an official: codes, keys and facts, no names and no numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

import msgspec

from services.enrolment.directory.agencies.scope import Belonging
from services.enrolment.directory.officials.official import Official
from services.enrolment.directory.officials.posts import Post
from shared.contracts.events import (
    Assignment,
    AssignmentAttributes,
    Identity,
    OfficialChanged,
    OfficialIdentitiesLinked,
    OfficialState,
)

State = TypeVar("State", bound=OfficialState)


def changed_event(official: Official) -> OfficialChanged:
    check = official.identity.check
    return OfficialChanged(
        version=official.version,
        official_code=official.official_code,
        person_key=official.identity.key.hex(),
        birth_check=check.hex() if check else None,
        birth_date=official.birth_date,
        assignments=_assignments_of(official.posts),
        absences=official.absences,
        attributes=official.attributes,
    )


def part_of_bloc(state: State, bloc: str, belongings: Mapping[str, Belonging]) -> State:
    """What readers confined to the bloc may know of it: no assignment in a body of the other."""
    kept = [
        each
        for each in state.assignments
        if (belonging := belongings.get(each.agency_code)) is not None and belonging.bloc == bloc
    ]
    return msgspec.structs.replace(state, assignments=tuple(kept))


def identities_linked(official: Official) -> OfficialIdentitiesLinked:
    return OfficialIdentitiesLinked(
        version=official.version,
        official_code=official.official_code,
        identities=tuple(
            Identity(
                person_key=each.key.hex(),
                birth_check=each.check.hex() if each.check else None,
            )
            for each in official.identities
        ),
    )


def _assignments_of(posts: Sequence[Post]) -> tuple[Assignment, ...]:
    return tuple(
        Assignment(
            assignment_id=post.assignment_id,
            agency_code=post.given.agency_code,
            status=post.given.status,
            leadership=post.given.leadership,
            requires_language=post.given.requires_language,
            primary=post.given.primary,
            posting=post.given.posting,
            valid_from=post.given.valid_from,
            valid_to=post.valid_to,
            requires_language_basis=post.given.requires_language_basis,
            job_position_code=post.given.job_position_code,
            attributes=_post_attributes(
                post.given.language_teacher,
                post.given.foreign_affairs,
                post.given.language_qualified_post,
            ),
        )
        for post in posts
    )


@lru_cache(maxsize=27)
def _post_attributes(
    language_teacher: bool | None,
    foreign_affairs: bool | None,
    language_qualified_post: bool | None,
) -> AssignmentAttributes:
    return AssignmentAttributes(
        language_teacher=language_teacher,
        foreign_affairs=foreign_affairs,
        language_qualified_post=language_qualified_post,
    )
