"""What each kind of move does to an official's assignments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from uuid import UUID

import msgspec

from services.enrolment.directory.moves.move import ARRIVALS
from services.enrolment.directory.officials.posts import (
    DAY,
    GivenPost,
    Post,
    merged,
    primary_on,
    settled,
)


class MoveImpossible(ValueError):
    """Says why, in Vietnamese and in English."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.vi, self.en = vi, en


def moved(
    posts: Sequence[Post],
    kind: str,
    effective_on: dt.date,
    to_agency: str | None,
    given: GivenPost | None,
    new_id: Callable[[], UUID],
    *,
    is_known: Callable[[Post], bool],
    own: Callable[[Post], bool],
) -> list[Post]:
    """Assignments after the move. ``given`` describes the new assignment; without it a transfer keeps
    what the present primary one says, if whoever records the move knows it; the end of a secondment
    ends those that are theirs to end (``own``). Raises :class:`MoveImpossible`."""
    if kind in ARRIVALS or (kind == "other" and to_agency is not None):
        return _arrived(posts, kind, effective_on, to_agency, given, new_id, is_known)
    if kind == "secondment_end":
        ended = _ended(
            posts,
            effective_on,
            lambda post: (
                post.given.posting == "secondment"
                and own(post)
                and (to_agency is None or post.given.agency_code == to_agency)
            ),
        )
        if ended == list(posts):
            raise MoveImpossible(
                "Không có biệt phái nào đang hiệu lực vào ngày đó",
                "No secondment is in force on that day",
            )
        return ended
    ended = _ended(posts, effective_on, lambda _: True)
    if ended == list(posts):
        raise MoveImpossible(
            "Không có vị trí nào đang hiệu lực vào ngày đó",
            "No assignment is in force on that day",
        )
    return ended


def _arrived(
    posts: Sequence[Post],
    kind: str,
    effective_on: dt.date,
    to_agency: str | None,
    given: GivenPost | None,
    new_id: Callable[[], UUID],
    is_known: Callable[[Post], bool],
) -> list[Post]:
    if to_agency is None:
        raise MoveImpossible("Cần cơ quan tiếp nhận", "The receiving body is needed")
    known = [post for post in posts if is_known(post)]
    primary = primary_on(known, effective_on) or primary_on(known, effective_on - DAY)
    pattern = given or (primary.given if primary else None)
    if pattern is None:
        raise MoveImpossible(
            "Không có vị trí chính vào ngày đó; hãy nêu assignment",
            "No primary assignment on that day; give the assignment",
        )
    seconded = kind == "secondment"
    if not seconded and primary is not None and primary.given.key == (to_agency, effective_on):
        raise MoveImpossible(
            "Vị trí này đã bắt đầu vào ngày đó", "This assignment begins on that day already"
        )
    changes = {
        "agency_code": to_agency,
        "valid_from": effective_on,
        "posting": "secondment" if seconded else "regular",
        "primary": not seconded,
    }
    if given is None:
        # A post of leadership ends with the body that gave it.
        changes |= {"given_to": None, "leadership": None, "job_position_code": None}
    return merged(
        posts, [msgspec.structs.replace(pattern, **changes)], replaces=None, new_id=new_id
    )


def _ended(
    posts: Sequence[Post], effective_on: dt.date, concerns: Callable[[Post], bool]
) -> list[Post]:
    """Those in force end the day before; those that would begin later, of the same kind, fall away."""
    last = effective_on - DAY
    after = []
    for post in posts:
        if not concerns(post) or (post.valid_to is not None and post.valid_to <= last):
            after.append(post)
        elif post.given.valid_from <= last:
            given = msgspec.structs.replace(post.given, given_to=last)
            after.append(Post(post.assignment_id, given, last))
    if not after:
        raise MoveImpossible(
            "Người này chưa bắt đầu vị trí nào trước ngày đó",
            "The official has begun no assignment before that day",
        )
    return settled(after)
