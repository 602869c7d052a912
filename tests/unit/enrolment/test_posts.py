"""One primary assignment on each day, whatever is given in whatever order."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.directory.officials.citizen_numbers import doubts
from services.enrolment.directory.officials.posts import (
    GivenPost,
    PrimaryConflict,
    merged,
    overlapping_primaries,
    primary_on,
    scope_giving,
)

BASE = dt.date(2020, 1, 1)


def post(body: str, first: int, last: int | None = None, primary: bool = True) -> GivenPost:
    return GivenPost(
        agency_code=body,
        valid_from=BASE + dt.timedelta(days=first),
        given_to=None if last is None else BASE + dt.timedelta(days=last),
        status="civil_servant",
        position_title="x",
        leadership=None,
        requires_language=False,
        requires_language_basis=None,
        job_position_code=None,
        posting="regular" if primary else "concurrent",
        primary=primary,
        language_teacher=None,
        foreign_affairs=None,
        language_qualified_post=None,
    )


posts = st.lists(
    st.builds(
        lambda body, first, length, primary: post(
            body, first, None if length is None else first + length, primary
        ),
        st.sampled_from("ABC"),
        st.integers(0, 9),
        st.none() | st.integers(0, 9),
        st.booleans(),
    ),
    max_size=5,
    unique_by=lambda each: each.key,
)


@given(posts, posts)
def test_no_day_ever_has_two_primaries(held: list[GivenPost], more: list[GivenPost]) -> None:
    try:
        before = merged((), held, replaces=None, new_id=uuid4)
        after = merged(before, more, replaces=None, new_id=uuid4)
    except PrimaryConflict:
        return
    for offset in range(25):
        day = BASE + dt.timedelta(days=offset)
        assert sum(each.given.primary and each.in_force(day) for each in after) <= 1
    assert merged(after, more, replaces=None, new_id=uuid4) == after
    ids = {each.given.key: each.assignment_id for each in before}
    for each in after:
        assert ids.get(each.given.key, each.assignment_id) == each.assignment_id


@given(posts)
def test_overlaps_are_found_exactly_when_a_day_has_two(given_posts: list[GivenPost]) -> None:
    clash = any(
        sum(
            each.primary
            and each.valid_from <= day
            and (each.given_to is None or day <= each.given_to)
            for each in given_posts
        )
        > 1
        for day in (BASE + dt.timedelta(days=n) for n in range(25))
    )
    assert bool(overlapping_primaries(given_posts)) == clash


def test_a_later_primary_closes_the_open_one_and_going_back_opens_it() -> None:
    first = merged((), [post("A", 0)], replaces=None, new_id=uuid4)
    both = merged(first, [post("B", 5)], replaces=None, new_id=uuid4)
    assert both[0].valid_to == BASE + dt.timedelta(days=4)
    alone = merged(both, [], replaces=lambda body: body == "B", new_id=uuid4)
    assert alone == first


def test_two_primaries_of_one_day_in_two_bodies_are_a_conflict() -> None:
    with pytest.raises(PrimaryConflict):
        merged((), [post("A", 0), post("B", 0)], replaces=None, new_id=uuid4)


@given(posts.filter(bool), st.integers(0, 25))
def test_somebody_always_holds_an_official(given_posts: list[GivenPost], offset: int) -> None:
    try:
        found = merged((), given_posts, replaces=None, new_id=uuid4)
    except PrimaryConflict:
        return
    day = BASE + dt.timedelta(days=offset)
    holding = scope_giving(found, day)
    assert holding
    primary = primary_on(found, day)
    assert primary is None or primary in holding


def test_the_citizen_number_is_doubted_softly() -> None:
    assert doubts("038085000001", "1985-03-02", "male") == []
    assert [d.code for d in doubts("038085000001", "1986", "female")] == [
        "citizen_id_birth_year",
        "citizen_id_sex",
    ]
    assert [d.code for d in doubts("003085000001", "1985", None)] == ["citizen_id_prefix"]
    for number in ("138085000001", "301085000001", "938085000001"):
        assert [d.code for d in doubts(number, "1985", None)] == ["citizen_id_country"]
    assert doubts("038304000001", "2004-01-01", "female") == []
