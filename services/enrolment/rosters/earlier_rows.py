"""What a long roster said of officials in its earlier chunks, in 48 bytes a row.

A file may not give one official two primary assignments on one day, however far apart its rows are, nor
two different persons under one code; and it must not be held in memory to find that out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from services.enrolment.directory.officials.posts import GivenPost
from services.enrolment.directory.officials.submission import Submission

_Rows = npt.NDArray[np.int64]
_NEVER = 0


class EarlierPost(NamedTuple):
    """One assignment of one earlier row; fingerprints are signed 64 bits, days are ordinals."""

    official: int
    person: int
    key: int
    content: int
    first: int
    last: int

    @property
    def primary(self) -> bool:
        return self.first != _NEVER


def fingerprint(*parts: object) -> int:
    """Good within this process, which is as long as a file is read."""
    return hash(parts)


def earlier_posts(submitted: Submission) -> list[EarlierPost]:
    official = fingerprint(submitted.official_code)
    person = fingerprint(
        submitted.identity and submitted.identity.key,
        submitted.full_name,
        submitted.birth_date,
    )
    return [_seen(official, person, post) for post in submitted.posts]


def _seen(official: int, person: int, post: GivenPost) -> EarlierPost:
    first, last = _NEVER, _NEVER
    if post.primary:
        first = post.valid_from.toordinal()
        last = post.given_to.toordinal() if post.given_to else 1 << 40
    return EarlierPost(
        official,
        person,
        fingerprint(post.agency_code, post.valid_from),
        fingerprint(post),
        first,
        last,
    )


class EarlierRows:
    """Sorted runs of rows, merged as they grow."""

    def __init__(self) -> None:
        self._runs: list[_Rows] = []

    def add(self, posts: Sequence[EarlierPost]) -> None:
        if not posts:
            return
        self._runs.append(_sorted(np.array(posts, dtype=np.int64)))
        while len(self._runs) > 1 and len(self._runs[-2]) <= 2 * len(self._runs[-1]):
            self._runs.append(_sorted(np.concatenate([self._runs.pop(), self._runs.pop()])))

    def of(self, officials: Sequence[int]) -> dict[int, list[EarlierPost]]:
        """Earlier rows of those that had any."""
        found: dict[int, list[EarlierPost]] = {}
        asked = np.array(officials, dtype=np.int64)
        for run in self._runs:
            at = np.searchsorted(run[:, 0], asked)
            ends = np.searchsorted(run[:, 0], asked, side="right")
            # Hardly any official is met twice: only those are looked at one by one.
            for n in np.flatnonzero(at < ends).tolist():
                for row in run[at[n] : ends[n]].tolist():
                    found.setdefault(officials[n], []).append(EarlierPost(*row))
        return found


def _sorted(rows: _Rows) -> _Rows:
    return rows[rows[:, 0].argsort(kind="stable")]
