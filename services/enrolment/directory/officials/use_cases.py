"""Registering and changing officials: one way in for a PUT, a roster of any length, and a move."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import msgspec

from services.enrolment.directory.agencies import repository as agencies
from services.enrolment.directory.agencies.scope import (
    Standing,
    sees_directory,
    sees_persons_of,
)
from services.enrolment.directory.job_positions import repository as job_positions
from services.enrolment.directory.officials import repository
from services.enrolment.directory.officials.doubts import post_doubts
from services.enrolment.directory.officials.hidden_numbers import (
    HiddenNumbers,
    KeyedIdentity,
    former_shown,
    identity_masked,
)
from services.enrolment.directory.officials.official import Official
from services.enrolment.directory.officials.posts import (
    GivenPost,
    Post,
    PrimaryConflict,
    merged,
    overlapping_primaries,
    scope_giving,
)
from services.enrolment.directory.officials.submissions import (
    Submission,
    birth_problem,
    two_primaries,
)
from shared.contracts.events import (
    Assignment,
    AssignmentAttributes,
    Identity,
    OfficialAttributes,
    OfficialChanged,
    OfficialIdentitiesLinked,
)
from shared.contracts.problem import NotFound
from shared.imports.issues import Issue
from shared.persistence.keys import uuid7
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.person_key import PersonKeys
from shared.security.principal import Principal

Result = Literal["created", "updated", "unchanged", "refused"]
Standings = dict[str, Standing]

_NO_ATTRIBUTES = OfficialAttributes()


class Outcome(msgspec.Struct):
    result: Result = "unchanged"
    issues: list[Issue] = []
    warnings: list[Issue] = []


class _Group(msgspec.Struct):
    """The rows of one official within one set."""

    code: str
    rows: list[int]
    held: Official | None = None
    after: Official | None = None
    joining: bool = False


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
    groups = _grouped(submitted, outcomes)
    for attempt in range(5):
        lost = await _register(work, submitted, outcomes, groups, keys, replace)
        if not lost:
            break
        # Somebody registered these codes since we looked; now they are there to be seen.
        assert attempt < 4, "a registered official does not vanish"
        groups = lost
    return outcomes


def _grouped(submitted: Sequence[Submission], outcomes: list[Outcome]) -> list[_Group]:
    by_code: dict[str, _Group] = {}
    for index, each in enumerate(submitted):
        if each.problems:
            _refuse(outcomes[index], *each.problems)
        elif (group := by_code.get(each.official_code)) is not None:
            group.rows.append(index)
        else:
            by_code[each.official_code] = _Group(each.official_code, [index])
    for group in by_code.values():
        if len(group.rows) > 1:
            _check_together(group, submitted, outcomes)
    return [group for group in by_code.values() if group.rows]


def _check_together(
    group: _Group, submitted: Sequence[Submission], outcomes: list[Outcome]
) -> None:
    first = submitted[group.rows[0]]
    posts: dict[tuple[str, object], GivenPost] = {}
    flat: list[tuple[int, GivenPost]] = []
    for index in group.rows:
        row = submitted[index]
        if row.contradicts(first):
            _refuse(outcomes[index], contradicting_row())
            continue
        for post in row.posts:
            other = posts.setdefault(post.key, post)
            if other is post:
                flat.append((index, post))
            elif other != post:
                _refuse(outcomes[index], repeated_row())
    for pair in overlapping_primaries([post for _, post in flat]):
        for place in pair:
            _refuse(outcomes[flat[place][0]], two_primaries())
    group.rows = [index for index in group.rows if outcomes[index].result != "refused"]


def contradicting_row() -> Issue:
    return _issue(
        "/official_code",
        "row_contradicts",
        "Thông tin cá nhân khác với dòng trước của cùng mã cán bộ.",
        "The person's facts differ from an earlier row of the same official.",
    )


def repeated_row() -> Issue:
    return _issue(
        "/assignments/0",
        "row_repeated",
        "Một dòng khác đã cho vị trí này (cùng cơ quan, cùng ngày bắt đầu) với nội dung khác.",
        "Another row gives this assignment (same body, same first day) with other content.",
    )


def _refuse(outcome: Outcome, *issues: Issue) -> None:
    outcome.result = "refused"
    outcome.issues += issues


def _issue(pointer: str, code: str, vi: str, en: str) -> Issue:
    return Issue(pointer, code, vi, en)


async def _register(
    work: UnitOfWork,
    submitted: Sequence[Submission],
    outcomes: list[Outcome],
    groups: list[_Group],
    keys: PersonKeys,
    replace: bool,
) -> list[_Group]:
    held = await repository.officials(work.connection, [g.code for g in groups], lock=True)
    standings = await _standings(work, submitted, groups, held)
    await _warn(work, submitted, outcomes, groups)
    changed: list[_Group] = []
    for group in groups:
        group.held = held.get(group.code)
        refused = _plan(work, group, submitted, outcomes, standings, keys, replace)
        if refused is not None:
            for index in group.rows:
                _refuse(outcomes[index], refused)
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
    groups: list[_Group],
) -> None:
    """Adds the doubts that only the directory can raise."""
    rows = [index for group in groups for index in group.rows]
    posts = [post for index in rows for post in submitted[index].posts]
    absent = await agencies.absent_on(work.connection, {post.key for post in posts})
    positions = {post.job_position_code for post in posts if post.job_position_code is not None}
    if positions:
        positions -= await job_positions.known(work.connection, positions)
    if absent or positions:
        for index in rows:
            own = [*submitted[index].warnings]
            doubts = post_doubts(submitted[index].posts, absent, positions)
            outcomes[index].warnings = [*own, *doubts]


async def _standings(
    work: UnitOfWork,
    submitted: Sequence[Submission],
    groups: list[_Group],
    held: dict[str, Official],
) -> Standings:
    bodies = {
        post.agency_code for group in groups for i in group.rows for post in submitted[i].posts
    }
    for official in held.values():
        bodies.update(post.given.agency_code for post in official.posts)
    return await agencies.standings(work.connection, bodies, work.clock.today())


def in_scope(
    principal: Principal, official: Official, standings: Standings, work: UnitOfWork
) -> bool:
    """Whether the caller sees the official today."""
    if principal.role == "official":
        return principal.official_code == official.official_code
    if principal.is_nationwide and principal.bloc is None:
        return True
    return any(
        sees_persons_of(principal, standings.get(post.given.agency_code))
        for post in scope_giving(official.posts, work.clock.today())
    )


def _plan(
    work: UnitOfWork,
    group: _Group,
    submitted: Sequence[Submission],
    outcomes: list[Outcome],
    standings: Standings,
    keys: PersonKeys,
    replace: bool,
) -> Issue | None:
    """Sets ``group.after`` when something changes; returns what refuses the whole group."""
    caller, held = work.principal, group.held
    group.after, group.joining = None, False  # an earlier attempt may have left its own
    _drop_rows_in_unknown_bodies(caller, group, submitted, outcomes, standings)
    if not group.rows:
        return None
    rows = [submitted[index] for index in group.rows]
    seen = held if held is not None and in_scope(caller, held, standings, work) else None
    for n, row in enumerate(rows):
        if row.hidden is not None:
            shown = _unmasked(row, row.hidden, seen)
            if isinstance(shown, Issue):
                return shown
            rows[n] = shown
        if row.ids and (strange := _strange_id(row, held)) is not None:
            return strange
    given = _given(caller, held, rows, standings)
    identity = next((row.identity for row in rows if row.identity is not None), None)
    if held is None:
        if identity is None:
            return _identity_required()
        if not given:
            return _assignments_required()
    elif seen is None:
        offered = {each.key for row in rows for each in (row.identity, *(row.former or ())) if each}
        if not offered & {each.key for each in held.identities}:
            return _code_in_use()
        if not given:
            return _assignments_required()
        group.joining = True

    def replaces(body: str) -> bool:
        return sees_persons_of(caller, standings.get(body))

    try:
        posts = merged(
            held.posts if held else (),
            given.values(),
            replaces=replaces if replace else None,
            new_id=uuid7,
        )
    except PrimaryConflict:
        return _primary_conflict()
    if not posts:
        return _assignments_required()
    after = _after(group.code, held, rows, identity, posts, keys)
    if len(posts) > 1:
        ended = {post.given.key for post in posts if post.valid_to != post.given.given_to}
        for index in group.rows:
            if any(post.key in ended for post in submitted[index].posts):
                outcomes[index].warnings.append(_ended_by_later())
    if held is not None and _same(held, after):
        return None
    after.version = 1 if held is None else held.version + 1
    group.after = after
    return None


def _unmasked(row: Submission, hidden: HiddenNumbers, held: Official | None) -> Submission | Issue:
    """The row with the numbers that its masked ones stand for."""
    if hidden.identity is not None and (held is None or not hidden.identity.shows(held.identity)):
        return identity_masked(row.identity_at)
    former = row.former
    if hidden.former is not None:
        found = former_shown(hidden.former, held.former if held is not None else ())
        if isinstance(found, int):
            return identity_masked(f"/former_identities/{found}/number")
        former = found
    return msgspec.structs.replace(row, hidden=None, former=former)


def _strange_id(row: Submission, held: Official | None) -> Issue | None:
    known = {post.given.key: post.assignment_id for post in held.posts} if held else {}
    for place, given in row.ids.items():
        if known.get(row.posts[place].key) != given:
            return _issue(
                f"/assignments/{place}/assignment_id",
                "assignment_id_differs",
                "Mã này không phải của vị trí tại cơ quan và ngày bắt đầu đó; với vị trí mới hãy bỏ"
                " assignment_id.",
                "This is not the id of the assignment in that body from that day; leave it out of a"
                " new assignment.",
            )
    return None


def _given(
    caller: Principal,
    held: Official | None,
    rows: Sequence[Submission],
    standings: Standings,
) -> dict[tuple[str, object], GivenPost]:
    """Assignments to take: those in the caller's scope; one sent back just as it was read stays as it is."""
    found: dict[tuple[str, object], GivenPost] = {
        post.key: post
        for row in rows
        for post in row.posts
        if sees_persons_of(caller, standings.get(post.agency_code))
    }
    for post in held.posts if held else ():
        if found.get(post.given.key) == _as_read(post):
            found[post.given.key] = post.given
    return found


def _drop_rows_in_unknown_bodies(
    caller: Principal,
    group: _Group,
    submitted: Sequence[Submission],
    outcomes: list[Outcome],
    standings: Standings,
) -> None:
    held = {post.given.key: post for post in group.held.posts} if group.held else {}
    for index in group.rows:
        for n, post in enumerate(submitted[index].posts):
            if sees_persons_of(caller, standings.get(post.agency_code)):
                continue
            stands = held.get(post.key)
            if stands is not None and post in (stands.given, _as_read(stands)):
                continue
            _refuse(
                outcomes[index],
                _issue(
                    f"/assignments/{n}/agency_code",
                    "agency_unknown",
                    f"Không có cơ quan “{post.agency_code}” trong phạm vi của bạn.",
                    f"There is no agency “{post.agency_code}” in your scope.",
                ),
            )
    group.rows = [index for index in group.rows if outcomes[index].result != "refused"]


def _as_read(post: Post) -> GivenPost:
    """An assignment as a reader sees it and sends it back: with its real end."""
    values = {name: getattr(post.given, name) for name in post.given.__struct_fields__}
    return GivenPost(**values | {"given_to": post.valid_to})


def _after(
    code: str,
    held: Official | None,
    rows: Sequence[Submission],
    identity: KeyedIdentity | None,
    posts: list[Post],
    keys: PersonKeys,
) -> Official:
    first = rows[0]
    if held is None and len(rows) == 1 and identity is not None and not first.former:
        return Official(
            official_code=code,
            version=0,
            identity=identity,
            former=(),
            record_code=first.record_code,
            full_name=first.full_name,
            birth_date=first.birth_date,
            sex=first.sex,
            attributes=first.attributes or _NO_ATTRIBUTES,
            absences=first.absences or (),
            posts=posts,
        )
    current = identity or (held.identity if held else None)
    assert current is not None
    former = next((row.former for row in rows if row.former is not None), None)
    if former is None:
        former = held.former if held else ()
        if held is not None and held.identity.key != current.key:
            former = (*former, held.identity)
    former = tuple({each.key: each for each in former if each.key != current.key}.values())
    if held is not None and held.birth_date != first.birth_date:
        current = _rekeyed(current, first.birth_date, keys)
        former = tuple(_rekeyed(each, first.birth_date, keys) for each in former)

    def told(name: str, default: object) -> object:
        return next(
            (value for row in rows if (value := getattr(row, name)) is not None),
            getattr(held, name) if held else default,
        )

    return Official(
        official_code=code,
        version=held.version if held else 0,
        identity=current,
        former=former,
        record_code=told("record_code", None),  # type: ignore[arg-type]
        full_name=first.full_name,
        birth_date=first.birth_date,
        sex=told("sex", None),  # type: ignore[arg-type]
        attributes=told("attributes", _NO_ATTRIBUTES),  # type: ignore[arg-type]
        absences=told("absences", ()),  # type: ignore[arg-type]
        posts=posts,
    )


def _rekeyed(each: KeyedIdentity, birth_date: str, keys: PersonKeys) -> KeyedIdentity:
    check = keys.birth_check(each.identity, birth_date)
    return KeyedIdentity(each.identity, each.key, bytes.fromhex(check) if check else None)


def _same(held: Official, after: Official) -> bool:
    return held == after


async def _claim(
    work: UnitOfWork,
    groups: list[_Group],
    submitted: Sequence[Submission],
    outcomes: list[Outcome],
) -> tuple[list[_Group], dict[bytes, str]]:
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
    for group in groups:
        if group.code in losers:
            for index in group.rows:
                _refuse(outcomes[index], *_taken_numbers(submitted[index], group.code, owners))
    return [group for group in groups if group.code not in losers], mine


def _taken_numbers(row: Submission, code: str, owners: dict[bytes, str]) -> list[Issue]:
    """Each number of the row that is another's; the official's own, if another row gave it."""

    def taken(each: object) -> bool:
        return isinstance(each, KeyedIdentity) and owners.get(each.key, code) != code

    former = row.hidden.former if row.hidden is not None and row.hidden.former else row.former
    places = [f"/former_identities/{n}" for n, each in enumerate(former or ()) if taken(each)]
    if taken(row.identity) or not places:
        places.insert(0, row.identity_at)
    return [already_registered(place) for place in places]


async def _write(
    work: UnitOfWork,
    groups: list[_Group],
    submitted: Sequence[Submission],
    outcomes: list[Outcome],
) -> None:
    changed: list[Official] = []
    posts: list[tuple[str, Post]] = []
    first_posts: list[tuple[str, Post]] = []
    gone: list[tuple[str, object]] = []
    dropped: list[bytes] = []
    rechecked: list[tuple[bytes, bytes | None]] = []
    for group in groups:
        held, after = group.held, group.after
        assert after is not None
        if held is None:
            first_posts += [(group.code, post) for post in after.posts]
            _settle_created(group, outcomes)
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
            _settle_changed(group, held, submitted, outcomes)
        _announce(work, held, after)
    if changed:
        await repository.change_officials(work.connection, changed)
    if gone:
        await repository.remove_posts(work.connection, gone)  # type: ignore[arg-type]
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


def _settle_created(group: _Group, outcomes: list[Outcome]) -> None:
    for place, index in enumerate(group.rows):
        outcomes[index].result = "updated" if place else "created"


def _settle_changed(
    group: _Group, held: Official, submitted: Sequence[Submission], outcomes: list[Outcome]
) -> None:
    """Rows of an assignment that stood already as given changed nothing; somebody else's row did."""
    before = {post.given for post in held.posts}
    idle = [i for i in group.rows if all(post in before for post in submitted[i].posts)]
    for index in group.rows:
        all_idle = len(idle) == len(group.rows)
        outcomes[index].result = "updated" if all_idle or index not in idle else "unchanged"


def _announce(work: UnitOfWork, held: Official | None, after: Official) -> None:
    work.emit(changed_event(after), subject=after.official_code)
    had = held.identities if held is not None else ()
    if (len(had) > 1 or after.former) and had != after.identities:
        work.emit(
            OfficialIdentitiesLinked(
                version=after.version,
                official_code=after.official_code,
                identities=tuple(
                    Identity(
                        person_key=each.key.hex(),
                        birth_check=each.check.hex() if each.check else None,
                    )
                    for each in after.identities
                ),
            ),
            subject=after.official_code,
        )


def changed_event(official: Official) -> OfficialChanged:
    check = official.identity.check
    return OfficialChanged(
        version=official.version,
        official_code=official.official_code,
        person_key=official.identity.key.hex(),
        birth_check=check.hex() if check else None,
        birth_date=official.birth_date,
        assignments=assignments_of(official.posts),
        absences=official.absences,
        attributes=official.attributes,
    )


@lru_cache(maxsize=27)
def _post_attributes(
    language_teacher: bool | None,
    foreign_affairs: bool | None,
    language_qualified_post: bool | None,
) -> AssignmentAttributes:
    return AssignmentAttributes(
        language_teacher=language_teacher,
        foreign_affairs=foreign_affairs,
        language_qualified_post=language_qualified_post,
    )


def assignments_of(posts: Sequence[Post]) -> tuple[Assignment, ...]:
    return tuple(
        Assignment(
            assignment_id=post.assignment_id,
            agency_code=post.given.agency_code,
            status=post.given.status,
            leadership=post.given.leadership,
            requires_language=post.given.requires_language,
            primary=post.given.primary,
            posting=post.given.posting,
            valid_from=post.given.valid_from,
            valid_to=post.valid_to,
            requires_language_basis=post.given.requires_language_basis,
            job_position_code=post.given.job_position_code,
            attributes=_post_attributes(
                post.given.language_teacher,
                post.given.foreign_affairs,
                post.given.language_qualified_post,
            ),
        )
        for post in posts
    )


async def find(work: UnitOfWork, code: str, *, lock: bool = False) -> Official:
    """Raises :class:`NotFound` for an official who is unknown or out of the caller's scope today."""
    caller = work.principal
    if not sees_directory(caller) and caller.role != "official":
        raise NotFound
    official = (await repository.officials(work.connection, [code], lock=lock)).get(code)
    if official is None:
        raise NotFound
    bodies = {post.given.agency_code for post in official.posts}
    standings = await agencies.standings(work.connection, bodies, work.clock.today())
    if not in_scope(caller, official, standings, work):
        raise NotFound
    return official


# --- issues -----------------------------------------------------------------------------------------


def _identity_required() -> Issue:
    return _issue(
        "/citizen_id",
        "identity_required",
        "Cần số định danh của người mới đăng ký.",
        "A new official needs an identity number.",
    )


def _assignments_required() -> Issue:
    return _issue(
        "/assignments",
        "assignments_required",
        "Cần ít nhất một vị trí công tác.",
        "At least one assignment is required.",
    )


def _code_in_use() -> Issue:
    return _issue(
        "/official_code",
        "official_code_in_use",
        "Mã cán bộ này đã được dùng, và số định danh không khớp.",
        "This official code is in use, and the identity number does not match.",
    )


def already_registered(pointer: str = "/citizen_id") -> Issue:
    return _issue(
        pointer,
        "citizen_already_registered",
        "Số định danh này đã được đăng ký với mã cán bộ khác.",
        "This identity number is already registered under another official code.",
    )


def _primary_conflict() -> Issue:
    return _issue(
        "/assignments/0/primary",
        "primary_conflict",
        "Một cơ quan khác đã ghi vị trí chính bắt đầu cùng ngày.",
        "Another body has recorded a primary assignment beginning on the same day.",
    )


def _ended_by_later() -> Issue:
    return Issue(
        "/assignments/0/valid_to",
        "ended_by_later_primary",
        "Vị trí chính này kết thúc ngày trước khi vị trí chính sau bắt đầu.",
        "This primary assignment ends the day before a later one begins.",
        "warning",
    )
