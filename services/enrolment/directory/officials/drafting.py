"""What the rows of one official make of the record. Nothing is written or changed here: the caller takes what is
returned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

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
    id_of_another_assignment,
    identity_reason_required,
    identity_required,
    joining_contested,
    number_changed,
    other_person_suspected,
    primary_conflict,
    too_many_questions,
)
from services.enrolment.directory.officials.row_groups import RowGroup, RowIssues
from services.enrolment.directory.officials.same_person import (
    differing_facts,
    leaves_number,
    seems_another,
)
from services.enrolment.directory.officials.submission import Submission
from services.enrolment.directory.officials.visibility import answers_for, confined, in_scope
from shared.contracts.events import Absence, OfficialAttributes
from shared.imports.issues import Issue
from shared.persistence.keys import uuid7
from shared.security.person_key import PersonKeys
from shared.security.principal import Principal

Belongings = Mapping[str, Belonging]

_NO_ATTRIBUTES = OfficialAttributes()
_NONE: Mapping[int, tuple[Issue, ...]] = {}


class Asking(msgspec.Struct, frozen=True):
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
    new_id: Callable[[], UUID] = uuid7

    def owns(self, body: str) -> bool:
        return sees_persons_of(self.caller, self.belongings.get(body))

    def silences(self, rows: Sequence[int]) -> bool:
        return self.silent_from is not None and rows[-1] >= self.silent_from


class Refused(msgspec.Struct, frozen=True, gc=False):
    """None of the rows stands. ``foreign``: rows refused before for their bodies, with what is wrong."""

    code: str
    rows: tuple[int, ...]
    issue: Issue
    foreign: RowIssues = _NONE


class Draft(msgspec.Struct, frozen=True, gc=False):
    """What the rows make of the official. ``after`` null: nothing changes."""

    code: str
    rows: tuple[int, ...]
    """The rows that stand."""
    before: Official | None
    after: Official | None
    joining: bool = False
    """Somebody out of the caller's scope is received."""
    taken_over: Sequence[tuple[Post, Post]] = ()
    """The assignments elsewhere that end earlier for it, each with the one that ends it."""
    reason: str | None = None
    """Why numbers change."""
    foreign: RowIssues = _NONE
    warnings: RowIssues = _NONE
    facts_kept: Mapping[int, Sequence[str]] = {}


def draft(
    asking: Asking, group: RowGroup, before: Official | None, submitted: Sequence[Submission]
) -> Draft | Refused:
    """Whatever can be said without a look outside the caller's scope is said first."""
    known = None
    if before is not None and in_scope(asking.caller, before, asking.belongings, asking.today):
        known = confined(asking.caller, before, asking.belongings)
    foreign = _rows_of_foreign_bodies(asking, group, submitted, known)
    kept = group.rows
    if foreign:
        kept = tuple(index for index in kept if index not in foreign)
        if not kept:
            return Draft(group.code, (), before, None, foreign=foreign)
    found = _drafted(asking, group.code, kept, before, known, [submitted[index] for index in kept])
    if isinstance(found, Issue):
        return Refused(group.code, kept, found, foreign)
    return msgspec.structs.replace(found, foreign=foreign) if foreign else found


def _drafted(
    asking: Asking,
    code: str,
    places: tuple[int, ...],
    before: Official | None,
    known: Official | None,
    submitted: Sequence[Submission],
) -> Draft | Issue:
    """``known``: the official as far as the caller knows it; null: out of scope, or nobody has the code."""
    masked = any(row.hidden is not None for row in submitted)
    rows = submitted if not masked else _with_numbers_shown(submitted, known)
    if isinstance(rows, Issue):
        return rows
    for row in rows:
        if row.ids and (fault := _id_of_another(row, known)) is not None:
            return fault
    suspected = known is not None and seems_another(known, rows, masked=masked)
    if suspected and not asking.replace:
        return code_of_another()
    given = _given(asking, known, rows)
    identity = next((row.identity for row in rows if row.identity is not None), None)
    reason = next((row.identity_reason for row in rows if row.identity_reason), None)
    joining = known is None and before is not None
    if known is None:
        if identity is None:
            return identity_required()
        if not given:
            return assignments_required()
        if asking.silences(places):
            return too_many_questions()
    if before is not None and joining and not proves(before, rows):
        return code_in_use()
    found = _posts(asking, code, rows, given, before, joining=joining)
    if isinstance(found, Issue):
        return found
    posts, taken = found
    if not any(within_bloc(asking.caller, _belonging(asking, post)) for post in posts):
        return assignments_required()
    facts_kept: dict[int, list[str]] = {}
    if before is None or _may_change_facts(asking, code, before, joining=joining):
        after = _after(code, before, rows, identity, posts, asking.keys)
        if before is not None and _numbers(after) != _numbers(before):
            if reason is None:
                return identity_reason_required(_number_at(rows, before))
            if asking.silences(places):
                return too_many_questions()
    else:
        after = msgspec.structs.replace(before, posts=posts)
        facts_kept = {
            index: differing_facts(before, row) for index, row in zip(places, rows, strict=True)
        }
    unchanged = before is not None and before == after
    if before is not None and not unchanged:
        after = msgspec.structs.replace(after, version=before.version + 1)
    warnings = _NONE
    if before is not None or len(posts) > 1:
        person = (before, after, suspected) if before is not None and not unchanged else None
        warnings = {
            index: (
                *map(fact_kept, facts_kept.get(index, ())),
                *_ended_by_later(row, posts),
                *(() if person is None else _of_person(*person, row)),
            )
            for index, row in zip(places, submitted, strict=True)
        }
    return Draft(
        code,
        places,
        before,
        None if unchanged else after,
        joining=joining,
        taken_over=taken,
        reason=reason,
        warnings=warnings,
        facts_kept=facts_kept,
    )


def proves(official: Official, rows: Sequence[Submission]) -> bool:
    """Whether the rows show what a receiving body has to know: a number of the official and the whole birth date,
    as they are on file. Former numbers given beside it prove nothing: a row asks about one number."""
    identity = next((row.identity for row in rows if row.identity is not None), None)
    return (
        identity is not None
        and identity.key in {each.key for each in official.identities}
        and len(official.birth_date) == 10
        and all(row.birth_date == official.birth_date for row in rows)
    )


def _belonging(asking: Asking, post: Post) -> Belonging | None:
    return asking.belongings.get(post.given.agency_code)


def _may_change_facts(asking: Asking, code: str, before: Official, *, joining: bool) -> bool:
    return not joining and answers_for(
        asking.caller, before, asking.belongings, asking.today, asking.joinings.get(code, ())
    )


class _Posts(NamedTuple):
    all: list[Post]
    taken_over: Sequence[tuple[Post, Post]]


def _posts(
    asking: Asking,
    code: str,
    rows: Sequence[Submission],
    given: Mapping[tuple[str, object], GivenPost],
    before: Official | None,
    *,
    joining: bool,
) -> _Posts | Issue:
    """Assignments afterwards. What stands outside the caller's scope stays as it is, but that a later primary
    one ends it the day before. Only who proves to know the person may do that, and never in the past."""
    posts_before = before.posts if before is not None else []
    elsewhere = [post for post in posts_before if not asking.owns(post.given.agency_code)]
    try:
        posts = merged(
            posts_before,
            given.values(),
            replaces=asking.owns if asking.replace and not joining else None,
            new_id=asking.new_id,
        )
    except PrimaryConflict as conflict:
        begins = conflict.key[1]
        outside = any(each.given.primary and each.given.valid_from == begins for each in elsewhere)
        if before is not None and outside and not proves(before, rows):
            return code_in_use()
        return primary_conflict()
    if before is None or not elsewhere:
        return _Posts(posts, ())
    undecided = asking.joinings.get(code, ())
    taken = taken_over(posts_before, posts, asking.owns, asking.today, undecided)
    if not taken:
        return _Posts(posts, ())
    if not proves(before, rows):
        return code_in_use()
    for left, arrival in taken:
        if arrival.valid_to is not None and arrival.valid_to < asking.today:
            return arrival_past()
        for each in undecided:
            if each.stored == "contested" and each.from_agency == left.given.agency_code:
                return joining_contested()
    return _Posts(posts, taken)


def _numbers(official: Official) -> tuple[bytes, set[bytes]]:
    return official.identity.key, {each.key for each in official.identities}


def _number_at(rows: Sequence[Submission], before: Official) -> str:
    """Where the number stands that differs."""
    for row in rows:
        if row.identity is not None and row.identity.key != before.identity.key:
            return row.identity_at
    return "/former_identities"


def _ended_by_later(row: Submission, posts: Sequence[Post]) -> Iterator[Issue]:
    """A row gave a primary assignment that ends earlier than given, for a later one begins."""
    if len(posts) > 1:
        ended = {post.given.key for post in posts if post.valid_to != post.given.given_to}
        if any(post.key in ended for post in row.posts):
            yield ended_by_later()


def _of_person(
    before: Official, after: Official, suspected: bool, row: Submission
) -> Iterator[Issue]:
    if suspected:
        yield other_person_suspected()
    if before.identity.key != after.identity.key:
        yield number_changed(row.identity_at, kept=leaves_number(before, after))


def _with_numbers_shown(
    rows: Sequence[Submission], known: Official | None
) -> list[Submission] | Issue:
    """The rows with the numbers that their masked ones stand for."""
    found = []
    for row in rows:
        shown = row if row.hidden is None else _unmasked(row, row.hidden, known)
        if isinstance(shown, Issue):
            return shown
        found.append(shown)
    return found


def _unmasked(row: Submission, hidden: HiddenNumbers, known: Official | None) -> Submission | Issue:
    if hidden.identity is not None and (known is None or not hidden.identity.shows(known.identity)):
        return identity_masked(row.identity_at)
    former = row.former
    if hidden.former is not None:
        found = former_shown(hidden.former, known.former if known is not None else ())
        if isinstance(found, int):
            return identity_masked(f"/former_identities/{found}/number")
        former = found
    return msgspec.structs.replace(row, hidden=None, former=former)


def _id_of_another(row: Submission, known: Official | None) -> Issue | None:
    ids = {post.given.key: post.assignment_id for post in known.posts} if known else {}
    for place, given in row.ids.items():
        if ids.get(row.posts[place].key) != given:
            return id_of_another_assignment(place)
    return None


def _given(
    asking: Asking, known: Official | None, rows: Sequence[Submission]
) -> dict[tuple[str, object], GivenPost]:
    """Assignments to take: those in the caller's scope. One sent back just as it was read stays as it is."""
    found: dict[tuple[str, object], GivenPost] = {
        post.key: post for row in rows for post in row.posts if asking.owns(post.agency_code)
    }
    for post in known.posts if known else ():
        if found.get(post.given.key) == _as_read(post):
            found[post.given.key] = post.given
    return found


def _rows_of_foreign_bodies(
    asking: Asking, group: RowGroup, submitted: Sequence[Submission], known: Official | None
) -> RowIssues:
    """Rows with assignments out of the caller's scope, but for those that the caller sees and sends back as they
    stand."""
    found: dict[int, list[Issue]] = {}
    stored = {post.given.key: post for post in known.posts} if known else {}
    for index in group.rows:
        for n, post in enumerate(submitted[index].posts):
            if asking.owns(post.agency_code):
                continue
            there = stored.get(post.key)
            if there is None or post not in (there.given, _as_read(there)):
                found.setdefault(index, []).append(agency_out_of_scope(n, post.agency_code))
    return found


def _as_read(post: Post) -> GivenPost:
    """An assignment as a reader sees it and sends it back: with its real end."""
    return msgspec.structs.replace(post.given, given_to=post.valid_to)


def _after(
    code: str,
    before: Official | None,
    rows: Sequence[Submission],
    identity: KeyedIdentity | None,
    posts: list[Post],
    keys: PersonKeys,
) -> Official:
    first = rows[0]
    current = identity or (before.identity if before else None)
    assert current is not None
    former = next((row.former for row in rows if row.former is not None), None)
    if former is None:
        former = before.former if before else ()
        if before is not None and before.identity.key != current.key:
            former = (*former, before.identity)
    if former:
        former = tuple({each.key: each for each in former if each.key != current.key}.values())
    if before is not None and before.birth_date != first.birth_date:
        current = _rekeyed(current, first.birth_date, keys)
        former = tuple(_rekeyed(each, first.birth_date, keys) for each in former)
    facts = _facts(before, rows)
    return Official(
        official_code=code,
        version=before.version if before else 1,
        identity=current,
        former=former,
        record_code=facts.record_code,
        full_name=first.full_name,
        birth_date=first.birth_date,
        sex=facts.sex,
        attributes=facts.attributes or _NO_ATTRIBUTES,
        absences=facts.absences or (),
        posts=posts,
    )


class _Facts(NamedTuple):
    record_code: str | None
    sex: str | None
    attributes: OfficialAttributes | None
    absences: tuple[Absence, ...] | None


def _facts(before: Official | None, rows: Sequence[Submission]) -> _Facts:
    """Each fact as the first row that names it says it, otherwise as it is on file."""
    sources = [_Facts(row.record_code, row.sex, row.attributes, row.absences) for row in rows]
    if before is not None:
        sources.append(_Facts(before.record_code, before.sex, before.attributes, before.absences))
    if len(sources) == 1:
        return sources[0]
    return _Facts(
        next((each.record_code for each in sources if each.record_code is not None), None),
        next((each.sex for each in sources if each.sex is not None), None),
        next((each.attributes for each in sources if each.attributes is not None), None),
        next((each.absences for each in sources if each.absences is not None), None),
    )


def _rekeyed(each: KeyedIdentity, birth_date: str, keys: PersonKeys) -> KeyedIdentity:
    check = keys.birth_check(each.identity, birth_date)
    return KeyedIdentity(each.identity, each.key, bytes.fromhex(check) if check else None)
