"""What each kind of move does to an official's assignments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from uuid import uuid4

import pytest

from services.enrolment.directory.moves.move import DEPARTURES, Move, MoveOrder
from services.enrolment.directory.moves.moving import MoveImpossible, moved
from services.enrolment.directory.officials.posts import GivenPost, Post, PrimaryConflict
from tests.making.officials import given, posts

ON = dt.date(2026, 10, 1)
BEFORE = ON - dt.timedelta(days=1)
SINCE = dt.date(2018, 9, 1)


def after(
    before: list[Post],
    kind: str,
    to: str | None = None,
    *,
    given: GivenPost | None = None,
    is_known: Callable[[Post], bool] = lambda _: True,
    own: Callable[[Post], bool] = lambda _: True,
) -> list[Post]:
    return moved(before, kind, ON, to, given, uuid4, is_known=is_known, own=own)


def spans(found: list[Post]) -> list[tuple[str, dt.date, dt.date | None, str]]:
    return [
        (each.given.agency_code, each.given.valid_from, each.valid_to, each.given.posting)
        for each in found
    ]


@pytest.mark.parametrize("kind", ["transfer", "rotation", "other"])
def test_an_arrival_ends_the_primary_one_the_day_before(kind: str) -> None:
    before = posts(given("A", leadership="division", job_position_code="V1"))
    found = after(before, kind, "B")
    assert spans(found) == [("A", SINCE, BEFORE, "regular"), ("B", ON, None, "regular")]
    assert found[0].assignment_id == before[0].assignment_id
    new = found[1].given
    assert (new.position_title, new.leadership, new.job_position_code) == (
        "Chuyên viên",
        None,
        None,
    )


def test_the_assignment_that_is_given_is_taken_with_its_leadership() -> None:
    described = given("?", position_title="Trưởng phòng", leadership="division")
    new = after(posts(given("A")), "transfer", "B", given=described)[1].given
    assert (new.agency_code, new.valid_from, new.leadership) == ("B", ON, "division")


def test_a_secondment_moves_no_membership() -> None:
    found = after(posts(given("A")), "secondment", "B")
    assert spans(found) == [("A", SINCE, None, "regular"), ("B", ON, None, "secondment")]
    assert [each.given.primary for each in found] == [True, False]


def test_the_end_of_a_secondment_ends_those_of_the_body_named_that_are_ones_own() -> None:
    seconded = {"posting": "secondment", "primary": False}
    before = posts(given("A"), given("B", **seconded), given("C", **seconded))
    assert spans(after(before, "secondment_end", "B"))[1][2] == BEFORE
    assert [each.valid_to for each in after(before, "secondment_end")] == [None, BEFORE, BEFORE]
    only_c = after(before, "secondment_end", own=lambda post: post.given.agency_code == "C")
    assert [each.valid_to for each in only_c] == [None, None, BEFORE]


@pytest.mark.parametrize("kind", DEPARTURES)
def test_a_departure_ends_everything_and_drops_what_would_begin_later(kind: str) -> None:
    later = given("B", dt.date(2027, 1, 1))
    beside = given("C", primary=False, posting="concurrent")
    found = after(posts(given("A"), later, beside), kind)
    assert {(body, last) for body, _, last, _ in spans(found)} == {("A", BEFORE), ("C", BEFORE)}


def test_what_ended_before_stays_as_it_is() -> None:
    past = given("A", dt.date(2010, 1, 1), dt.date(2012, 1, 1))
    assert spans(after(posts(past, given("B")), "retirement"))[0][2] == dt.date(2012, 1, 1)


@pytest.mark.parametrize(
    ("kind", "to", "before"),
    [
        ("transfer", None, posts(given("A"))),
        ("transfer", "B", posts(given("A", primary=False, posting="concurrent"))),
        ("transfer", "A", posts(given("A", ON))),
        ("secondment_end", None, posts(given("A"))),
        ("retirement", None, posts(given("A", SINCE, dt.date(2020, 1, 1)))),
        ("death", None, posts(given("A", dt.date(2027, 1, 1)))),
    ],
)
def test_a_move_that_changes_nothing_or_leaves_nothing_is_impossible(
    kind: str, to: str | None, before: list[Post]
) -> None:
    with pytest.raises(MoveImpossible):
        after(before, kind, to)


def test_who_does_not_know_the_present_assignment_must_describe_the_new_one() -> None:
    with pytest.raises(MoveImpossible):
        after(posts(given("A")), "transfer", "B", is_known=lambda _: False)


def test_two_primaries_cannot_begin_on_one_day() -> None:
    described = given("?")
    with pytest.raises(PrimaryConflict):
        after(posts(given("A", ON)), "transfer", "B", given=described)


def order(kind: str, to: str | None) -> MoveOrder:
    return MoveOrder(kind=kind, effective_on=ON, decision_number="1", to_agency=to)


def test_a_body_receives_by_arrivals_and_other_moves_that_name_one() -> None:
    assert order("transfer", "B").arrives
    assert order("other", "B").arrives
    assert not order("other", None).arrives
    assert not order("secondment_end", "B").arrives


def test_a_move_is_undone_within_thirty_days_of_its_recording_or_its_day() -> None:
    def move(recorded: dt.date) -> Move:
        return Move(
            move_id=uuid4(),
            official_code="O-1",
            kind="transfer",
            effective_on=ON,
            decision_number="1",
            to_agency="B",
            recorded_on=recorded,
            before=(),
            after=(),
        )

    assert move(dt.date(2026, 9, 1)).undone_until == dt.date(2026, 10, 31)
    assert move(dt.date(2026, 10, 11)).undone_until == dt.date(2026, 11, 10)
