"""Which primary assignments take an official over from a body elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from services.enrolment.directory.joinings.joining import Joining
from services.enrolment.directory.officials.posts import (
    Post,
    ends_earlier,
    establishment,
    settled,
)


def taken_over(
    before: Sequence[Post],
    after: Sequence[Post],
    own: Callable[[str], bool],
    today: dt.date,
    undecided: Iterable[Joining] = (),
) -> list[tuple[Post, Post]]:
    """Assignments of bodies elsewhere, each with the primary one of an ``own`` body that takes the official
    over from it: because it ends it; because it makes the own body answer for the person where the other
    did, be it that nothing is left to end; or because it stands in the place of one that took the official over
    and may still be contested.
    """
    elsewhere = [post for post in before if not own(post.given.agency_code)]
    pairs = ends_earlier(elsewhere, after)
    pairs += _answering(before, after, own, today)
    pairs += _in_the_place_of_another(after, own, undecided)
    return list(
        {(left.given.agency_code, by.assignment_id): (left, by) for left, by in pairs}.values()
    )


def _answering(
    before: Sequence[Post], after: Sequence[Post], own: Callable[[str], bool], today: dt.date
) -> list[tuple[Post, Post]]:
    """When several are given at once, the first takes over and the others follow it."""
    known = primaries(before)
    new = [
        post
        for post in after
        if post.given.primary and post.assignment_id not in known and own(post.given.agency_code)
    ]
    found = []
    for number, arrival in enumerate(new):
        day = max(today, arrival.given.valid_from)
        later = new[number + 1 :]
        without = settled([post for post in after if post not in (arrival, *later)])
        answered = establishment(without, day)
        if any(own(post.given.agency_code) for post in (*answered, *establishment(before, day))):
            continue
        with_it = settled([post for post in after if post not in later])
        if answered and establishment(with_it, day) == [arrival]:
            found.append((answered[0], arrival))
    return found


def _in_the_place_of_another(
    after: Sequence[Post], own: Callable[[str], bool], undecided: Iterable[Joining]
) -> list[tuple[Post, Post]]:
    """For each taking over whose assignment was taken back: the last one of the body before, and the next
    primary one."""
    kept = primaries(after)
    found = []
    for joining in undecided:
        if joining.stored != "open" or joining.assignment_id in kept or own(joining.from_agency):
            continue
        left = [post for post in after if post.given.agency_code == joining.from_agency]
        following = [
            post
            for post in after
            if left and post.given.primary and post.given.valid_from > left[-1].given.valid_from
        ]
        if following and own(following[0].given.agency_code):
            found.append((left[-1], following[0]))
    return found


def primaries(posts: Iterable[Post]) -> set[UUID]:
    """Ids of the primary ones: a taking over whose assignment is no longer among them was taken back."""
    return {post.assignment_id for post in posts if post.given.primary}


def without_arrival(
    posts: Sequence[Post],
    joining: Joining,
    others: Iterable[Joining],
    of_former: Callable[[str], bool],
) -> tuple[list[Post], list[Post]]:
    """Assignments without those by which the official was taken over, and those: the arriving one and the
    primary ones that the receiving side gave after it, up to one that another body took the official over by
    or that is the body's that had the official before.
    """
    arrivals = {each.assignment_id for each in others if each.joining_id != joining.joining_id}
    kept: list[Post] = []
    gone: list[Post] = []
    following = True
    for post in sorted(posts, key=lambda each: each.given.valid_from):
        is_arrival = post.assignment_id == joining.assignment_id
        if post.given.primary and post.given.valid_from >= joining.effective_on and not is_arrival:
            following &= post.assignment_id not in arrivals and not of_former(
                post.given.agency_code
            )
            (gone if following else kept).append(post)
        else:
            (gone if is_arrival else kept).append(post)
    return kept, gone
