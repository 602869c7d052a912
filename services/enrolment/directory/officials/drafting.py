"""What the rows of one official make of them: pure, so that the rules can be read in one place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from services.enrolment.directory.agencies.scope import Belonging, sees_persons_of, within_bloc
from services.enrolment.directory.joinings.joining import Joining
from services.enrolment.directory.joinings.taking_over import taken_over
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
    arrival_past,
    assignments_required,
    code_in_use,
    code_of_another,
    ended_by_later,
    fact_kept,
    identity_reason_required,
    identity_required,
    joining_contested,
    number_changed,
    other_person_suspected,
    primary_conflict,
    strange_id,
    too_many_questions,
)
from services.enrolment.directory.officials.row_groups import Outcome, RowGroup
from services.enrolment.directory.officials.same_person import (
    differing_facts,
    leaves_number,
    seems_another,
)
from services.enrolment.directory.officials.submission import Submission
from services.enrolment.directory.officials.visibility import answers_for, confined, in_scope
from shared.contracts.events import OfficialAttributes
from shared.imports.issues import Issue
from shared.persistence.keys import uuid7
from shared.security.person_key import PersonKeys
from shared.security.principal import Principal

Belongings = Mapping[str, Belonging]

_NO_ATTRIBUTES = OfficialAttributes()


class Asking(msgspec.Struct):
    """Who sends rows, and what besides the rows themselves decides over them."""

    caller: Principal
    today: dt.date
    belongings: Belongings
    keys: PersonKeys
    replace: bool
    joinings: Mapping[str, Sequence[Joining]]
    """By official code: those that are not settled."""
    silent_from: int | None = None
    """Place of the first row that may no longer be told anything of what lies outside the scope."""

    def silences(self, group: RowGroup) -> bool:
        return self.silent_from is not None and group.rows[-1] >= self.silent_from


def draft(
    asking: Asking, group: RowGroup, submitted: Sequence[Submission], outcomes: list[Outcome]
) -> Issue | None:
    """Sets ``group.after`` when something changes; returns what refuses the whole group.

    Whatever can be said without a look outside the caller's scope is said first.
    """
    caller, belongings = asking.caller, asking.belongings
    held = group.held
    # An earlier attempt may have left its own.
    group.after, group.joining, group.taken_over = None, False, []
    seen = None
    if held is not None and in_scope(caller, held, belongings, asking.today):
        seen = confined(caller, held, belongings)
    _drop_rows_in_unknown_bodies(caller, group, submitted, outcomes, belongings, seen)
    if not group.rows:
        return None
    rows = [submitted[index] for index in group.rows]
    masked = any(row.hidden is not None for row in rows)
    for n, row in enumerate(rows):
        if row.hidden is not None:
            shown = _unmasked(row, row.hidden, seen)
            if isinstance(shown, Issue):
                return shown
            rows[n] = shown
        if row.ids and (strange := _strange_id(row, seen)) is not None:
            return strange
    group.reason = next((row.identity_reason for row in rows if row.identity_reason), None)
    suspected = seen is not None and seems_another(seen, rows, masked=masked)
    if suspected and not asking.replace:
        return code_of_another()
    given = _given(caller, seen, rows, belongings)
    identity = next((row.identity for row in rows if row.identity is not None), None)
    if seen is None:
        if identity is None:
            return identity_required()
        if not given:
            return assignments_required()
        if asking.silences(group):
            return too_many_questions()
        group.joining = held is not None
    if held is not None and group.joining and not proves(held, rows):
        return code_in_use()
    posts = _posts(asking, group, rows, given)
    if isinstance(posts, Issue):
        return posts
    shown_posts = [post for post in posts if within_bloc(caller, _at(belongings, post))]
    if not shown_posts:
        return assignments_required()
    if held is None or _answers_for(asking, group):
        after = _after(group.code, held, rows, identity, posts, asking.keys)
        if held is not None and _numbers(after) != _numbers(held):
            if group.reason is None:
                return identity_reason_required(_number_at(rows, held))
            if asking.silences(group):
                return too_many_questions()
    else:
        after = msgspec.structs.replace(held, posts=posts)
        for index, row in zip(group.rows, rows, strict=True):
            outcomes[index].facts_kept = differing_facts(held, row)
            outcomes[index].warnings += map(fact_kept, outcomes[index].facts_kept)
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


def proves(held: Official, rows: Sequence[Submission]) -> bool:
    """Whether the rows show what a receiving body has to know: a number of the official and the whole birth
    date, as they are on file. Former numbers given beside it prove nothing: a row asks about one number."""
    identity = next((row.identity for row in rows if row.identity is not None), None)
    return (
        identity is not None
        and identity.key in {each.key for each in held.identities}
        and len(held.birth_date) == 10
        and all(row.birth_date == held.birth_date for row in rows)
    )


def _at(belongings: Belongings, post: Post) -> Belonging | None:
    return belongings.get(post.given.agency_code)


def _answers_for(asking: Asking, group: RowGroup) -> bool:
    assert group.held is not None
    joinings = asking.joinings.get(group.code, ())
    return not group.joining and answers_for(
        asking.caller, group.held, asking.belongings, asking.today, joinings
    )


def _posts(
    asking: Asking,
    group: RowGroup,
    rows: Sequence[Submission],
    given: Mapping[tuple[str, object], GivenPost],
) -> list[Post] | Issue:
    """Assignments afterwards. What stands outside the caller's scope stays as it is, but that a later primary
    one ends it the day before: of whoever proves to know the person, and never in the past."""
    caller, belongings, held = asking.caller, asking.belongings, group.held

    def own(body: str) -> bool:
        return sees_persons_of(caller, belongings.get(body))

    before = held.posts if held is not None else []
    elsewhere = [post for post in before if not own(post.given.agency_code)]
    try:
        posts = merged(
            before,
            given.values(),
            replaces=own if asking.replace and not group.joining else None,
            new_id=uuid7,
        )
    except PrimaryConflict as conflict:
        begins = conflict.key[1]
        outside = any(each.given.primary and each.given.valid_from == begins for each in elsewhere)
        if held is not None and outside and not proves(held, rows):
            return code_in_use()
        return primary_conflict()
    if held is None or not elsewhere:
        return posts
    undecided = asking.joinings.get(group.code, ())
    taken = taken_over(before, posts, own, asking.today, undecided)
    if not taken:
        return posts
    if not proves(held, rows):
        return code_in_use()
    for left, arrival in taken:
        if arrival.valid_to is not None and arrival.valid_to < asking.today:
            return arrival_past()
        for joining in undecided:
            if joining.stored == "contested" and joining.from_agency == left.given.agency_code:
                return joining_contested()
    group.taken_over = taken
    return posts


def _numbers(official: Official) -> tuple[bytes, set[bytes]]:
    return official.identity.key, {each.key for each in official.identities}


def _number_at(rows: Sequence[Submission], held: Official) -> str:
    """Where the number stands that differs."""
    for row in rows:
        if row.identity is not None and row.identity.key != held.identity.key:
            return row.identity_at
    return "/former_identities"


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


def _strange_id(row: Submission, seen: Official | None) -> Issue | None:
    known = {post.given.key: post.assignment_id for post in seen.posts} if seen else {}
    for place, given in row.ids.items():
        if known.get(row.posts[place].key) != given:
            return strange_id(place)
    return None


def _given(
    caller: Principal,
    seen: Official | None,
    rows: Sequence[Submission],
    belongings: Belongings,
) -> dict[tuple[str, object], GivenPost]:
    """Assignments to take: those in the caller's scope; one sent back just as it was read stays as it is."""
    found: dict[tuple[str, object], GivenPost] = {
        post.key: post
        for row in rows
        for post in row.posts
        if sees_persons_of(caller, belongings.get(post.agency_code))
    }
    for post in seen.posts if seen else ():
        if found.get(post.given.key) == _as_read(post):
            found[post.given.key] = post.given
    return found


def _drop_rows_in_unknown_bodies(
    caller: Principal,
    group: RowGroup,
    submitted: Sequence[Submission],
    outcomes: list[Outcome],
    belongings: Belongings,
    seen: Official | None,
) -> None:
    """But for assignments elsewhere that the caller sees and sends back as they stand."""
    held = {post.given.key: post for post in seen.posts} if seen else {}
    for index in group.rows:
        for n, post in enumerate(submitted[index].posts):
            if sees_persons_of(caller, belongings.get(post.agency_code)):
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
