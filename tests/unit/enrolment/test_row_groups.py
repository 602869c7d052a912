"""Rows of one official in one set."""

from __future__ import annotations

import datetime as dt

import msgspec

from services.enrolment.directory.officials.row_groups import (
    RowGroup,
    grouped,
    results_of,
    taken_numbers,
)
from services.enrolment.directory.officials.rows import IdentityPart
from services.enrolment.directory.officials.submission import Submission
from shared.imports.issues import Issue
from tests.making.officials import NUMBER, OTHER_NUMBER, given, keyed, official, row

LATER = dt.date(2020, 1, 1)


def of(code: str, submitted: Submission) -> Submission:
    return msgspec.structs.replace(submitted, official_code=code)


def codes(refused: dict[int, list[Issue]]) -> dict[int, list[str]]:
    return {index: [issue.code for issue in issues] for index, issues in refused.items()}


def test_rows_are_grouped_by_official_in_the_order_of_the_file() -> None:
    beside = row("X.P", LATER, assignment={"posting": "concurrent"})
    rows = [of("B", row()), of("A", row()), of("B", beside)]
    assert grouped(rows) == ([RowGroup("B", (0, 2)), RowGroup("A", (1,))], {})


def test_a_row_with_a_fault_is_refused_alone() -> None:
    wrong = row()
    wrong.problems = [Issue("/sex", "not_in_list", "", "")]
    groups, refused = grouped([wrong, row()])
    assert groups == [RowGroup("O-1", (1,))]
    assert codes(refused) == {0: ["not_in_list"]}


def test_a_row_that_tells_another_person_is_refused() -> None:
    groups, refused = grouped([row(), row("X.P", LATER, full_name="Trần Văn Bình")])
    assert groups == [RowGroup("O-1", (0,))]
    assert codes(refused) == {1: ["row_contradicts"]}


def test_one_assignment_is_given_twice_alike_or_refused() -> None:
    assert grouped([row(), row()])[1] == {}
    other = row(assignment={"position_title": "Văn thư"})
    assert codes(grouped([row(), other])[1]) == {1: ["row_repeated"]}


def test_primaries_of_one_day_are_refused_both() -> None:
    groups, refused = grouped([row(), row("X.P", LATER)])
    assert groups == []
    assert codes(refused) == {0: ["two_primaries"], 1: ["two_primaries"]}


def test_the_first_row_of_a_new_official_created_it() -> None:
    rows = [row(), row("X.P", LATER)]
    assert results_of((0, 1), rows, None) == {0: "created", 1: "updated"}


def test_a_row_of_what_was_there_is_idle_unless_all_are() -> None:
    before = official(given("X.A"))
    rows = [row(), row("X.P", LATER)]
    assert results_of((0, 1), rows, before) == {0: "unchanged", 1: "updated"}
    assert results_of((0,), rows, before) == {0: "updated"}


def test_the_number_that_is_taken_is_pointed_at_where_one_was_asked_about() -> None:
    assert taken_numbers(row(), ()).pointer == "/citizen_id"
    both = row(former_identities=(IdentityPart(type="citizen_id", number=OTHER_NUMBER),))
    assert taken_numbers(both, ()).pointer == ""
    assert taken_numbers(both, {keyed(NUMBER).key}).pointer == "/former_identities/0"
