"""Doubts about assignments that need the directory to be seen."""

from __future__ import annotations

import datetime as dt

from services.enrolment.directory.officials.doubts import (
    FAR_AHEAD,
    begins_far_ahead,
    not_in_force,
    post_doubts,
)
from services.enrolment.directory.officials.posts import GivenPost
from tests.making.officials import given

TODAY = dt.date(2026, 11, 23)
DAY = dt.date(2020, 1, 1)


def told(*posts: GivenPost, absent: dict, unknown: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    found = list(post_doubts(posts, absent, unknown, TODAY))
    assert {each.severity for each in found} <= {"warning"}
    return [(each.pointer, each.code) for each in found]


def test_what_the_directory_knows_raises_no_doubt() -> None:
    assert told(given("A", DAY, job_position_code="V1"), absent={("A", TODAY): None}) == []


def test_each_doubt_points_at_its_assignment() -> None:
    ahead = TODAY + FAR_AHEAD + dt.timedelta(days=1)
    posts = (given("A", DAY), given("B", DAY, job_position_code="V9"), given("C", ahead))
    assert told(*posts, absent={("A", DAY): None}, unknown=("V9",)) == [
        ("/assignments/0/valid_from", "agency_not_in_force"),
        ("/assignments/1/job_position_code", "job_position_unknown"),
        ("/assignments/2/valid_from", "begins_far_ahead"),
    ]


def test_two_years_are_not_far_ahead() -> None:
    assert not begins_far_ahead(given("A", TODAY + FAR_AHEAD), TODAY)


def test_a_body_that_has_ended_is_told_otherwise_than_one_that_had_not_begun() -> None:
    begun = not_in_force("A", DAY, None)
    ended = not_in_force("A", DAY, dt.date(2019, 12, 31))
    assert "chưa được thành lập" in begun[0]
    assert "31/12/2019" in ended[0]
    assert "2019-12-31" in ended[1]
