"""Finds the headings of a list among titles, national mottos and merged cells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from shared.imports.layout import SheetLayout, folded
from shared.imports.xlsx import MergedRange

# Ordinal columns say nothing and are in every list.
_ORDINALS: Final = frozenset({"stt", "tt", "so tt", "so thu tu", "no", "order", "row", ""})
_COLUMN_NUMBER: Final = re.compile(r"\(?\s*(\d{1,2}|[A-Z])\s*\)?")

_WIDEST_MERGE: Final = 500
_MOST_MERGED: Final = 2_000

Texts = Mapping[int, str]
Named = dict[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Headings:
    """``columns``: position in the file → position in the layout. ``repeated``: fields headed twice.
    ``written``: headings as the file has them, by position. ``rows``: how many of the rows looked at are used up by
    titles and headings."""

    columns: Mapping[int, int]
    written: Mapping[int, str]
    unknown: tuple[str, ...]
    repeated: tuple[int, ...]
    rows: int
    width: int


def find_headings(
    rows: Sequence[tuple[int, Texts]],
    layout: SheetLayout,
    merges: Sequence[MergedRange] = (),
) -> Headings | None:
    """``rows`` are the first rows of the file: place and non-blank texts by column.

    The best row wins, or the best two rows one above the other where those match more columns than
    either alone. A second level is read as “group heading”, then by itself.
    """
    best: tuple[int, int, Named] | None = None
    for index, (place, texts) in enumerate(rows):
        single: Named = {column: (text,) for column, text in texts.items()}
        candidates = [(1, single)]
        if index + 1 < len(rows) and rows[index + 1][0] == place + 1:
            candidates.append((2, _two_levels(place, texts, rows[index + 1][1], merges)))
        for height, headings in candidates:
            score = len(set(_matched(headings, layout).values()))
            # A tie goes to the earlier row, and to one row rather than two.
            if score >= min(2, len(layout.columns)) and (best is None or score > best[0]):
                best = (score, index + height, headings)
            elif best is not None and score == best[0] and height == 1 and index + 1 == best[1]:
                # The upper row of the two was a mere title.
                best = (score, index + height, headings)
    if best is None:
        return None
    _, used, headings = best
    columns: dict[int, int] = {}
    repeated: list[int] = []
    for column, target in sorted(_matched(headings, layout).items()):
        if target in columns.values():
            repeated.append(target)
        else:
            columns[column] = target
    unknown = tuple(
        names[0][:60]
        for column, names in sorted(headings.items())
        if column not in columns
        and layout.column_for(names[0]) is None
        and folded(names[0]) not in _ORDINALS
    )
    if used < len(rows) and _is_numbering(rows[used][1]):
        used += 1
    width = max((column for column in headings), default=-1) + 1
    written = {column: names[0][:60] for column, names in headings.items()}
    return Headings(columns, written, unknown, tuple(repeated), used, width)


def _matched(headings: Named, layout: SheetLayout) -> dict[int, int]:
    found: dict[int, int] = {}
    for column, names in headings.items():
        for name in names:
            target = layout.column_for(name)
            if target is not None:
                found[column] = target
                break
    return found


def _two_levels(place: int, upper: Texts, lower: Texts, merges: Sequence[MergedRange]) -> Named:
    names: Named = {}
    group = ""
    beginnings = _beginnings(place, merges)
    for column in range(max((*upper, *lower), default=-1) + 1):
        above, below = upper.get(column, ""), lower.get(column, "")
        if above:
            group = above
        elif merges:
            group = upper.get(beginnings.get(column, -1), "")
        if below:
            names[column] = (f"{group} {below}", below) if group else (below,)
        elif above:
            names[column] = (above,)
    return names


def _beginnings(place: int, merges: Sequence[MergedRange]) -> dict[int, int]:
    """Column → first column of the merged range that covers it in the row ``place``. Excel lets no two
    overlap; a file that does is not searched for each pair of them."""
    found: dict[int, int] = {}
    for merge in merges:
        if merge.first_row <= place <= merge.last_row and merge.first_column not in found:
            last = min(merge.last_column, merge.first_column + _WIDEST_MERGE)
            found |= dict.fromkeys(range(merge.first_column, last + 1), merge.first_column)
            if len(found) > _MOST_MERGED:
                break
    return found


def _is_numbering(texts: Texts) -> bool:
    """The row “(1) (2) (3)” or “A B 1 2 3” that official forms put under their headings."""
    marks = [_COLUMN_NUMBER.fullmatch(text) for _, text in sorted(texts.items())]
    if len(marks) < 3 or not all(marks):
        return False
    numbers = [int(mark.group(1)) for mark in marks if mark and mark.group(1).isdigit()]
    return len(numbers) >= 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
