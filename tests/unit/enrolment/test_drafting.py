"""What rows make of an official, by who sends them."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import uuid4

import msgspec

from services.enrolment.directory.joinings.joining import Joining
from services.enrolment.directory.officials.drafting import Asking, Draft, Refused, draft
from services.enrolment.directory.officials.official import Official
from services.enrolment.directory.officials.row_groups import RowGroup
from services.enrolment.directory.officials.submission import Submission
from shared.security.masking import masked
from shared.security.principal import Principal
from tests.making.officials import (
    BELONGINGS,
    KEYS,
    NUMBER,
    OTHER_NUMBER,
    clerk,
    given,
    keyed,
    official,
    row,
)

TODAY = dt.date(2026, 11, 23)
NATION = Principal("ministry", "authority")


def asking(caller: Principal, **more: Any) -> Asking:
    values: dict[str, Any] = {"replace": False, "joinings": {}}
    return Asking(caller=caller, today=TODAY, belongings=BELONGINGS, keys=KEYS, **values | more)


def drafted(
    caller: Principal, before: Official | None, *rows: Submission, **more: Any
) -> Draft | Refused:
    group = RowGroup("O-1", tuple(range(len(rows))))
    return draft(asking(caller, **more), group, before, rows)


def changed(caller: Principal, before: Official | None, *rows: Submission, **more: Any) -> Draft:
    found = drafted(caller, before, *rows, **more)
    assert isinstance(found, Draft), found
    return found


def refusal(caller: Principal, before: Official | None, *rows: Submission, **more: Any) -> str:
    found = drafted(caller, before, *rows, **more)
    assert isinstance(found, Refused), found
    return found.issue.code


def warned(found: Draft) -> list[str]:
    return [issue.code for issue in found.warnings.get(0, ())]


def bodies(official: Official | None) -> list[tuple[str, dt.date | None]]:
    assert official is not None
    return [(post.given.agency_code, post.valid_to) for post in official.posts]


# --- somebody new


def test_a_new_official_is_as_the_row_says() -> None:
    found = changed(clerk("X.A"), None, row(sex="nữ", record_code="HS 1"))
    after = found.after
    assert after is not None
    assert (after.version, after.sex, after.record_code) == (1, "female", "HS 1")
    assert (after.identity.key, bodies(after)) == (keyed().key, [("X.A", None)])
    assert not found.joining


def test_somebody_new_needs_a_number_and_an_assignment() -> None:
    assert refusal(clerk("X.A"), None, row(citizen_id=None)) == "identity_required"
    assert refusal(clerk("X.A"), None, row(None)) == "assignments_required"


def test_a_row_of_a_body_out_of_scope_is_refused_and_others_stand() -> None:
    found = changed(clerk("X.A"), None, row("Y.A"), row("X.A"))
    assert [issue.code for issue in found.foreign[0]] == ["agency_unknown"]
    assert found.rows == (1,)
    assert bodies(found.after) == [("X.A", None)]


def test_where_no_row_stands_nothing_changes() -> None:
    found = changed(clerk("X.A"), None, row("Y.A"))
    assert (found.rows, found.after) == ((), None)


# --- somebody in scope


def test_the_same_row_again_changes_nothing() -> None:
    before = official()
    assert changed(clerk("X.A"), before, row()).after is None


def test_a_changed_fact_raises_the_version_and_leaves_the_record_before_alone() -> None:
    before = official()
    untouched = msgspec.json.encode(before.posts)
    found = changed(clerk("X.A"), before, row(record_code="HS 2"))
    assert found.after is not None
    assert (found.after.version, found.after.record_code) == (before.version + 1, "HS 2")
    assert before.record_code is None
    assert msgspec.json.encode(before.posts) == untouched


def test_what_a_row_leaves_out_stays() -> None:
    found = changed(clerk("X.A"), official(record_code="HS 1"), row(sex="nam"))
    assert found.after is not None
    assert (found.after.record_code, found.after.sex) == ("HS 1", "male")


def test_a_new_number_needs_a_reason_and_keeps_the_old_one_as_a_former() -> None:
    before = official()
    assert refusal(clerk("X.A"), before, row(citizen_id=OTHER_NUMBER)) == "identity_reason_required"
    found = changed(
        clerk("X.A"), before, row(citizen_id=OTHER_NUMBER, identity_reason="new_number")
    )
    assert found.after is not None
    assert (found.after.identity, found.after.former) == (keyed(OTHER_NUMBER), (keyed(),))
    assert found.reason == "new_number"
    assert "identity_number_changed" in warned(found)


def test_a_masked_number_stands_for_the_stored_one() -> None:
    before = official()
    assert changed(clerk("X.A"), before, row(citizen_id=masked(NUMBER))).after is None
    strange = row(citizen_id=masked("001185009999"))
    assert refusal(clerk("X.A"), before, strange) == "identity_masked"


def test_a_row_of_another_person_is_refused_and_a_put_of_one_is_doubted() -> None:
    other = row(citizen_id=OTHER_NUMBER, full_name="Trần Văn Bình", identity_reason="clerical")
    assert refusal(clerk("X.A"), official(), other) == "official_code_in_use"
    found = changed(clerk("X.A"), official(), other, replace=True)
    assert "other_person_suspected" in warned(found)


def test_a_corrected_birth_date_makes_new_checks_of_all_numbers() -> None:
    before = official(former=(keyed(OTHER_NUMBER),))
    found = changed(clerk("X.A"), before, row(birth_date="1985-03-03"))
    assert found.after is not None
    assert found.after.identity == keyed(born="1985-03-03")
    assert found.after.former == (keyed(OTHER_NUMBER, "1985-03-03"),)


def test_a_put_takes_away_what_it_does_not_give_in_its_own_bodies_alone() -> None:
    before = official(given("X.A"), given("Y.A", primary=False, posting="concurrent"))
    later = dt.date(2020, 1, 1)
    found = changed(clerk("X.A"), before, row(first=later), replace=True)
    assert found.after is not None
    assert {(post.given.agency_code, post.given.valid_from) for post in found.after.posts} == {
        ("X.A", later),
        ("Y.A", dt.date(2018, 9, 1)),
    }


def test_an_id_of_another_assignment_is_refused() -> None:
    strange = row(assignment={"assignment_id": uuid4()})
    assert refusal(clerk("X.A"), official(), strange) == "assignment_id_differs"


def test_an_assignment_that_a_later_primary_one_ends_is_told() -> None:
    later = dt.date(2020, 1, 1)
    found = changed(clerk("X.A"), official(given("X.A", later)), row())
    assert bodies(found.after) == [("X.A", later - dt.timedelta(days=1)), ("X.A", None)]
    assert "ended_by_later_primary" in warned(found)


# --- somebody of another body


def test_who_knows_number_and_birth_date_receives_an_official_and_changes_no_fact() -> None:
    before = official()
    arrival = row("Y.A", dt.date(2026, 12, 1), full_name="Lê Thị Béo", record_code="HS 9")
    found = changed(clerk("Y.A"), before, arrival)
    assert found.joining
    assert bodies(found.after) == [("X.A", dt.date(2026, 11, 30)), ("Y.A", None)]
    assert [(left.given.agency_code, by.given.agency_code) for left, by in found.taken_over] == [
        ("X.A", "Y.A")
    ]
    assert found.after is not None
    assert (found.after.full_name, found.after.record_code) == ("Lê Thị Bé", None)
    assert found.facts_kept[0] == ["record_code", "full_name"]
    assert warned(found)[:2] == ["fact_kept", "fact_kept"]


def test_who_does_not_know_the_person_learns_nothing_but_that_the_code_is_in_use() -> None:
    for wrong in (
        row("Y.A", citizen_id=OTHER_NUMBER),
        row("Y.A", birth_date="1985-03-03"),
        row("Y.A", birth_date="1985"),
    ):
        assert refusal(clerk("Y.A"), official(), wrong) == "official_code_in_use"


def test_once_the_questions_are_spent_rows_that_ask_are_refused_alike() -> None:
    for before in (None, official()):
        assert refusal(clerk("Y.A"), before, row("Y.A"), silent_from=0) == "too_many_requests"
    assert changed(clerk("X.A"), official(), row(), silent_from=0).after is None


def test_nobody_is_taken_over_by_an_assignment_that_is_over() -> None:
    past = row("Y.A", dt.date(2026, 1, 1), assignment={"valid_to": dt.date(2026, 2, 1)})
    assert refusal(clerk("Y.A"), official(), past) == "primary_conflict"


def test_a_contested_body_waits_for_the_decision() -> None:
    contested = Joining(
        joining_id=uuid4(),
        official_code="O-1",
        assignment_id=uuid4(),
        from_agency="X.A",
        to_agency="Y.A",
        effective_on=TODAY,
        recorded_on=TODAY,
        arrivals=(),
        stored="contested",
    )
    arrival = row("Y.A", dt.date(2026, 12, 1))
    joinings = {"O-1": [contested]}
    assert refusal(clerk("Y.A"), official(), arrival, joinings=joinings) == "joining_contested"


def test_two_primaries_of_one_day_are_a_conflict_told_only_to_who_knows_the_person() -> None:
    arrival = row("Y.A")
    assert refusal(clerk("Y.A"), official(), arrival) == "primary_conflict"
    before = official(given("X.A"), given("Y.B", dt.date(2017, 1, 1), primary=False))
    unknowing = row("Y.B", citizen_id=None)
    assert refusal(clerk("Y"), before, unknowing) == "official_code_in_use"


def test_a_caller_of_one_bloc_sees_and_keeps_what_lies_behind_the_border() -> None:
    before = official(given("X.A"), given("X.P", primary=False, posting="concurrent"))
    state = clerk("X", bloc="state")
    found = changed(state, before, row(record_code="HS 1"), replace=True)
    assert found.after is not None
    assert {post.given.agency_code for post in found.after.posts} == {"X.A", "X.P"}


def test_the_nation_answers_for_everybody() -> None:
    found = changed(NATION, official(), row(record_code="HS 1"))
    assert found.after is not None
    assert found.after.record_code == "HS 1"
