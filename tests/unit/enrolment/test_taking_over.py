"""However often a body gives and changes its assignments, the body before can contest, and has its own back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrolment.directory.joinings.joining import Joining
from services.enrolment.directory.joinings.taking_over import (
    primaries,
    taken_over,
    without_arrival,
)
from services.enrolment.directory.officials.posts import (
    GivenPost,
    Post,
    PrimaryConflict,
    establishment,
    merged,
    overlapping_primaries,
    settled,
)
from shared.persistence.keys import uuid7

TODAY = dt.date(2026, 11, 23)
DAYS = st.integers(-12, 12).map(lambda n: TODAY + dt.timedelta(days=n))


def post(body: str, first: dt.date, last: dt.date | None, primary: bool = True) -> GivenPost:
    return GivenPost(
        agency_code=body,
        valid_from=first,
        given_to=last,
        status="civil_servant",
        position_title="Chuyên viên",
        leadership=None,
        requires_language=False,
        requires_language_basis=None,
        job_position_code=None,
        posting="regular",
        primary=primary,
        language_teacher=None,
        foreign_affairs=None,
        language_qualified_post=None,
    )


def own(body: str) -> bool:
    return body.startswith("B")


@st.composite
def submissions(draw: st.DrawFn) -> list[GivenPost]:
    found: dict[Any, GivenPost] = {}
    for _ in range(draw(st.integers(0, 3))):
        first = draw(DAYS)
        length = draw(st.none() | st.integers(0, 12))
        last = None if length is None else first + dt.timedelta(days=length)
        each = post(draw(st.sampled_from(("B", "B.1"))), first, last, draw(st.booleans()))
        found[each.key] = each
    return list(found.values())


@settings(max_examples=400, deadline=None)
@given(
    st.none() | DAYS.filter(lambda day: day > TODAY - dt.timedelta(days=12)),
    st.lists(submissions(), min_size=1, max_size=4),
)
def test_who_is_held_by_another_can_be_contested_and_comes_back(
    left_on: dt.date | None, sent: list[list[GivenPost]]
) -> None:
    before = [Post(uuid7(), post("A", dt.date(2018, 9, 1), left_on), left_on)]
    posts = before
    joinings: list[Joining] = []
    for submission in sent:
        if overlapping_primaries(submission):
            continue
        try:
            after = merged(posts, submission, replaces=own, new_id=uuid7)
        except PrimaryConflict:
            continue
        taken = taken_over(posts, after, own, TODAY, joinings)
        if any(by.valid_to is not None and by.valid_to < TODAY for _, by in taken):
            continue  # refused
        assert len(taken) < 2, "one taking over is contested once"
        kept = primaries(after)
        joinings = [each for each in joinings if each.assignment_id in kept] + [
            Joining(
                joining_id=uuid7(),
                official_code="O-1",
                assignment_id=by.assignment_id,
                from_agency=left.given.agency_code,
                to_agency=by.given.agency_code,
                effective_on=by.given.valid_from,
                recorded_on=TODAY,
                arrivals=(by.given,),
            )
            for left, by in taken
        ]
        posts = after
        for ahead in range(15):
            day = TODAY + dt.timedelta(days=ahead)
            if any(own(each.given.agency_code) for each in establishment(posts, day)):
                assert joinings, (day, posts)
        assert (posts[0].valid_to == left_on) or joinings
    while joinings:
        posts, _ = without_arrival(posts, joinings[0], joinings, lambda body: body == "A")
        posts = settled(posts)
        joinings = [each for each in joinings[1:] if each.assignment_id in primaries(posts)]
    assert [each for each in posts if each.given.agency_code == "A"] == before
    assert all(each.given.agency_code == "A" for each in establishment(posts, TODAY))


def test_a_day_that_is_over_and_one_that_begins_today_are_one_taking_over() -> None:
    """Given together, the first makes the own body answer, and the second follows it. The first is over, and
    one that is over takes nobody over: the use case refuses both."""
    before = [
        Post(uuid7(), post("A", dt.date(2018, 9, 1), dt.date(2026, 11, 21)), dt.date(2026, 11, 21))
    ]
    yesterday, today = dt.date(2026, 11, 22), TODAY
    after = merged(
        before,
        [post("B", yesterday, yesterday), post("B", today, None)],
        replaces=own,
        new_id=uuid7,
    )
    ((left, by),) = taken_over(before, after, own, TODAY)
    assert (left.given.agency_code, by.given.valid_from) == ("A", yesterday)
