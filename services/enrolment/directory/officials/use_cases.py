"""Registering and changing officials: one way in for a PUT, a roster of any length, and a move."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import msgspec

from services.enrolment.directory.agencies import repository as agencies
from services.enrolment.directory.agencies.scope import Belonging, sees_directory
from services.enrolment.directory.job_positions import repository as job_positions
from services.enrolment.directory.joinings import repository as joinings
from services.enrolment.directory.joinings.announcements import told
from services.enrolment.directory.joinings.joining import Joining, State
from services.enrolment.directory.joinings.taking_over import primaries
from services.enrolment.directory.officials import repository
from services.enrolment.directory.officials.announcements import changed_event, identities_linked
from services.enrolment.directory.officials.birth_dates import impossible_birth
from services.enrolment.directory.officials.doubts import begins_far_ahead, post_doubts
from services.enrolment.directory.officials.drafting import Asking, draft
from services.enrolment.directory.officials.official import Official
from services.enrolment.directory.officials.posts import Post, establishment
from services.enrolment.directory.officials.row_groups import (
    Outcome,
    RowGroup,
    grouped,
    settle_changed,
    settle_created,
    taken_numbers,
)
from services.enrolment.directory.officials.submission import Submission
from services.enrolment.directory.officials.visibility import confined, in_scope
from shared.contracts.problem import NotFound
from shared.imports.issues import Issue
from shared.persistence.keys import uuid7
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.person_key import PersonKeys

TELLING: Final = frozenset({"official_code_in_use", "citizen_already_registered"})
"""Refusals that depend on what lies outside the caller's scope: nobody has a code or a number twice."""


async def register(
    work: UnitOfWork,
    submitted: Sequence[Submission],
    keys: PersonKeys,
    *,
    replace: bool,
    asks: bool = True,
) -> list[Outcome]:
    """Takes each row that can stand; outcomes are in the order of the rows.

    ``replace``: what stands in bodies of the caller's scope and is not given again is removed (PUT);
    otherwise assignments are only added or replaced by (body, first day). Uniqueness of identities and
    codes is decided by constraints; rows that lose are refused without naming the winner. Such refusals
    are few a day: from the row on at which they are spent, rows that ask are refused all alike.
    ``asks`` false: the caller has seen that the rows do not ask.
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
    """Rows that are registered together. ``telling``: places of the rows whose refusal tells something."""

    submitted: Sequence[Submission]
    keys: PersonKeys
    replace: bool
    silent_from: int | None = None
    outcomes: list[Outcome] = field(init=False)
    telling: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.outcomes = [Outcome("unchanged", [], [*each.warnings]) for each in self.submitted]


async def _register_all(work: UnitOfWork, rows: RowSet) -> None:
    groups = grouped(rows.submitted, rows.outcomes)
    for attempt in range(5):
        lost = await _register(work, rows, groups)
        if not lost:
            break
        # Somebody registered these codes since we looked; now they are there to be seen.
        assert attempt < 4, "a registered official does not vanish"
        groups = lost


async def _register(work: UnitOfWork, rows: RowSet, groups: list[RowGroup]) -> list[RowGroup]:
    submitted, outcomes = rows.submitted, rows.outcomes
    codes = [group.code for group in groups]
    held = await repository.officials(work.connection, codes, lock=True)
    undecided = await joinings.undecided(work.connection, list(held)) if held else {}
    belongings = await _belongings_around(work, submitted, groups, held, undecided)
    await _warn(work, submitted, outcomes, groups)
    asking = Asking(
        work.principal,
        work.clock.today(),
        belongings,
        rows.keys,
        rows.replace,
        undecided,
        rows.silent_from,
    )
    changed: list[RowGroup] = []
    for group in groups:
        group.held = held.get(group.code)
        refused = draft(asking, group, submitted, outcomes)
        if refused is not None:
            _refuse(work, rows, group, refused, [group.code] if group.held else ())
        elif group.after is not None:
            changed.append(group)
    changed, taken = await _claim(work, rows, changed)
    created = [g.after for g in changed if g.held is None and g.after is not None]
    if created:
        added = await repository.add_officials(work.connection, created)
        lost = [g for g in changed if g.held is None and g.code not in added]
        lost_codes = {group.code for group in lost}
        if lost_codes:
            await repository.release_identities(
                work.connection, [key for key, code in taken.items() if code in lost_codes]
            )
    else:
        lost = []
    registered = [g for g in changed if g not in lost] if lost else changed
    await _write(work, registered, submitted, outcomes, asking)
    return lost


def _refuse(
    work: UnitOfWork, rows: RowSet, group: RowGroup, issue: Issue, owners: Iterable[str]
) -> None:
    """``owners``: codes of the officials whom the refusal tells of; they find it in their trail."""
    for index in group.rows:
        rows.outcomes[index].refuse(issue)
    if issue.code not in TELLING:
        return
    rows.telling.add(group.rows[0])
    work.audit("official.refused", group.code, {"code": issue.code}, lasting=True)
    for owner in sorted(owners):
        work.audit(
            "official.asked_about",
            owner,
            {"code": issue.code, "by_agency": work.principal.agency},
            lasting=True,
        )


async def _warn(
    work: UnitOfWork,
    submitted: Sequence[Submission],
    outcomes: list[Outcome],
    groups: list[RowGroup],
) -> None:
    """Adds the doubts that only the directory can raise."""
    rows = [index for group in groups for index in group.rows]
    posts = [post for index in rows for post in submitted[index].posts]
    absent = await agencies.absent_on(work.connection, {post.key for post in posts})
    positions = {post.job_position_code for post in posts if post.job_position_code is not None}
    if positions:
        positions -= await job_positions.known(work.connection, positions)
    today = work.clock.today()
    if absent or positions or any(begins_far_ahead(post, today) for post in posts):
        for index in rows:
            own = [*submitted[index].warnings]
            doubts = post_doubts(submitted[index].posts, absent, positions, today)
            outcomes[index].warnings = [*own, *doubts]


async def _belongings_around(
    work: UnitOfWork,
    submitted: Sequence[Submission],
    groups: list[RowGroup],
    held: dict[str, Official],
    undecided: Mapping[str, Sequence[Joining]],
) -> dict[str, Belonging]:
    bodies = {
        post.agency_code for group in groups for i in group.rows for post in submitted[i].posts
    }
    for official in held.values():
        bodies.update(post.given.agency_code for post in official.posts)
    for each in undecided.values():
        bodies.update(body for one in each for body in (one.from_agency, one.to_agency))
    return await agencies.belongings(work.connection, bodies, work.clock.today())


async def _claim(
    work: UnitOfWork, rows: RowSet, groups: list[RowGroup]
) -> tuple[list[RowGroup], dict[bytes, str]]:
    """Takes the identities of new officials and new identities of known ones; returns whoever got all,
    and the keys taken now with the code each was taken for."""
    claims: list[tuple[bytes, str, bytes | None]] = []
    for group in groups:
        assert group.after is not None
        had = {each.key for each in group.held.identities} if group.held else set()
        claims += [
            (each.key, group.code, each.check)
            for each in group.after.identities
            if each.key not in had
        ]
    if not claims:
        return groups, {}
    # Two officials of one set may claim one number: the first of them in the file has it.
    wanted: dict[bytes, tuple[bytes, str, bytes | None]] = {}
    for claim in claims:
        wanted.setdefault(claim[0], claim)
    owners, taken = await repository.claim_identities(work.connection, list(wanted.values()))
    lost: dict[str, set[str]] = defaultdict(set)
    for key, code, _ in claims:
        if (owner := owners.get(key)) != code:
            lost[code] |= {owner} if owner is not None else set()
    mine = {key: owners[key] for key in taken}
    if not lost:
        return groups, mine
    await repository.release_identities(
        work.connection, [key for key, code in mine.items() if code in lost]
    )
    for group in groups:
        if group.code in lost:
            known = {each.key for each in group.held.identities} if group.held else set()
            issue = taken_numbers(rows.submitted[group.rows[0]], known)
            _refuse(work, rows, group, issue, lost[group.code])
    return [group for group in groups if group.code not in lost], mine


async def _write(
    work: UnitOfWork,
    groups: list[RowGroup],
    submitted: Sequence[Submission],
    outcomes: list[Outcome],
    asking: Asking,
) -> None:
    changed: list[Official] = []
    posts: list[tuple[str, Post]] = []
    first_posts: list[tuple[str, Post]] = []
    gone: list[tuple[str, UUID]] = []
    today = work.clock.today()
    dropped: list[bytes] = []
    rechecked: list[tuple[bytes, bytes | None]] = []
    for group in groups:
        held, after = group.held, group.after
        assert after is not None
        if held is None:
            first_posts += [(group.code, post) for post in after.posts]
            settle_created(group, outcomes)
        else:
            before = {post.assignment_id: post for post in held.posts}
            posts += [
                (group.code, post)
                for post in after.posts
                if before.pop(post.assignment_id, None) != post
            ]
            gone += [(group.code, identifier) for identifier in before]
            kept = {each.key for each in after.identities}
            dropped += [each.key for each in held.identities if each.key not in kept]
            if held.birth_date != after.birth_date:
                rechecked += [(each.key, each.check) for each in after.identities]
            changed.append(after)
            settle_changed(group, held, submitted, outcomes)
        _announce(work, held, after)
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
    if groups:
        codes = [group.code for group in groups]
        action = "official.joined" if all(g.joining for g in groups) else "official.changed"
        subject = codes[0] if len(codes) == 1 else f"{len(codes)} officials"
        work.audit(action, subject, {"officials": codes})
    for group in groups:
        assert group.after is not None
        if group.held is not None and group.held.identities != group.after.identities:
            work.audit("official.identity_changed", group.code, {"reason": group.reason})
        if group.joining and group.held is not None:
            bodies = [post.given.agency_code for post in establishment(group.held.posts, today)]
            work.audit("official.received_elsewhere", group.code, {"of": bodies})
    await take_over(
        work,
        {group.code: group.taken_over for group in groups if group.taken_over},
        asking.belongings,
    )
    for group in groups:
        if group.after is not None and group.code in asking.joinings:
            await withdraw_joinings(work, group.code, group.after.posts, asking.belongings)


async def take_over(
    work: UnitOfWork,
    taken: Mapping[str, Sequence[tuple[Post, Post]]],
    belongings: Mapping[str, Belonging],
) -> None:
    """Records, and tells both bodies, that assignments of bodies elsewhere end because of primary ones that the
    caller gave; by official code, each with the one that ends it."""
    today = work.clock.today()
    made = [
        Joining(
            joining_id=uuid7(),
            official_code=code,
            assignment_id=arrival.assignment_id,
            from_agency=left.given.agency_code,
            to_agency=arrival.given.agency_code,
            effective_on=arrival.given.valid_from,
            recorded_on=today,
            arrivals=(arrival.given,),
        )
        for code, pairs in taken.items()
        for left, arrival in pairs
    ]
    if not made:
        return
    await joinings.add(work.connection, made)
    for each in made:
        tell_joining(work, each, belongings)
        detail = {"joining_id": str(each.joining_id), "from": each.from_agency}
        work.audit("official.taken_over", each.official_code, detail)


def tell_joining(work: UnitOfWork, joining: Joining, belongings: Mapping[str, Belonging]) -> None:
    for event, audience in told(joining, belongings, work.clock.today()):
        work.emit(event, subject=str(joining.joining_id), audience=audience)


async def settle_joining(
    work: UnitOfWork,
    joining: Joining,
    state: State,
    belongings: Mapping[str, Belonging],
    *,
    reason: str | None = None,
    decision_number: str | None = None,
    decided_on: dt.date | None = None,
) -> Joining:
    """Of one whose official is locked: it has this state from now on, and both bodies are told."""
    after = msgspec.structs.replace(
        joining,
        stored=state,
        version=joining.version + 1,
        reason=reason or joining.reason,
        decision_number=decision_number,
        decided_on=decided_on,
    )
    await joinings.keep_state(work.connection, after)
    tell_joining(work, after, belongings)
    detail = {"joining_id": str(joining.joining_id), "state": state}
    work.audit("official.joining_changed", joining.official_code, detail)
    return after


async def withdraw_joinings(
    work: UnitOfWork, code: str, posts: Iterable[Post], belongings: Mapping[str, Belonging]
) -> None:
    """Whose arriving assignment is no longer a primary one among ``posts``: the body that gave it took it back."""
    kept = primaries(posts)
    for each in (await joinings.undecided(work.connection, [code])).get(code, ()):
        if each.stored == "open" and each.assignment_id not in kept:
            await settle_joining(work, each, "withdrawn", belongings)


async def change_posts(work: UnitOfWork, official: Official, after: list[Post]) -> int:
    """Of an official locked before; returns the new version."""
    before = {post.assignment_id: post for post in official.posts}
    changed = [(official.official_code, p) for p in after if before.pop(p.assignment_id, None) != p]
    official.posts = after
    official.version += 1
    if before:
        gone = [(official.official_code, identifier) for identifier in before]
        await repository.remove_posts(work.connection, gone)
    await repository.save_posts(work.connection, changed)
    await repository.change_officials(work.connection, [official])
    work.emit(changed_event(official), subject=official.official_code)
    return official.version


def _announce(work: UnitOfWork, held: Official | None, after: Official) -> None:
    work.emit(changed_event(after), subject=after.official_code)
    had = held.identities if held is not None else ()
    if (len(had) > 1 or after.former) and had != after.identities:
        work.emit(identities_linked(after), subject=after.official_code)


async def find(work: UnitOfWork, code: str) -> Official:
    """As far as the caller may know them.

    Raises :class:`NotFound` for an official who is unknown or out of the caller's scope today."""
    caller = work.principal
    if not sees_directory(caller) and caller.role != "official":
        raise NotFound
    official = (await repository.officials(work.connection, [code])).get(code)
    if official is None:
        raise NotFound
    belongings = await belongings_of(work, [official])
    if not in_scope(caller, official, belongings, work.clock.today()):
        raise NotFound
    return confined(caller, official, belongings)


async def belongings_of(work: UnitOfWork, officials: Iterable[Official]) -> dict[str, Belonging]:
    """Where the bodies of all their assignments belong today."""
    bodies = {post.given.agency_code for each in officials for post in each.posts}
    return await agencies.belongings(work.connection, bodies, work.clock.today())
