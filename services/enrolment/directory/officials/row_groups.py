"""The rows of one set that speak of the same official, judged together, and what becomes of each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

import msgspec

from services.enrolment.directory.officials.hidden_numbers import KeyedIdentity
from services.enrolment.directory.officials.official import Official
from services.enrolment.directory.officials.posts import GivenPost, Post, overlapping_primaries
from services.enrolment.directory.officials.refusals import (
    already_registered,
    contradicting_row,
    repeated_row,
    two_primaries,
)
from services.enrolment.directory.officials.submission import Submission
from shared.imports.issues import Issue

Result = Literal["created", "updated", "unchanged", "refused"]


class Outcome(msgspec.Struct):
    result: Result = "unchanged"
    issues: list[Issue] = []
    warnings: list[Issue] = []
    facts_kept: list[str] = []
    joined: bool = False

    def refuse(self, *issues: Issue) -> None:
        self.result = "refused"
        self.issues += issues


class RowGroup(msgspec.Struct):
    """The rows of one official within one set. ``joining``: somebody out of the caller's scope is received;
    ``taken_over``: the assignments elsewhere that end earlier for it, each with the one that ends it."""

    code: str
    rows: list[int]
    held: Official | None = None
    after: Official | None = None
    joining: bool = False
    taken_over: list[tuple[Post, Post]] = []
    reason: str | None = None


def grouped(submitted: Sequence[Submission], outcomes: list[Outcome]) -> list[RowGroup]:
    by_code: dict[str, RowGroup] = {}
    for index, each in enumerate(submitted):
        if each.problems:
            outcomes[index].refuse(*each.problems)
        elif (group := by_code.get(each.official_code)) is not None:
            group.rows.append(index)
        else:
            by_code[each.official_code] = RowGroup(each.official_code, [index])
    for group in by_code.values():
        if len(group.rows) > 1:
            _check_together(group, submitted, outcomes)
    return [group for group in by_code.values() if group.rows]


def _check_together(
    group: RowGroup, submitted: Sequence[Submission], outcomes: list[Outcome]
) -> None:
    first = submitted[group.rows[0]]
    posts: dict[tuple[str, object], GivenPost] = {}
    flat: list[tuple[int, GivenPost]] = []
    for index in group.rows:
        row = submitted[index]
        if row.contradicts(first):
            outcomes[index].refuse(contradicting_row())
            continue
        for post in row.posts:
            other = posts.setdefault(post.key, post)
            if other is post:
                flat.append((index, post))
            elif other != post:
                outcomes[index].refuse(repeated_row())
    for pair in overlapping_primaries([post for _, post in flat]):
        for place in pair:
            outcomes[flat[place][0]].refuse(two_primaries())
    group.rows = [index for index in group.rows if outcomes[index].result != "refused"]


def settle_created(group: RowGroup, outcomes: list[Outcome]) -> None:
    for place, index in enumerate(group.rows):
        outcomes[index].result = "updated" if place else "created"


def settle_changed(
    group: RowGroup, held: Official, submitted: Sequence[Submission], outcomes: list[Outcome]
) -> None:
    """Rows of an assignment that stood already as given changed nothing; somebody else's row did."""
    before = {post.given for post in held.posts}
    idle = [i for i in group.rows if all(post in before for post in submitted[i].posts)]
    for index in group.rows:
        all_idle = len(idle) == len(group.rows)
        outcomes[index].result = "updated" if all_idle or index not in idle else "unchanged"
        outcomes[index].joined = group.joining


def taken_numbers(row: Submission, known: Collection[bytes]) -> Issue:
    """Some number of the row is another's. Points at it where only one was asked about; which of several it
    was is not said."""
    former = row.hidden.former if row.hidden is not None and row.hidden.former else row.former
    asked = {f"/former_identities/{n}": each for n, each in enumerate(former or ())}
    if row.identity is not None:
        asked[row.identity_at] = row.identity
    new = [
        pointer
        for pointer, each in asked.items()
        if isinstance(each, KeyedIdentity) and each.key not in known
    ]
    return already_registered(new[0] if len(new) == 1 else "")
