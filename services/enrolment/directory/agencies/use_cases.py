"""What can be done with the tree of agencies."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, get_args

import msgspec

from services.enrolment.directory.agencies import repository
from services.enrolment.directory.agencies.announcements import changed_event, readers_of
from services.enrolment.directory.agencies.scope import (
    Belonging,
    sees_body,
    sees_directory,
    within_bloc,
)
from services.enrolment.directory.agencies.submissions import AgencyRow, cleaned, error
from services.enrolment.directory.agencies.tree import (
    LEVELS,
    Fault,
    History,
    Segment,
    Version,
    affected,
    crossings,
    faults,
    segment_on,
    segments_of,
)
from services.enrolment.directory.agencies.versions import dated
from shared.contracts.audiences import scoped, whole
from shared.contracts.events import AgencyLevel
from shared.contracts.problem import NotFound
from shared.imports.issues import Issue
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal

MOST_VERSIONS: Final = 500
"""Of one body. Every body below it is judged against each of them."""

HIGHEST_FIRST: Final = get_args(AgencyLevel)

_TOLD_AT_ONCE: Final = 500
"""Bodies. Between portions of these other requests are let in."""

TEXTS = {
    "parent_unknown": (
        "/parent_code",
        "Không có cơ quan cấp trên “{other}”.",
        "There is no parent agency “{other}”.",
    ),
    "child_outlives_parent": (
        "/valid_to",
        "“{code}” tồn tại ngoài thời gian của cấp trên “{other}”.",
        "“{code}” would exist on days on which its parent “{other}” does not.",
    ),
    "agency_cycle": (
        "/parent_code",
        "“{code}” sẽ đứng trên chính mình, qua “{other}”.",
        "“{code}” would stand above itself, by way of “{other}”.",
    ),
    "bloc_border": (
        "/parent_code",
        "“{other}” sẽ sang khối khác; tài khoản thuộc một khối không đưa cơ quan nào qua ranh giới giữa hai khối.",
        "“{other}” would come to the other bloc; a caller of one bloc brings no body over the border of the two.",
    ),
    "tree_too_deep": (
        "/parent_code",
        f"“{{other}}” sẽ đứng dưới cấp thứ {LEVELS}; cây cơ quan có nhiều nhất {LEVELS} cấp.",
        f"“{{other}}” would stand below level {LEVELS}; the tree of agencies has at most {LEVELS} levels.",
    ),
}


_TAKEN: Final = error(
    "/code",
    "not_found",
    "Không tìm thấy cơ quan này trong phạm vi của bạn, và không lập mới được bằng mã này.",
    "There is no such agency in your scope, and none can be set up under this code.",
)
_SPENT: Final = error(
    "/code",
    "too_many_requests",
    "Hôm nay đã có quá nhiều mã ngoài phạm vi bị từ chối; ngày mai hãy gửi lại dòng này.",
    "Too many codes outside the scope were refused today; send this row tomorrow.",
)


@dataclass(slots=True)
class Stored:
    """Outcome of a set of submitted versions; the lists hold indexes into what was submitted."""

    created: list[int] = field(default_factory=list)
    updated: list[int] = field(default_factory=list)
    unchanged: list[int] = field(default_factory=list)
    refused: dict[int, list[Issue]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)


async def store_versions(work: UnitOfWork, rows: Sequence[AgencyRow]) -> Stored:
    """Takes each version that can stand beside all others; an order among the rows has no meaning.

    Rows whose fault can only be seen together with others are refused one after the other until the
    rest is a tree on every day. A code that is taken outside the caller's scope is judged as a new one, and
    said to be taken only where that would stand.
    """
    left = await work.questions.left()
    await repository.lock_tree(work.connection)
    given = [cleaned(row) for row in rows]
    codes = {row.code for row in given}
    parents = {row.parent_code for row in given if row.parent_code is not None}
    unseen, elsewhere = await _unseen(work, codes)
    held = await repository.around(work.connection, codes - elsewhere, parents - elsewhere)
    given = [_meant(row, held.get(row.code, ())) for row in given]
    stored = Stored()
    candidates = await _admitted(work, given, held, stored)
    if left == 0:
        _refuse_codes(unseen, candidates, stored, _SPENT)
    before = _versions(_with(held, ()))
    while True:
        history = _with(held, candidates.values())
        touched = {row.code for row in candidates.values() if not _is_held(held, row)}
        # In a thread: a national tree takes seconds to judge, and others ask meanwhile.
        found = await asyncio.to_thread(_judged, work.principal, touched, history, before)
        if found:
            _refuse(found, candidates, held, stored)
            continue
        told = elsewhere & {row.code for row in candidates.values()}
        if not told:
            break
        if left is not None and len(told) > left:
            work.questions.count(left)
            _refuse_codes(unseen, candidates, stored, _SPENT)
            continue
        work.questions.count(len(told))
        for code in sorted(told):
            detail = {"code": "not_found", "by_agency": work.principal.agency}
            work.audit("agency.refused", code, detail, lasting=True)
            work.audit("agency.asked_about", code, detail, lasting=True)
        _refuse_codes(told, candidates, stored, _TAKEN)
    await _write(work, candidates, held, history, stored)
    return stored


async def _unseen(work: UnitOfWork, codes: Collection[str]) -> tuple[set[str], set[str]]:
    """Those of the codes that are no body in the caller's scope, and which of these are bodies elsewhere."""
    belongings = await repository.belongings(work.connection, codes, work.clock.today())
    unseen = {code for code in codes if not sees_body(work.principal, belongings.get(code))}
    return unseen, unseen & belongings.keys()


def _refuse_codes(
    codes: Collection[str], candidates: dict[int, AgencyRow], stored: Stored, issue: Issue
) -> None:
    for index in [index for index, row in candidates.items() if row.code in codes]:
        del candidates[index]
        stored.refused[index] = [issue]


async def _admitted(
    work: UnitOfWork,
    rows: Sequence[AgencyRow],
    held: dict[str, list[AgencyRow]],
    stored: Stored,
) -> dict[int, AgencyRow]:
    """Rows the caller may submit; the others are refused."""
    names = {row.code for row in rows} | {row.parent_code for row in rows if row.parent_code}
    belongings = await repository.belongings(work.connection, names, work.clock.today())
    caller = work.principal
    new_in_scope = _new_in_scope(rows, held, belongings, caller)
    own_level = await _own_level(work)
    number = Counter({code: len(versions) for code, versions in held.items()})
    candidates: dict[int, AgencyRow] = {}
    seen: dict[tuple[str, dt.date], AgencyRow] = {}
    versions = {version.key: version for each in held.values() for version in each}
    for index, row in enumerate(rows):
        old = versions.get(row.key)
        parent_kept = old is not None and old.parent_code == row.parent_code
        if not parent_kept and row.parent_code is None and not caller.is_nationwide:
            stored.refused[index] = [
                error(
                    "/parent_code",
                    "parent_required",
                    "Chỉ cấp toàn quốc lập được cơ quan đứng đầu.",
                    "Only a nation-wide caller may set up a body without a parent.",
                )
            ]
        elif (
            not parent_kept
            and not caller.is_nationwide
            and row.parent_code is not None
            and row.parent_code not in new_in_scope
            and not sees_body(caller, belongings.get(row.parent_code))
        ):
            pointer, vi, en = TEXTS["parent_unknown"]
            stored.refused[index] = [
                error(
                    pointer,
                    "parent_unknown",
                    vi.format(other=row.parent_code),
                    en.format(other=row.parent_code),
                )
            ]
        elif (reserved := _reserved(caller, row, held, belongings, own_level)) is not None:
            stored.refused[index] = [reserved]
        elif (first := seen.setdefault(row.key, row)) != row:
            stored.refused[index] = [
                error(
                    "/valid_from",
                    "row_repeated",
                    f"Phiên bản từ {first.valid_from:%d/%m/%Y} của cơ quan này đã có ở dòng khác.",
                    f"Another row gives this agency's version from {first.valid_from.isoformat()}.",
                )
            ]
        elif old is None and number[row.code] >= MOST_VERSIONS:
            stored.refused[index] = [
                error(
                    "/valid_from",
                    "too_many_versions",
                    f"Một cơ quan có nhiều nhất {MOST_VERSIONS} phiên bản.",
                    f"An agency has at most {MOST_VERSIONS} versions.",
                )
            ]
        else:
            candidates[index] = row
            number[row.code] += old is None
    return candidates


async def _own_level(work: UnitOfWork) -> AgencyLevel:
    """The level of the caller's own body today; the nation's for whoever sees all of it."""
    caller = work.principal
    if caller.is_nationwide or caller.agency is None:
        return "central"
    own = (await repository.histories(work.connection, [caller.agency])).get(caller.agency, [])
    begun = [row for row in own if row.valid_from <= work.clock.today()]
    return begun[-1].level if begun else "commune"


def _sets_blocs(caller: Principal, own_level: AgencyLevel) -> bool:
    """Whether the caller may declare the bloc of a body: the nation's or a province's authority that is
    confined to no bloc itself."""
    return (
        caller.bloc is None
        and caller.role in ("authority", "admin")
        and own_level in ("central", "province")
    )


def _reserved(
    caller: Principal,
    row: AgencyRow,
    held: Mapping[str, Sequence[AgencyRow]],
    belongings: Mapping[str, Belonging],
    own_level: AgencyLevel,
) -> Issue | None:
    """Why the row may not say what it says of its body's level or bloc, or of a body behind the border."""
    known = [each for each in held.get(row.code, ()) if each.valid_from <= row.valid_from]
    before = known[-1] if known else None
    raised = before is None or HIGHEST_FIRST.index(row.level) < HIGHEST_FIRST.index(before.level)
    if raised and HIGHEST_FIRST.index(row.level) < HIGHEST_FIRST.index(own_level):
        return error(
            "/level",
            "level_reserved",
            "Không đặt cho cơ quan cấp cao hơn cấp của chính cơ quan bạn; cấp trên mới đặt được.",
            "Nobody gives a body a level above that of the own body; who is above sets it.",
        )
    if row.bloc != (before.bloc if before else None) and not _sets_blocs(caller, own_level):
        return error(
            "/bloc",
            "bloc_reserved",
            "Chỉ cơ quan có thẩm quyền cấp toàn quốc hoặc cấp tỉnh, không thuộc riêng một khối, đặt khối của cơ quan.",
            "Only an authority of the nation or of a province that is confined to no bloc sets a body's bloc.",
        )
    if caller.bloc is None:
        return None
    if row.code in held and not within_bloc(caller, belongings.get(row.code)):
        return error(
            "/code",
            "bloc_border",
            "Cơ quan này thuộc khối khác; tài khoản thuộc một khối chỉ sửa cơ quan của khối mình.",
            "This body is of the other bloc; a caller of one bloc changes bodies of that bloc only.",
        )
    if before is not None and before.system != row.system:
        return error(
            "/system",
            "bloc_border",
            "Tài khoản thuộc một khối không đổi hệ thống của cơ quan.",
            "A caller of one bloc changes no body's system.",
        )
    return None


def _judged(
    caller: Principal,
    touched: Collection[str],
    history: Mapping[str, Mapping[dt.date, AgencyRow]],
    before: History,
) -> list[Fault]:
    """What cannot stand; where all is a tree, what the caller may not bring over the border of the blocs."""
    if not touched:
        return []
    versions = _versions(history)
    found = faults(touched, versions, before)
    if not found and caller.bloc is not None:
        found = crossings(touched, versions, before, caller.bloc)
    return found


def _meant(row: AgencyRow, held: Sequence[AgencyRow]) -> AgencyRow:
    """A version sent back as it was read, with its real end, is the one that is held."""
    for version, last in dated(held) if row.valid_to is not None else ():
        if row == msgspec.structs.replace(version, valid_to=last):
            return version
    return row


def _new_in_scope(
    rows: Sequence[AgencyRow],
    held: dict[str, list[AgencyRow]],
    belongings: dict[str, Belonging],
    caller: Principal,
) -> set[str]:
    """Bodies that these rows set up below bodies of the caller's scope, at any depth."""
    below: dict[str, list[str]] = {}
    waiting: list[str] = []
    for row in rows:
        if row.code in held:
            continue
        if row.parent_code is None:
            if caller.is_nationwide:
                waiting.append(row.code)
        elif sees_body(caller, belongings.get(row.parent_code)):
            waiting.append(row.code)
        else:
            below.setdefault(row.parent_code, []).append(row.code)
    found: set[str] = set()
    while waiting:
        code = waiting.pop()
        if code not in found:
            found.add(code)
            waiting += below.get(code, ())
    return found


def _is_held(held: dict[str, list[AgencyRow]], row: AgencyRow) -> bool:
    return row in held.get(row.code, ())


def _with(
    held: dict[str, list[AgencyRow]], rows: Iterable[AgencyRow]
) -> dict[str, dict[dt.date, AgencyRow]]:
    history = {code: {each.valid_from: each for each in rows} for code, rows in held.items()}
    for row in rows:
        history.setdefault(row.code, {})[row.valid_from] = row
    return history


def _versions(history: Mapping[str, Mapping[dt.date, AgencyRow]]) -> dict[str, list[Version]]:
    return {
        code: [
            Version(each.valid_from, each.valid_to, each.parent_code, each.system, each.bloc)
            for each in versions.values()
        ]
        for code, versions in history.items()
    }


def _refuse(
    found: Sequence[Fault],
    candidates: dict[int, AgencyRow],
    held: dict[str, list[AgencyRow]],
    stored: Stored,
) -> None:
    """Takes out the row that gave the faulty version, or else the rows that broke it for others."""
    by_version: dict[tuple[str, dt.date], list[int]] = {}
    by_code: dict[str, list[int]] = {}
    for index, row in candidates.items():
        if not _is_held(held, row):
            by_version.setdefault(row.key, []).append(index)
            by_code.setdefault(row.code, []).append(index)
    for fault in found:
        blamed = by_version.get((fault.code, fault.valid_from)) or sorted(
            {*by_code.get(fault.code, ()), *by_code.get(fault.other, ())}
        )
        pointer, vi, en = TEXTS[fault.kind]
        for index in blamed:
            told = stored.refused.setdefault(index, [])
            # A body that comes to stand too low takes all below it along: it is told of one.
            if fault.kind == "tree_too_deep" and any(each.code == fault.kind for each in told):
                continue
            told.append(
                error(
                    pointer,
                    fault.kind,
                    vi.format(code=fault.code, other=fault.other),
                    en.format(code=fault.code, other=fault.other),
                )
            )
    before = len(candidates)
    for index in stored.refused:
        candidates.pop(index, None)
    assert len(candidates) < before, "a fault always has a row to blame"


async def _write(
    work: UnitOfWork,
    candidates: dict[int, AgencyRow],
    held: dict[str, list[AgencyRow]],
    history: dict[str, dict[dt.date, AgencyRow]],
    stored: Stored,
) -> None:
    writing: dict[tuple[str, dt.date], AgencyRow] = {}
    known = set(held)
    for index, row in candidates.items():
        if _is_held(held, row) or row.key in writing:
            stored.unchanged.append(index)
            continue
        (stored.updated if row.code in known else stored.created).append(index)
        known.add(row.code)
        writing[row.key] = row
    if not writing:
        return
    changed = sorted({code for code, _ in writing})
    stored.versions = await repository.raise_versions(work.connection, changed)
    await repository.save_versions(work.connection, list(writing.values()))
    versions = _versions(history)
    touched = affected(changed, versions)
    before = await repository.paths_of(work.connection, touched)
    after = await asyncio.to_thread(segments_of, touched, versions)
    moved = {code: found for code, found in after.items() if found != before.get(code)}
    if moved:
        await repository.replace_paths(work.connection, moved)
    await _tell(work, stored.versions, history, before, after)
    work.audit("agency.changed", ",".join(changed[:5]), {"agencies": changed})


async def _tell(
    work: UnitOfWork,
    changed: Mapping[str, int],
    history: Mapping[str, Mapping[dt.date, AgencyRow]],
    before: Mapping[str, Sequence[Segment]],
    after: Mapping[str, Sequence[Segment]],
) -> None:
    """A change is told to those in whose scope the body stood and to those in whose it stands; a body that
    came along with one above it, to the latter alone."""
    today = work.clock.today()
    stood = {code: readers_of(before.get(code, ()), today) for code in after}
    stands = {code: readers_of(segments, today) for code, segments in after.items()}
    for number, code in enumerate(sorted(changed)):
        if number % _TOLD_AT_ONCE == 0:
            await asyncio.sleep(0)
        event = changed_event(code, changed[code], history[code].values())
        work.emit(event, subject=code, audience=whole(stood[code] | stands[code]))
    taken_along = {
        code: stands[code] - stood[code]
        for code in sorted(after.keys() - changed.keys())
        if stands[code] - stood[code]
    }
    versions = await repository.versions_of(work.connection, taken_along)
    for code, newcomers in taken_along.items():
        event = changed_event(code, versions[code], history[code].values())
        work.emit(event, subject=code, audience=scoped(newcomers))


async def tell_newcomers(
    work: UnitOfWork, codes: Collection[str], since: dt.date, today: dt.date
) -> None:
    """Tells of these bodies to readers in whose scope they stand ``today`` and did not on the day ``since``."""
    paths = await repository.paths_of(work.connection, codes)
    newcomers = {
        code: found
        for code, ordered in paths.items()
        if (found := readers_of(ordered, today) - readers_of(ordered, since))
    }
    histories = await repository.histories(work.connection, newcomers)
    versions = await repository.versions_of(work.connection, newcomers)
    for code, found in sorted(newcomers.items()):
        event = changed_event(code, versions[code], histories[code])
        work.emit(event, subject=code, audience=scoped(found))


@dataclass(frozen=True, slots=True)
class Found:
    """An agency as a caller sees it."""

    code: str
    version: int
    rows: list[AgencyRow]
    paths: list[Segment]


async def find(work: UnitOfWork, code: str) -> Found:
    """Raises :class:`NotFound` for an agency that is unknown or out of the caller's scope today."""
    if not sees_directory(work.principal):
        raise NotFound
    rows = (await repository.histories(work.connection, [code])).get(code, [])
    paths = (await repository.paths_of(work.connection, [code])).get(code, [])
    here = segment_on(paths, work.clock.today())
    if here is None or not sees_body(work.principal, Belonging(here.path, here.bloc)):
        raise NotFound
    versions = await repository.versions_of(work.connection, [code])
    return Found(code, versions[code], rows, paths)


async def require_in_scope(work: UnitOfWork, code: str) -> Belonging:
    """Raises :class:`NotFound` unless the body is known and in the caller's scope today."""
    found = await repository.belongings(work.connection, [code], work.clock.today())
    belonging = found.get(code)
    if belonging is None or not sees_body(work.principal, belonging):
        raise NotFound
    return belonging


async def version_in_scope(work: UnitOfWork, code: str) -> int | None:
    """Null, whether or not there is one, outside the caller's scope."""
    unseen, _ = await _unseen(work, [code])
    versions = await repository.versions_of(work.connection, [code])
    return None if code in unseen else versions[code]


def row_from(code: str, body: dict[str, object]) -> AgencyRow:
    return msgspec.convert({"code": code, **body}, AgencyRow)
