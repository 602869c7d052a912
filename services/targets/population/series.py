"""Dated head-counts by profile of one body, its subtree included, as numpy arrays.

A *cell* says that on ``day`` the number of people of ``profile`` changes by ``delta``. A series is
kept as pages: a page opens with the counts at the end of the day before ``from_day`` and holds the
cells up to the next page. A figure of any day therefore reads one page, whatever the length of the
history, plus the cells that were appended since the pages were last folded.

Days are proleptic ordinals (:meth:`datetime.date.toordinal`); the byte layout is little-endian
int32 columns, one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int64]

BEGINNING: Final = 0
"""``from_day`` of the first page: before every date."""

SMALLEST_PAGE: Final = 1024
"""Cells below which a page is never split: a read costs about the same up to here."""

_LAYOUT = np.dtype("<i4")


@dataclass(frozen=True, slots=True)
class Cells:
    """Changes sorted by day, then profile; each pair stands once and no delta is 0."""

    days: Ints
    profiles: Ints
    deltas: Ints

    def __len__(self) -> int:
        return len(self.days)

    def to_bytes(self) -> bytes:
        return b"".join(
            np.ascontiguousarray(column, dtype=_LAYOUT).tobytes()
            for column in (self.days, self.profiles, self.deltas)
        )

    @staticmethod
    def from_bytes(data: bytes) -> Cells:
        columns = np.frombuffer(data, dtype=_LAYOUT).reshape(3, -1)
        return Cells(columns[0], columns[1], columns[2])


NOTHING: Final = Cells(*(np.empty(0, dtype=np.int32) for _ in range(3)))


@dataclass(frozen=True, slots=True)
class Opening:
    """People per profile, only profiles that occur."""

    profiles: Ints
    counts: Ints

    def to_bytes(self) -> bytes:
        return b"".join(
            np.ascontiguousarray(column, dtype=_LAYOUT).tobytes()
            for column in (self.profiles, self.counts)
        )

    @staticmethod
    def from_bytes(data: bytes) -> Opening:
        columns = np.frombuffer(data, dtype=_LAYOUT).reshape(2, -1)
        return Opening(columns[0], columns[1])


EMPTY_OPENING: Final = Opening(*(np.empty(0, dtype=np.int32) for _ in range(2)))


@dataclass(frozen=True, slots=True)
class Page:
    from_day: int
    opening: Opening
    changes: Cells


def consolidated(
    days: npt.NDArray[np.integer],
    profiles: npt.NDArray[np.integer],
    deltas: npt.NDArray[np.integer],
) -> Cells:
    """Cells of changes in any order: equal (day, profile) summed, zeros dropped."""
    if len(days) == 0:
        return NOTHING
    key = (days.astype(np.int64) << 32) | profiles.astype(np.int64)
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    sums = np.add.reduceat(deltas[order].astype(np.int64), starts)
    kept = sums != 0
    key = key[starts][kept]
    return Cells(
        (key >> 32).astype(np.int32),
        (key & 0xFFFFFFFF).astype(np.int32),
        sums[kept].astype(np.int32),
    )


def merged(parts: Iterable[Cells]) -> Cells:
    """Sum of several series."""
    kept = [part for part in parts if len(part)]
    if not kept:
        return NOTHING
    if len(kept) == 1:
        return kept[0]
    return consolidated(
        np.concatenate([part.days for part in kept]),
        np.concatenate([part.profiles for part in kept]),
        np.concatenate([part.deltas for part in kept]),
    )


def paged(
    cells: Cells,
    smallest: int = SMALLEST_PAGE,
    *,
    opening: Opening = EMPTY_OPENING,
    from_day: int = BEGINNING,
) -> list[Page]:
    """Cut a series into pages whose changes are about as many as their opening has profiles.

    ``opening`` and ``from_day`` are those of the first page, where ``cells`` are the later part of a
    series. All changes of one day stand in one page, so ``from_day`` alone finds the page of a day.
    """
    pages: list[Page] = []
    width = max(
        (int(each.max()) + 1 for each in (cells.profiles, opening.profiles) if len(each)), default=0
    )
    standing = np.zeros(width, dtype=np.int64)
    standing[opening.profiles] = opening.counts
    start, total = 0, len(cells)
    while start < total:
        occurring = np.flatnonzero(standing)
        end = min(total, start + max(smallest, len(occurring)))
        if end < total:
            end = int(np.searchsorted(cells.days, cells.days[end - 1], side="right"))
        changes = Cells(cells.days[start:end], cells.profiles[start:end], cells.deltas[start:end])
        pages.append(
            Page(
                from_day if start == 0 else int(changes.days[0]),
                Opening(occurring.astype(np.int32), standing[occurring].astype(np.int32)),
                changes,
            )
        )
        np.add.at(standing, changes.profiles, changes.deltas)
        start = end
    return pages


def folded(
    pages: Sequence[Page], tail: Iterable[Cells], smallest: int = SMALLEST_PAGE
) -> list[Page]:
    """The last pages of a series, made again with cells that no page has yet.

    No cell of ``tail`` may lie before the first page.
    """
    changes = merged([*(page.changes for page in pages), *tail])
    if not pages:
        return paged(changes, smallest)
    first = pages[0]
    made = paged(changes, smallest, opening=first.opening, from_day=first.from_day)
    return made or [Page(first.from_day, first.opening, NOTHING)]


def counts_on(day: int, page: Page | None, tail: Iterable[Cells], width: int) -> Counts:
    """People per profile id (``width`` ids are known) on ``day``.

    ``page`` is the one with the greatest ``from_day`` not after ``day``; ``tail`` are cells that no
    page holds yet.
    """
    ids: list[Ints] = []
    weights: list[Ints] = []
    if page is not None:
        upto = int(np.searchsorted(page.changes.days, day, side="right"))
        ids += [page.opening.profiles, page.changes.profiles[:upto]]
        weights += [page.opening.counts, page.changes.deltas[:upto]]
    for cells in tail:
        upto = int(np.searchsorted(cells.days, day, side="right"))
        ids.append(cells.profiles[:upto])
        weights.append(cells.deltas[:upto])
    if not ids:
        return np.zeros(width, dtype=np.int64)
    counted = np.bincount(np.concatenate(ids), np.concatenate(weights), minlength=width)
    return counted.astype(np.int64)
