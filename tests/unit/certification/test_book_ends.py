"""Where books end, as a process foresees it."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from services.certification.recording.book_ends import BookEnd, BookEnds

DAY = dt.date(2026, 1, 1)


def test_a_drafted_batch_moves_the_end_and_dropping_forgets_it() -> None:
    ends = BookEnds()
    assert ends.of(1) is None
    ends.expect({1: BookEnd(7, DAY), 2: BookEnd(3, None)})
    assert (ends.of(1), ends.of(2)) == (BookEnd(7, DAY), BookEnd(3, None))
    ends.drop([1])
    assert (ends.of(1), ends.of(2)) == (None, BookEnd(3, None))
    ends.clear()
    assert ends.of(2) is None


def test_an_end_that_was_dropped_again_meanwhile_is_not_learned() -> None:
    ends = BookEnds()
    first, second = ends.drop([1]), ends.drop([1])
    ends.learn({1: BookEnd(5, DAY)}, first)
    assert ends.of(1) is None
    ends.learn({1: BookEnd(9, DAY)}, second)
    assert ends.of(1) == BookEnd(9, DAY)


books = st.integers(1, 3)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["drop", "learn"]), books), max_size=30))
def test_an_end_is_learned_only_from_the_last_that_took_lines(
    steps: list[tuple[str, int]],
) -> None:
    """Batches drop ends of books and commit later, in any order: no older line is learned."""
    book_ends = BookEnds()
    lines = dict.fromkeys(range(1, 4), 0)
    under_way: list[tuple[int, int, dict[int, int]]] = []
    for what, book in steps:
        if what == "drop":
            drops = book_ends.drop([book])
            lines[book] += 5
            under_way.append((book, lines[book], drops))
        elif under_way:
            done, line, drops = under_way.pop(book % len(under_way))
            book_ends.learn({done: BookEnd(line, dt.date(2026, 1, 1))}, drops)
        for number, line in lines.items():
            known = book_ends.of(number)
            assert known is None or known.line == line
