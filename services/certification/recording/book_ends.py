"""Where register books end, as far as this process can foresee."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import NamedTuple


class BookEnd(NamedTuple):
    """The last line of a book and its day of issue."""

    line: int
    issued_on: dt.date | None


class BookEnds:
    """Where the books will end once every drafted batch is written. An end is only a guess: the statement
    that writes a batch checks it."""

    def __init__(self) -> None:
        self._ends: dict[int, BookEnd] = {}
        self._drops: dict[int, int] = {}

    def of(self, book_id: int) -> BookEnd | None:
        return self._ends.get(book_id)

    def expect(self, ends: Mapping[int, BookEnd]) -> None:
        """The books will end here, once the drafted batch is written."""
        self._ends.update(ends)

    def drop(self, books: Iterable[int]) -> dict[int, int]:
        """Forgets where these books end: lines are about to be taken in the database. Returns how often each
        book was dropped, for :meth:`learn`."""
        dropped = list(books)
        for book_id in dropped:
            self._ends.pop(book_id, None)
            self._drops[book_id] = self._drops.get(book_id, 0) + 1
        return {book_id: self._drops[book_id] for book_id in dropped}

    def learn(self, committed: Mapping[int, BookEnd], drops: Mapping[int, int]) -> None:
        """Ends that a batch read after :meth:`drop`, now that it has committed. They no longer hold for a
        book that was dropped again meanwhile."""
        for book_id, end in committed.items():
            if self._drops.get(book_id) == drops.get(book_id):
                self._ends[book_id] = end

    def clear(self) -> None:
        self._ends.clear()
