"""The dated tree, against a day-by-day reading of the same history."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.directory.agencies.tree import (
    OPEN,
    Version,
    affected,
    faults,
    in_force,
    segments,
    standing_on,
)

BASE = dt.date(2020, 1, 1)
DAYS = 12


def version(first: int, last: int | None, parent: str | None, system: str = "state", bloc=None):
    day = BASE + dt.timedelta(days=first)
    end = None if last is None else BASE + dt.timedelta(days=last)
    return Version(day, end, parent, system, bloc)


def on(history: dict[str, list[Version]], code: str, day: dt.date) -> Version | None:
    """The version that holds on a day, by the plainest reading of the rule."""
    begun = [each for each in history.get(code, []) if each.valid_from <= day]
    if not begun:
        return None
    newest = max(begun, key=lambda each: each.valid_from)
    return newest if newest.valid_to is None or day <= newest.valid_to else None


CODES = "abcd"
versions = st.builds(
    lambda first, length, parent, bloc: version(
        first, None if length is None else first + length, parent, bloc=bloc
    ),
    st.integers(0, DAYS),
    st.none() | st.integers(0, DAYS),
    st.none() | st.sampled_from(CODES),
    st.sampled_from([None, None, "party", "state"]),
)
histories = st.dictionaries(
    st.sampled_from(CODES), st.lists(versions, max_size=3, unique_by=lambda v: v.valid_from)
)


def test_a_version_ends_the_day_before_the_next_begins() -> None:
    spans = in_force([version(5, None, None), version(0, None, None)])
    assert [(s.first, s.last) for s in spans] == [
        (BASE, BASE + dt.timedelta(days=4)),
        (BASE + dt.timedelta(days=5), OPEN),
    ]


def test_a_child_may_not_outlive_its_parent() -> None:
    history = {"top": [version(0, 9, None)], "low": [version(0, None, "top")]}
    assert [(f.kind, f.code, f.other) for f in faults(["low"], history)] == [
        ("child_outlives_parent", "low", "top")
    ]
    assert faults(["top"], history) == faults(["low"], history)


def test_an_unknown_parent_and_a_cycle_are_told_apart() -> None:
    lost = {"low": [version(0, None, "nowhere")]}
    assert faults(["low"], lost)[0].kind == "parent_unknown"
    ring = {
        "a": [version(0, None, "b")],
        "b": [version(0, None, "c")],
        "c": [version(0, None, "a")],
    }
    assert {f.code for f in faults(["a", "b", "c"], ring) if f.kind == "agency_cycle"} == {
        "a",
        "b",
        "c",
    }


def test_two_bodies_may_swap_places_on_different_days() -> None:
    history = {
        "a": [version(0, 4, None), version(5, None, "b")],
        "b": [version(0, 4, "a"), version(5, None, None)],
    }
    assert faults(["a", "b"], history) == []
    assert [s.path for s in segments("a", history)] == [("a",), ("a", "b")]


def test_the_bloc_comes_from_the_nearest_that_declares_one_else_from_the_top() -> None:
    history = {
        "top": [version(0, None, None, "party")],
        "mid": [version(0, None, "top", bloc="state")],
        "low": [version(0, None, "mid")],
    }
    assert segments("low", history)[0].bloc == "state"
    assert segments("top", history)[0].bloc == "party"


def test_an_ended_body_belongs_where_it_last_stood() -> None:
    history = {"top": [version(0, None, None)], "low": [version(0, 4, "top")]}
    found = standing_on(segments("low", history), BASE + dt.timedelta(days=100))
    assert found is not None
    assert found.path == ("low", "top")


@given(histories)
def test_faults_are_found_exactly_when_some_day_is_not_a_tree(
    history: dict[str, list[Version]],
) -> None:
    broken = False
    for offset in range(4 * DAYS):
        day = BASE + dt.timedelta(days=offset)
        for code in history:
            seen, at = set(), code
            while (here := on(history, at, day)) is not None and here.parent_code is not None:
                if at in seen:
                    broken = True
                    break
                seen.add(at)
                at = here.parent_code
                broken = broken or on(history, at, day) is None
    assert bool(faults(list(history), history)) == broken


@given(histories)
def test_segments_say_of_each_day_what_climbing_says(history: dict[str, list[Version]]) -> None:
    if faults(list(history), history):
        return
    for code in history:
        found = segments(code, history)
        for offset in range(4 * DAYS):
            day = BASE + dt.timedelta(days=offset)
            path, at = [], code
            while (here := on(history, at, day)) is not None:
                path.append(at)
                if here.parent_code is None:
                    break
                at = here.parent_code
            held = [s.path for s in found if s.first <= day <= s.last]
            assert held == ([tuple(path)] if path else [])
            for above in path:
                assert code in affected([above], history)
