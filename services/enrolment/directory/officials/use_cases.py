"""Registering and changing officials: one way in for a PUT, a roster of any length, and a move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from services.enrolment.directory.agencies import repository as agencies
from services.enrolment.directory.agencies.scope import Standing, sees_directory
from services.enrolment.directory.job_positions import repository as job_positions
from services.enrolment.directory.officials import repository
from services.enrolment.directory.officials.announcements import changed_event, identities_linked
from services.enrolment.directory.officials.doubts import begins_far_ahead, post_doubts
from services.enrolment.directory.officials.drafting import draft
from services.enrolment.directory.officials.official import Official
from services.enrolment.directory.officials.posts import Post
from services.enrolment.directory.officials.row_groups import (
    Outcome,
    RowGroup,
    grouped,
    settle_changed,
    settle_created,
    taken_numbers,
)
from services.enrolment.directory.officials.sight import confined, in_scope
from services.enrolment.directory.officials.submissions import Submission, birth_problem
from shared.contracts.problem import NotFound
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.person_key import PersonKeys


async def register(
    work: UnitOfWork, submitted: Sequence[Submission], keys: PersonKeys, *, replace: bool
) -> list[Outcome]:
    """Takes each row that can stand; outcomes are in the order of the rows.

    ``replace``: what stands in bodies of the caller's scope and is not given again is removed (PUT);
    otherwise assignments are only added or replaced by (body, first day). Uniqueness of identities and
    codes is decided by constraints; rows that lose are refused without naming the winner.
    """
    outcomes = [Outcome("unchanged", [], [*each.warnings]) for each in submitted]
    today = work.clock.today()
    for each in submitted:
        if not each.problems and (unborn := birth_problem(each.birth_date, today)) is not None:
            each.problems = [unborn]
    groups = grouped(submitted, outcomes)
    for attempt in range(5):
        lost = await _register(work, submitted, outcomes, groups, keys, replace)
        if not lost:
            break
        # Somebody registered these codes since we looked; now they are there to be seen.
        assert attempt < 4, "a registered official does not vanish"
        groups = lost
    return outcomes


async def _register(
    work: UnitOfWork,
    submitted: Sequence[Submission],
    outcomes: list[Outcome],
    groups: list[RowGroup],
    keys: PersonKeys,
    replace: bool,
) -> list[RowGroup]:
    held = await repository.officials(work.connection, [g.code for g in groups], lock=True)
    standings = await _standings_around(work, submitted, groups, held)
    await _warn(work, submitted, outcomes, groups)
    today = work.clock.today()
    changed: list[RowGroup] = []
    for group in groups:
        group.held = held.get(group.code)
        refused = draft(work.principal, today, group, submitted, outcomes, standings, keys, replace)
        if refused is not None:
            for index in group.rows:
                outcomes[index].refuse(refused)
        elif group.after is not None:
            changed.append(group)
    changed, taken = await _claim(work, changed, submitted, outcomes)
    created = [g.after for g in changed if g.held is None and g.after is not None]
    if created:
        added = await repository.add_officials(work.connection, created)
        lost = [g for g in changed if g.held is None and g.code not in added]
        codes = {group.code for group in lost}
        if codes:
            await repository.release_identities(
                work.connection, [key for key, code in taken.items() if code in codes]
            )
    else:
        lost = []
    standing = [g for g in changed if g not in lost] if lost else changed
    await _write(work, standing, submitted, outcomes)
    return lost


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


async def _standings_around(
    work: UnitOfWork,
    submitted: Sequence[Submission],
    groups: list[RowGroup],
    held: dict[str, Official],
) -> dict[str, Standing]:
    bodies = {
        post.agency_code for group in groups for i in group.rows for post in submitted[i].posts
    }
    for official in held.values():
        bodies.update(post.given.agency_code for post in official.posts)
    return await agencies.standings(work.connection, bodies, work.clock.today())


async def _claim(
    work: UnitOfWork,
    groups: list[RowGroup],
    submitted: Sequence[Submission],
    outcomes: list[Outcome],
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
    losers = {code for key, code, _ in claims if owners.get(key) != code}
    mine = {key: owners[key] for key in taken}
    if not losers:
        return groups, mine
    await repository.release_identities(
        work.connection, [key for key, code in mine.items() if code in losers]
    )
    left = await _left_behind(work, groups, owners)
    for group in groups:
        if group.code in losers:
            for index in group.rows:
                outcomes[index].refuse(*taken_numbers(submitted[index], group.code, owners, left))
    return [group for group in groups if group.code not in losers], mine


async def _left_behind(
    work: UnitOfWork, groups: list[RowGroup], owners: dict[bytes, str]
) -> set[bytes]:
    """Those of the numbers that are their owners' former ones, by what is stored or stored now."""
    left = await repository.former_among(work.connection, list(owners))
    for group in groups:
        if group.after is not None:
            own = {key for key, owner in owners.items() if owner == group.code}
            left -= own & {group.after.identity.key}
            left |= own & {each.key for each in group.after.former}
    return left


async def _write(
    work: UnitOfWork,
    groups: list[RowGroup],
    submitted: Sequence[Submission],
    outcomes: list[Outcome],
) -> None:
    changed: list[Official] = []
    posts: list[tuple[str, Post]] = []
    first_posts: list[tuple[str, Post]] = []
    gone: list[tuple[str, UUID]] = []
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


def _announce(work: UnitOfWork, held: Official | None, after: Official) -> None:
    work.emit(changed_event(after), subject=after.official_code)
    had = held.identities if held is not None else ()
    if (len(had) > 1 or after.former) and had != after.identities:
        work.emit(identities_linked(after), subject=after.official_code)


async def find(work: UnitOfWork, code: str) -> Official:
    """As far as the caller may know them. Raises :class:`NotFound` for an official who is unknown or out of the caller's scope today."""
    caller = work.principal
    if not sees_directory(caller) and caller.role != "official":
        raise NotFound
    official = (await repository.officials(work.connection, [code])).get(code)
    if official is None:
        raise NotFound
    standings = await standings_of(work, [official])
    if not in_scope(caller, official, standings, work.clock.today()):
        raise NotFound
    return confined(caller, official, standings)


async def standings_of(work: UnitOfWork, officials: Iterable[Official]) -> dict[str, Standing]:
    """Where the bodies of all their assignments belong today."""
    bodies = {post.given.agency_code for each in officials for post in each.posts}
    return await agencies.standings(work.connection, bodies, work.clock.today())
