"""Whom a caller sees today, and how much of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import msgspec

from services.enrolment.directory.agencies.scope import (
    Belonging,
    sees_directory,
    sees_persons_of,
    within_bloc,
)
from services.enrolment.directory.joinings.joining import Joining
from services.enrolment.directory.officials.official import Official
from services.enrolment.directory.officials.posts import establishment, scope_giving
from shared.contracts.events import OfficialAttributes
from shared.contracts.problem import Forbidden, NotFound
from shared.security.principal import Principal


def in_scope(
    caller: Principal, official: Official, belongings: Mapping[str, Belonging], today: dt.date
) -> bool:
    """By the assignments that hold the official today; ``belongings`` are those of their bodies today."""
    if caller.role == "official":
        return caller.official_code == official.official_code
    if caller.is_nationwide and caller.bloc is None:
        return True
    return any(
        sees_persons_of(caller, belongings.get(post.given.agency_code))
        for post in scope_giving(official.posts, today)
    )


def answers_for(
    caller: Principal,
    official: Official,
    belongings: Mapping[str, Belonging],
    today: dt.date,
    joinings: Iterable[Joining] = (),
) -> bool:
    """Whether the caller may change the official's own facts: the body of today's primary assignment may, once
    the body it took the official from has confirmed or can no longer contest; so may who is above both.
    ``belongings`` are those of the bodies of the joinings too."""
    if caller.is_nationwide and caller.bloc is None:
        return True
    holding = establishment(official.posts, today)
    if not any(sees_persons_of(caller, belongings.get(post.given.agency_code)) for post in holding):
        return False

    def own(body: str) -> bool:
        return sees_persons_of(caller, belongings.get(body))

    return all(
        own(joining.from_agency)
        for joining in joinings
        if joining.may_be_contested(today)
        or (joining.stored == "contested" and own(joining.to_agency))
    )


def own_part(
    caller: Principal, official: Official, belongings: Mapping[str, Belonging]
) -> Official:
    """What a caller who gave assignments to an official, and does not have the official in scope by them, is shown:
    these assignments, and nothing else that is on file but the name."""
    posts = [
        post
        for post in official.posts
        if sees_persons_of(caller, belongings.get(post.given.agency_code))
    ]
    return msgspec.structs.replace(
        official,
        posts=posts,
        former=(),
        record_code=None,
        sex=None,
        attributes=OfficialAttributes(),
        absences=(),
    )


def confined(
    caller: Principal, official: Official, belongings: Mapping[str, Belonging]
) -> Official:
    """The official as the caller may know them: one who is confined to a bloc is shown no assignment in a
    body of the other, past ones included."""
    if caller.bloc is None or caller.role == "official":
        return official
    posts = [
        post
        for post in official.posts
        if within_bloc(caller, belongings.get(post.given.agency_code))
    ]
    return msgspec.structs.replace(official, posts=posts)


def require_writer(principal: Principal) -> None:
    """Refuses whoever changes no officials."""
    if not sees_directory(principal) and principal.role != "official":
        raise NotFound
    if not principal.may("directory:write"):
        raise Forbidden(
            "Vai trò này không thay đổi hồ sơ cán bộ", "This role does not change officials"
        )
