"""What the rows of one official make of them: pure, so that the rules can be read in one place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from services.enrolment.directory.agencies.scope import Standing, sees_persons_of
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
)
from services.enrolment.directory.officials.refusals import (
    agency_out_of_scope,
    assignments_required,
    code_in_use,
    code_of_another,
    ended_by_later,
    identity_required,
    number_changed,
    other_person_suspected,
    primary_conflict,
    strange_id,
)
from services.enrolment.directory.officials.row_groups import Outcome, RowGroup
from services.enrolment.directory.officials.same_person import leaves_number, seems_another
from services.enrolment.directory.officials.sight import in_scope
from services.enrolment.directory.officials.submissions import Submission
from shared.contracts.events import OfficialAttributes
from shared.imports.issues import Issue
from shared.persistence.keys import uuid7
from shared.security.person_key import PersonKeys
from shared.security.principal import Principal

Standings = Mapping[str, Standing]

_NO_ATTRIBUTES = OfficialAttributes()


def draft(
    caller: Principal,
    today: dt.date,
    group: RowGroup,
    submitted: Sequence[Submission],
    outcomes: list[Outcome],
    standings: Standings,
    keys: PersonKeys,
    replace: bool,
) -> Issue | None:
    """Sets ``group.after`` when something changes; returns what refuses the whole group."""
    held = group.held
    group.after, group.joining = None, False  # an earlier attempt may have left its own
    _drop_rows_in_unknown_bodies(caller, group, submitted, outcomes, standings)
    if not group.rows:
        return None
    rows = [submitted[index] for index in group.rows]
    seen = held if held is not None and in_scope(caller, held, standings, today) else None
    masked = any(row.hidden is not None for row in rows)
    for n, row in enumerate(rows):
        if row.hidden is not None:
            shown = _unmasked(row, row.hidden, seen)
            if isinstance(shown, Issue):
                return shown
            rows[n] = shown
        if row.ids and (strange := _strange_id(row, held)) is not None:
            return strange
    suspected = seen is not None and seems_another(seen, rows, masked=masked)
    if suspected and not replace:
        return code_of_another()
    given = _given(caller, held, rows, standings)
    identity = next((row.identity for row in rows if row.identity is not None), None)
    if held is None:
        if identity is None:
            return identity_required()
        if not given:
            return assignments_required()
    elif seen is None:
        offered = {each.key for row in rows for each in (row.identity, *(row.former or ())) if each}
        if not offered & {each.key for each in held.identities}:
            return code_in_use()
        if not given:
            return assignments_required()
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
        return primary_conflict()
    if not posts:
        return assignments_required()
    after = _after(group.code, held, rows, identity, posts, keys)
    if len(posts) > 1:
        ended = {post.given.key for post in posts if post.valid_to != post.given.given_to}
        for index in group.rows:
            if any(post.key in ended for post in submitted[index].posts):
                outcomes[index].warnings.append(ended_by_later())
    if held is not None and held == after:
        return None
    if held is not None:
        for index in group.rows:
            outcomes[index].warnings += _of_person(held, after, submitted[index], suspected)
    after.version = 1 if held is None else held.version + 1
    group.after = after
    return None


def _of_person(
    held: Official, after: Official, row: Submission, suspected: bool
) -> Iterator[Issue]:
    if suspected:
        yield other_person_suspected()
    if held.identity.key != after.identity.key:
        yield number_changed(row.identity_at, kept=leaves_number(held, after))


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
            return strange_id(place)
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
    group: RowGroup,
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
            outcomes[index].refuse(agency_out_of_scope(n, post.agency_code))
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
