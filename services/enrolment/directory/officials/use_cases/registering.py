"""Registering and changing officials: one way in for a PUT and a roster of any length.

The way of a set of rows: group them by official, look up what is known, draft what becomes of each official
(pure, see ``drafting``), claim numbers and codes, write, report row by row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import msgspec

from services.enrolment.directory.agencies import repository as agencies
from services.enrolment.directory.agencies.scope import Belonging
from services.enrolment.directory.job_positions import repository as job_positions
from services.enrolment.directory.joinings import repository as joinings
from services.enrolment.directory.joinings.joining import Joining
from services.enrolment.directory.joinings.use_cases.recording import take_over, withdraw_joinings
from services.enrolment.directory.officials import repository
from services.enrolment.directory.officials.announcements import changed_event, identities_linked
from services.enrolment.directory.officials.birth_dates import impossible_birth
from services.enrolment.directory.officials.doubts import begins_far_ahead, post_doubts
from services.enrolment.directory.officials.drafting import Asking, Draft, Refused, draft
from services.enrolment.directory.officials.official import Official
from services.enrolment.directory.officials.posts import Post, establishment
from services.enrolment.directory.officials.row_groups import (
    Result,
    RowGroup,
    RowIssues,
    grouped,
    results_of,
    taken_numbers,
)
from services.enrolment.directory.officials.submission import Submission
from shared.imports.issues import Issue
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.person_key import PersonKeys

TELLING: Final = frozenset({"official_code_in_use", "citizen_already_registered"})
"""Refusals that depend on what lies outside the caller's scope: nobody has a code or a number twice."""

_ATTEMPTS: Final = 5


class Outcome(msgspec.Struct):
    """What became of one row."""

    result: Result = "unchanged"
    issues: list[Issue] = []
    warnings: list[Issue] = []
    facts_kept: list[str] = []
    joined: bool = False

    def refuse(self, *issues: Issue) -> None:
        self.result = "refused"
        self.issues += issues


async def register(
    work: UnitOfWork,
    submitted: Sequence[Submission],
    keys: PersonKeys,
    *,
    replace: bool,
    asks: bool = True,
) -> list[Outcome]:
    """Takes each row that can stand; outcomes are in the order of the rows.

    ``replace``: what stands in bodies of the caller's scope and is not given again is removed (PUT). Otherwise
    assignments are only added or replaced by (body, first day). Constraints decide who has an identity or a
    code; rows that lose are refused without naming the winner. Such refusals are few a day: from the row on
    at which they are spent, rows that ask are refused all alike. ``asks`` false: the caller has seen that the
    rows do not ask.
    """
    today = work.clock.today()
    for each in submitted:
        if not each.problems and (unborn := impossible_birth(each.birth_date, today)) is not None:
            each.problems = [unborn]
    left = await work.questions.left() if asks else None
    if left is None:
        rows = RowSet(submitted, keys, replace)
        await _register_all(work, rows)
        work.questions.count(len(rows.telling))
        return rows.outcomes
    rows = RowSet(submitted, keys, replace, silent_from=0 if left == 0 else None)
    async with work.trial() as trial:
        await _register_all(work, rows)
        trial.failed = rows.silent_from is None and len(rows.telling) > left
    if trial.failed:
        rows = RowSet(submitted, keys, replace, silent_from=sorted(rows.telling)[left])
        await _register_all(work, rows)
    work.questions.count(len(rows.telling))
    return rows.outcomes


@dataclass(slots=True)
class RowSet:
    """Rows that are registered together, and the report about them. ``telling``: places of the rows whose refusal
    says something about an official outside the scope."""

    submitted: Sequence[Submission]
    keys: PersonKeys
    replace: bool
    silent_from: int | None = None
    outcomes: list[Outcome] = field(init=False)
    telling: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.outcomes = [Outcome("unchanged", [], [*each.warnings]) for each in self.submitted]

    def refuse(self, refused: RowIssues) -> None:
        for index, issues in refused.items():
            self.outcomes[index].refuse(*issues)

    def report(self, drafted: Draft) -> None:
        """Adds the doubts about rows that were drafted, and what became of them."""
        for index, warnings in drafted.warnings.items():
            if warnings:
                self.outcomes[index].warnings += warnings
        for index, facts in drafted.facts_kept.items():
            self.outcomes[index].facts_kept = list(facts)
        if drafted.after is None:
            return
        for index, result in results_of(drafted.rows, self.submitted, drafted.before).items():
            self.outcomes[index].result = result
            self.outcomes[index].joined = drafted.joining


@dataclass(frozen=True, slots=True)
class Known:
    """What the directory knows of the officials and bodies of a set of rows."""

    officials: dict[str, Official]
    joinings: dict[str, list[Joining]]
    belongings: dict[str, Belonging]
    doubts: RowIssues


async def _register_all(work: UnitOfWork, rows: RowSet) -> None:
    groups, refused = grouped(rows.submitted)
    rows.refuse(refused)
    for _ in range(_ATTEMPTS):
        lost = await _register(work, rows, groups)
        if not lost:
            return
        # Somebody registered these codes since we looked. Now they are there to be seen.
        groups = [RowGroup(each.code, each.rows) for each in lost]
    raise AssertionError("a registered official does not vanish")


async def _register(work: UnitOfWork, rows: RowSet, groups: Sequence[RowGroup]) -> list[Draft]:
    """Returns those whose code somebody else registered meanwhile."""
    known = await _look_up(work, rows.submitted, groups)
    asking = Asking(
        caller=work.principal,
        today=work.clock.today(),
        belongings=known.belongings,
        keys=rows.keys,
        replace=rows.replace,
        joinings=known.joinings,
        silent_from=rows.silent_from,
    )
    changing: list[Draft] = []
    for index, doubts in known.doubts.items():
        rows.outcomes[index].warnings = [*rows.submitted[index].warnings, *doubts]
    for group in groups:
        drafted = draft(asking, group, known.officials.get(group.code), rows.submitted)
        if drafted.foreign:
            rows.refuse(drafted.foreign)
        if isinstance(drafted, Refused):
            owners = [group.code] if group.code in known.officials else ()
            _refuse(work, rows, drafted.code, drafted.rows, drafted.issue, owners)
        elif drafted.after is None:
            rows.report(drafted)
        else:
            changing.append(drafted)
    changing, claimed = await _claim(work, rows, changing)
    lost = await _add_new(work, changing, claimed)
    if lost:
        changing = [each for each in changing if each not in lost]
    for each in changing:
        rows.report(each)
    await _write(work, changing)
    await _record(work, changing, asking)
    return lost


async def _look_up(
    work: UnitOfWork, submitted: Sequence[Submission], groups: Sequence[RowGroup]
) -> Known:
    today = work.clock.today()
    officials = await repository.officials(
        work.connection, [group.code for group in groups], lock=True
    )
    undecided = await joinings.undecided(work.connection, list(officials)) if officials else {}
    rows = [index for group in groups for index in group.rows]
    bodies = {post.agency_code for index in rows for post in submitted[index].posts}
    for official in officials.values():
        bodies.update(post.given.agency_code for post in official.posts)
    for each in undecided.values():
        bodies.update(body for one in each for body in (one.from_agency, one.to_agency))
    belongings = await agencies.belongings(work.connection, bodies, today)
    return Known(officials, undecided, belongings, await _doubts(work, submitted, rows))


async def _doubts(
    work: UnitOfWork, submitted: Sequence[Submission], rows: Sequence[int]
) -> RowIssues:
    """The doubts that only the directory can raise."""
    posts = [post for index in rows for post in submitted[index].posts]
    absent = await agencies.absent_on(work.connection, {post.key for post in posts})
    positions = {post.job_position_code for post in posts if post.job_position_code is not None}
    if positions:
        positions -= await job_positions.known(work.connection, positions)
    today = work.clock.today()
    if not (absent or positions or any(begins_far_ahead(post, today) for post in posts)):
        return {}
    return {
        index: list(post_doubts(submitted[index].posts, absent, positions, today)) for index in rows
    }


def _refuse(
    work: UnitOfWork,
    rows: RowSet,
    code: str,
    places: Sequence[int],
    issue: Issue,
    owners: Iterable[str],
) -> None:
    """``owners``: codes of the officials whom the refusal tells of. They find it in their trail."""
    rows.refuse(dict.fromkeys(places, (issue,)))
    if issue.code not in TELLING:
        return
    rows.telling.add(places[0])
    work.audit("official.refused", code, {"code": issue.code}, lasting=True)
    for owner in sorted(owners):
        work.audit(
            "official.asked_about",
            owner,
            {"code": issue.code, "by_agency": work.principal.agency},
            lasting=True,
        )


Claim = tuple[bytes, str, bytes | None]
"""Person key, official code, birth check."""


async def _claim(
    work: UnitOfWork, rows: RowSet, drafts: list[Draft]
) -> tuple[list[Draft], dict[bytes, str]]:
    """Takes the identities of new officials and new identities of known ones. Returns whoever got all, and the
    keys taken now with the code each was taken for."""
    claims: list[Claim] = []
    for each in drafts:
        assert each.after is not None
        had = {one.key for one in each.before.identities} if each.before else set()
        claims += [
            (one.key, each.code, one.check) for one in each.after.identities if one.key not in had
        ]
    if not claims:
        return drafts, {}
    # Two officials of one set may claim one number: the first of them in the file has it.
    wanted: dict[bytes, Claim] = {}
    for claim in claims:
        wanted.setdefault(claim[0], claim)
    owners, taken = await repository.claim_identities(work.connection, list(wanted.values()))
    lost: dict[str, set[str]] = defaultdict(set)
    for key, code, _ in claims:
        if (owner := owners.get(key)) != code:
            lost[code] |= {owner} if owner is not None else set()
    claimed = {key: owners[key] for key in taken}
    if not lost:
        return drafts, claimed
    await _release(work, claimed, lost)
    for each in drafts:
        if each.code in lost:
            known = {one.key for one in each.before.identities} if each.before else set()
            issue = taken_numbers(rows.submitted[each.rows[0]], known)
            _refuse(work, rows, each.code, each.rows, issue, lost[each.code])
    return [each for each in drafts if each.code not in lost], claimed


async def _release(work: UnitOfWork, claimed: dict[bytes, str], codes: Iterable[str]) -> None:
    """Gives back what was claimed for these codes."""
    wanted = set(codes)
    keys = [key for key, code in claimed.items() if code in wanted]
    await repository.release_identities(work.connection, keys)


async def _add_new(
    work: UnitOfWork, drafts: Sequence[Draft], claimed: dict[bytes, str]
) -> list[Draft]:
    """Adds those who are new. Returns those whose code is taken after all."""
    created = [each.after for each in drafts if each.before is None and each.after is not None]
    if not created:
        return []
    added = await repository.add_officials(work.connection, created)
    lost = [each for each in drafts if each.before is None and each.code not in added]
    if lost:
        await _release(work, claimed, [each.code for each in lost])
    return lost


async def _write(work: UnitOfWork, drafts: Sequence[Draft]) -> None:
    """Writes the assignments of new officials, and all that changed of known ones."""
    changed: list[Official] = []
    posts: list[tuple[str, Post]] = []
    first_posts: list[tuple[str, Post]] = []
    gone: list[tuple[str, UUID]] = []
    dropped: list[bytes] = []
    rechecked: list[tuple[bytes, bytes | None]] = []
    for each in drafts:
        before, after = each.before, each.after
        assert after is not None
        if before is None:
            first_posts += [(each.code, post) for post in after.posts]
            continue
        there = {post.assignment_id: post for post in before.posts}
        posts += [
            (each.code, post) for post in after.posts if there.pop(post.assignment_id, None) != post
        ]
        gone += [(each.code, identifier) for identifier in there]
        kept = {one.key for one in after.identities}
        dropped += [one.key for one in before.identities if one.key not in kept]
        if before.birth_date != after.birth_date:
            rechecked += [(one.key, one.check) for one in after.identities]
        changed.append(after)
    if changed:
        await repository.change_officials(work.connection, changed)
    if gone:
        await repository.remove_posts(work.connection, gone)
    if first_posts:
        await repository.add_posts(work.connection, first_posts)
    if posts:
        await repository.save_posts(work.connection, posts)
    if dropped:
        await repository.release_identities(work.connection, dropped)
    if rechecked:
        await repository.recheck_identities(work.connection, rechecked)


async def _record(work: UnitOfWork, drafts: Sequence[Draft], asking: Asking) -> None:
    """Events, the trail, and who was taken over."""
    for each in drafts:
        _announce(work, each)
    if drafts:
        codes = [each.code for each in drafts]
        action = "official.joined" if all(each.joining for each in drafts) else "official.changed"
        subject = codes[0] if len(codes) == 1 else f"{len(codes)} officials"
        work.audit(action, subject, {"officials": codes})
    for each in drafts:
        if each.before is None or each.after is None:
            continue
        if each.before.identities != each.after.identities:
            work.audit("official.identity_changed", each.code, {"reason": each.reason})
        if each.joining:
            answering = establishment(each.before.posts, asking.today)
            bodies = [post.given.agency_code for post in answering]
            work.audit("official.received_elsewhere", each.code, {"of": bodies})
    taken_over = {each.code: each.taken_over for each in drafts if each.taken_over}
    await take_over(work, taken_over, asking.belongings)
    for each in drafts:
        if each.after is not None and each.code in asking.joinings:
            await withdraw_joinings(work, each.code, each.after.posts, asking.belongings)


def _announce(work: UnitOfWork, drafted: Draft) -> None:
    after = drafted.after
    assert after is not None
    work.emit(changed_event(after), subject=after.official_code)
    had = drafted.before.identities if drafted.before is not None else ()
    if (len(had) > 1 or after.former) and had != after.identities:
        work.emit(identities_linked(after), subject=after.official_code)
