"""Whom a caller sees today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from services.enrolment.directory.agencies.scope import Standing, sees_persons_of
from services.enrolment.directory.officials.official import Official
from services.enrolment.directory.officials.posts import scope_giving
from shared.security.principal import Principal


def in_scope(
    caller: Principal, official: Official, standings: Mapping[str, Standing], today: dt.date
) -> bool:
    """By the assignments that hold the official today; ``standings`` are those of their bodies today."""
    if caller.role == "official":
        return caller.official_code == official.official_code
    if caller.is_nationwide and caller.bloc is None:
        return True
    return any(
        sees_persons_of(caller, standings.get(post.given.agency_code))
        for post in scope_giving(official.posts, today)
    )
