"""Where register books end, as far as this process can foresee."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Tail(NamedTuple):
    """The last line of a book and its day of issue."""

    line: int
    issued_on: dt.date | None


class Tails:
    """Where the books will end once every drafted batch is written. A tail is only ever a guess, which the
    writing statement checks."""

    def __init__(self) -> None:
        self._tails: dict[int, Tail] = {}
        self._left: dict[int, int] = {}

    def of(self, book_id: int) -> Tail | None:
        return self._tails.get(book_id)

    def foresee(self, after: Mapping[int, Tail]) -> None:
        self._tails.update(after)

    def leave(self, books: Iterable[int]) -> dict[int, int]:
        """Forgets where these books end, because lines are about to be taken in the database. What is
        returned lets :meth:`learn` tell whether anybody took lines since."""
        for book_id in books:
            self._tails.pop(book_id, None)
            self._left[book_id] = self._left.get(book_id, 0) + 1
        return {book_id: self._left[book_id] for book_id in books}

    def learn(self, committed: Mapping[int, Tail], left: Mapping[int, int]) -> None:
        """Tails that a batch read after :meth:`leave`, now that it has committed."""
        for book_id, tail in committed.items():
            if self._left.get(book_id) == left.get(book_id):
                self._tails[book_id] = tail

    def forget(self) -> None:
        self._tails.clear()
