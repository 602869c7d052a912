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
    segment_on,
    segments,
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


def test_a_party_body_below_a_state_body_is_the_partys_and_so_are_the_units_below_it() -> None:
    history = {
        "top": [version(0, None, None, "state")],
        "committee": [version(0, None, "top", "party")],
        "school": [version(0, None, "committee", "public_service")],
        "front": [version(0, None, "top", "socio_political")],
        "hospital": [version(0, None, "top", "public_service")],
        "clinic": [version(0, None, "hospital", "public_service")],
        "alone": [version(0, None, None, "public_service")],
        "office": [version(0, None, "committee", "state")],
    }
    assert {code: segments(code, history)[0].bloc for code in history} == {
        "top": "state",
        "committee": "party",
        "school": "party",
        "front": "party",
        "hospital": "state",
        "clinic": "state",
        "alone": "state",
        "office": "state",
    }


def test_a_declared_bloc_goes_before_the_system_and_reaches_units_that_say_nothing() -> None:
    history = {
        "top": [version(0, None, None, "state", bloc="party")],
        "unit": [version(0, None, "top", "public_service")],
        "own": [version(0, None, "unit", "public_service", bloc="state")],
        "below": [version(0, None, "own", "public_service")],
        "state": [version(0, None, "top", "state")],
    }
    assert {code: segments(code, history)[0].bloc for code in history} == {
        "top": "party",
        "unit": "party",
        "own": "state",
        "below": "state",
        "state": "state",
    }


def test_the_bloc_follows_the_tree_of_the_day() -> None:
    history = {
        "party": [version(0, None, None, "party")],
        "state": [version(0, None, None, "state")],
        "unit": [
            version(0, None, "state", "public_service"),
            version(5, None, "party", "public_service"),
        ],
        "office": [version(0, None, "state", "state"), version(7, None, "state", "party")],
    }
    assert [s.bloc for s in segments("unit", history)] == ["state", "party"]
    assert [(s.first - BASE).days for s in segments("office", history)] == [0, 7]
    assert [s.bloc for s in segments("office", history)] == ["state", "party"]


def chain(length: int) -> dict[str, list[Version]]:
    return {
        f"c{place}": [version(0, None, f"c{place - 1}" if place else None)]
        for place in range(length)
    }


def test_the_tree_has_at_most_thirty_two_levels() -> None:
    assert faults(list(chain(32)), chain(32)) == []
    found = faults(list(chain(35)), chain(35))
    assert {(f.kind, f.code) for f in found} == {
        ("tree_too_deep", "c32"),
        ("tree_too_deep", "c33"),
        ("tree_too_deep", "c34"),
    }


def test_a_subtree_hung_too_low_is_the_fault_of_the_body_that_moved() -> None:
    before = {
        **chain(20),
        **{f"d{n}": [version(0, None, f"d{n - 1}" if n else None)] for n in range(20)},
    }
    after = {**before, "d0": [version(0, None, None), version(6, None, "c19")]}
    found = faults(["d0"], after, before)
    assert {(f.kind, f.code, f.valid_from) for f in found} == {
        ("tree_too_deep", "d0", BASE + dt.timedelta(days=6))
    }
    assert {f.other for f in found} == {f"d{n}" for n in range(12, 20)}


def test_a_level_too_many_on_one_day_only_is_seen() -> None:
    before = {**chain(32), "x": [version(0, None, None)]}
    after = {
        **before,
        "x": [version(0, None, None), version(3, None, "c31"), version(4, None, None)],
    }
    assert [(f.kind, f.code, f.valid_from) for f in faults(["x"], after, before)] == [
        ("tree_too_deep", "x", BASE + dt.timedelta(days=3))
    ]


def test_a_tree_that_was_too_deep_before_may_be_corrected_but_not_deepened() -> None:
    before = chain(200)
    renamed = {**before, "c150": [version(0, None, "c149", "party")]}
    assert faults(["c150"], renamed, before) == []
    shorter = {**before, "c150": [version(0, None, "c100")]}
    assert faults(["c150"], shorter, before) == []
    deeper = {**before, "new": [version(0, None, "c199")]}
    assert {f.code for f in faults(["new"], deeper, before)} == {"new"}
    ring = {**before, "c150": [version(0, None, "c190")]}
    assert faults(["c150"], ring, before)


def test_walks_of_a_deep_tree_end_whatever_its_depth() -> None:
    deep = chain(3000)
    assert len(segments("c2999", deep)[0].path) == 3000
    ring = {**chain(2000), "c0": [version(0, None, "c1999")]}
    assert faults(list(ring), ring)


def test_the_bloc_comes_from_the_nearest_that_declares_one() -> None:
    history = {
        "top": [version(0, None, None, "party")],
        "mid": [version(0, None, "top", "public_service", bloc="state")],
        "low": [version(0, None, "mid", "public_service")],
    }
    assert segments("low", history)[0].bloc == "state"
    assert segments("top", history)[0].bloc == "party"


def test_an_ended_body_belongs_where_it_last_stood() -> None:
    history = {"top": [version(0, None, None)], "low": [version(0, 4, "top")]}
    found = segment_on(segments("low", history), BASE + dt.timedelta(days=100))
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
