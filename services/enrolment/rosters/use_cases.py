"""Taking a roster of any length, and telling whom a complete one leaves out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.enrolment.directory.agencies.scope import sees_persons_of
from services.enrolment.directory.agencies.use_cases.reading import belongings
from services.enrolment.directory.fields import CODE, clean
from services.enrolment.directory.officials.refusals import (
    agency_out_of_scope,
    contradicting_row,
    repeated_row,
    two_primaries,
)
from services.enrolment.directory.officials.rows import OfficialRow
from services.enrolment.directory.officials.submission import Submission, submission
from services.enrolment.directory.officials.use_cases.reading import not_listed
from services.enrolment.directory.officials.use_cases.registering import register
from services.enrolment.rosters.earlier_rows import EarlierPost, EarlierRows, earlier_posts
from services.enrolment.rosters.layout import ROSTER
from shared.imports.issues import Issue
from shared.imports.rows import Row, RowProblem
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.person_key import PersonKeys
from shared.web.uploads import BulkUpload, Taken


@dataclass(slots=True)
class PreparedRow:
    row: Row[OfficialRow]
    submitted: Submission
    posts: list[EarlierPost]


@dataclass(slots=True)
class Roster(BulkUpload[PreparedRow]):
    """One file being imported. ``complete_for``: the body whose whole subtree it claims to list."""

    shape = OfficialRow
    sheet = ROSTER

    keys: PersonKeys
    complete_for: str | None = None
    as_of: dt.date | None = None
    _seen: EarlierRows = field(default_factory=EarlierRows)
    _listed: set[str] = field(default_factory=set)
    _unread: list[RowProblem] = field(default_factory=list)

    def prepare(self, row: Row[OfficialRow]) -> PreparedRow:
        made = submission(row.value, self.keys, row.number)
        if self.complete_for is not None:
            self._listed.add(made.official_code)
        return PreparedRow(row, made, [] if made.problems else earlier_posts(made))

    def unread(self, problem: RowProblem) -> list[Issue]:
        """A row that cannot be taken still names its official: whoever has a fault in a date is not missing
        from the file. The bodies that it names are looked up with the next chunk."""
        if isinstance(problem.readable, dict):
            named = problem.readable.get("official_code")
            if self.complete_for is not None and isinstance(named, str):
                self._listed.add(clean(named))
            if _bodies_in(problem.readable):
                self._unread.append(problem)
        return []

    def waits(self) -> bool:
        """Whether rows that cannot be taken name bodies that nobody has looked up."""
        return bool(self._unread)

    def together(self, last: PreparedRow, following: PreparedRow) -> bool:
        """Rows of one official that follow each other are judged together."""
        return last.submitted.official_code == following.submitted.official_code

    async def take(self, work: UnitOfWork, rows: list[PreparedRow]) -> Taken:
        self._hold_against_earlier_rows(rows)
        outcomes = await register(work, [each.submitted for each in rows], self.keys, replace=False)
        taken = Taken()
        out_of_scope = await self._out_of_scope_bodies(work, rows)
        taken.further = [(each, out_of_scope(_bodies_in(each.readable))) for each in self._unread]
        accepted: list[EarlierPost] = []
        for each, outcome in zip(rows, outcomes, strict=True):
            if outcome.result == "refused":
                more = out_of_scope(_bodies_of(each.row.value)) if each.submitted.problems else []
                taken.rejected.append((each.row, list(dict.fromkeys([*outcome.issues, *more]))))
                continue
            accepted += each.posts
            if outcome.result == "created":
                taken.created += 1
            elif outcome.result == "updated":
                taken.updated += 1
            else:
                taken.unchanged += 1
            if outcome.warnings:
                taken.warned.append((each.row, outcome.warnings))
        self._seen.add(accepted)
        self._unread = []
        return taken

    async def _out_of_scope_bodies(
        self, work: UnitOfWork, rows: Sequence[PreparedRow]
    ) -> Callable[[Sequence[tuple[int, str]]], list[Issue]]:
        """What is wrong with the bodies of rows that are refused for another reason: all is told at once."""
        named = {code for each in self._unread for _, code in _bodies_in(each.readable)}
        for row in rows:
            if row.submitted.problems:
                named.update(code for _, code in _bodies_of(row.row.value))
        found = await belongings(work, named) if named else {}

        def faults(bodies: Sequence[tuple[int, str]]) -> list[Issue]:
            return [
                agency_out_of_scope(place, code)
                for place, code in bodies
                if not sees_persons_of(work.principal, found.get(code))
            ]

        return faults

    def _hold_against_earlier_rows(self, rows: Sequence[PreparedRow]) -> None:
        """What earlier chunks of this file said is committed: a row that contradicts it is refused."""
        asked = list({post.official for each in rows for post in each.posts})
        earlier = self._seen.of(asked) if asked else {}
        for each in rows:
            if each.submitted.problems:
                continue
            found = {
                issue.code: issue
                for post in each.posts
                for before in earlier.get(post.official, ())
                if (issue := _contradiction(post, before)) is not None
            }
            each.submitted.problems.extend(found.values())

    @property
    def finishes(self) -> bool:
        """The answer to a file that claims to list everybody names whom it leaves out."""
        return self.complete_for is not None

    async def finish(self, work: UnitOfWork) -> dict[str, Any]:
        assert self.complete_for is not None
        found = await not_listed(
            work, self.complete_for, self.as_of or work.clock.today(), self._listed
        )
        work.audit("roster.reconciled", self.complete_for, {"not_listed": found})
        return {"not_listed": found}


def _bodies_of(row: OfficialRow) -> list[tuple[int, str]]:
    named = [(n, clean(given.agency_code)) for n, given in enumerate(row.assignments)]
    return [(n, code) for n, code in named if CODE.fullmatch(code)]


def _bodies_in(readable: Any) -> list[tuple[int, str]]:
    """The bodies that a row names whose shape nobody has checked."""
    given = readable.get("assignments") if isinstance(readable, dict) else None
    named = [
        (n, clean(each["agency_code"]))
        for n, each in enumerate(given if isinstance(given, list) else ())
        if isinstance(each, dict) and isinstance(each.get("agency_code"), str)
    ]
    return [(n, code) for n, code in named if CODE.fullmatch(code)]


def _contradiction(post: EarlierPost, before: EarlierPost) -> Issue | None:
    if post.person != before.person:
        return contradicting_row()
    if post.key == before.key:
        return None if post.content == before.content else repeated_row()
    if post.primary and before.primary and post.first <= before.last and before.first <= post.last:
        return two_primaries()
    return None
