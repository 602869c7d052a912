"""The rows of one set that speak of the same official are judged together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from services.enrolment.directory.officials.hidden_numbers import KeyedIdentity
from services.enrolment.directory.officials.official import Official
from services.enrolment.directory.officials.posts import GivenPost, overlapping_primaries
from services.enrolment.directory.officials.refusals import (
    already_registered,
    contradicting_row,
    repeated_row,
    two_primaries,
)
from services.enrolment.directory.officials.submission import Submission
from shared.imports.issues import Issue

Result = Literal["created", "updated", "unchanged", "refused"]
RowIssues = Mapping[int, Sequence[Issue]]
"""By the place of a row in its set."""


class RowGroup(msgspec.Struct, frozen=True):
    """The places of the rows of one official within one set."""

    code: str
    rows: tuple[int, ...]


def grouped(submitted: Sequence[Submission]) -> tuple[list[RowGroup], dict[int, list[Issue]]]:
    """Groups in the order of their first rows, and the rows that are refused without a look at the record."""
    refused: dict[int, list[Issue]] = {}
    by_code: dict[str, list[int]] = {}
    for index, each in enumerate(submitted):
        if each.problems:
            refused[index] = each.problems
        else:
            by_code.setdefault(each.official_code, []).append(index)
    groups = []
    for code, rows in by_code.items():
        if len(rows) > 1:
            contradicting = _contradictions(rows, submitted)
            refused |= contradicting
            groups.append(RowGroup(code, tuple(i for i in rows if i not in contradicting)))
        else:
            groups.append(RowGroup(code, tuple(rows)))
    return [group for group in groups if group.rows], refused


def _contradictions(rows: Sequence[int], submitted: Sequence[Submission]) -> dict[int, list[Issue]]:
    found: dict[int, list[Issue]] = {}
    first = submitted[rows[0]]
    posts: dict[tuple[str, object], GivenPost] = {}
    flat: list[tuple[int, GivenPost]] = []
    for index in rows:
        row = submitted[index]
        if row.contradicts(first):
            found.setdefault(index, []).append(contradicting_row())
            continue
        for post in row.posts:
            other = posts.setdefault(post.key, post)
            if other is post:
                flat.append((index, post))
            elif other != post:
                found.setdefault(index, []).append(repeated_row())
    for pair in overlapping_primaries([post for _, post in flat]):
        for number in pair:
            found.setdefault(flat[number][0], []).append(two_primaries())
    return found


def results_of(
    rows: Sequence[int], submitted: Sequence[Submission], before: Official | None
) -> dict[int, Result]:
    """What became of the rows that changed an official. Of a new one the first row created it. A row of an
    assignment that was there already as given changed nothing, if another row did."""
    if before is None:
        return {index: "updated" if number else "created" for number, index in enumerate(rows)}
    there = {post.given for post in before.posts}
    idle = {index for index in rows if all(post in there for post in submitted[index].posts)}
    if len(idle) == len(rows):
        idle = set()
    return {index: "unchanged" if index in idle else "updated" for index in rows}


def taken_numbers(row: Submission, known: Collection[bytes]) -> Issue:
    """Some number of the row is another's. It points at the number where only one was asked about. Which of
    several it was is not said."""
    former: Iterable[object]
    former = row.hidden.former if row.hidden is not None and row.hidden.former else row.former or ()
    asked: dict[str, object] = {f"/former_identities/{n}": each for n, each in enumerate(former)}
    if row.identity is not None:
        asked[row.identity_at] = row.identity
    new = [
        pointer
        for pointer, each in asked.items()
        if isinstance(each, KeyedIdentity) and each.key not in known
    ]
    return already_registered(new[0] if len(new) == 1 else "")
