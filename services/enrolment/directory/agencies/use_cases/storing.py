"""Storing versions of agencies: each is judged beside all others, and the tree is made anew below them."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.enrolment.directory.agencies import repository
from services.enrolment.directory.agencies.admission import (
    Admission,
    admitted,
    as_meant,
    own_level,
)
from services.enrolment.directory.agencies.layout import AGENCY_SHEET
from services.enrolment.directory.agencies.refusals import CODE_TAKEN, OF_FAULTS, QUESTIONS_SPENT
from services.enrolment.directory.agencies.submissions import (
    AgencyRow,
    cleaned,
    doubts_about,
    error,
    problems_of,
)
from services.enrolment.directory.agencies.tree import (
    Fault,
    History,
    Version,
    affected,
    crossings,
    faults,
    segments_of,
)
from services.enrolment.directory.agencies.use_cases.announcing import announce_changes
from services.enrolment.directory.agencies.use_cases.reading import unseen_codes
from shared.imports.issues import Issue
from shared.imports.rows import Row
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal
from shared.web.uploads import BulkUpload, Taken


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
    unseen, elsewhere = await unseen_codes(work, codes)
    known = await repository.around(work.connection, codes - elsewhere, parents - elsewhere)
    given = [as_meant(row, known.get(row.code, ())) for row in given]
    candidates, refused = admitted(await _admission(work, given, known), given)
    stored = Stored(refused=refused)
    if left == 0:
        _refuse_codes(unseen, candidates, stored, QUESTIONS_SPENT)
    before = _versions(_with(known, ()))
    while True:
        history = _with(known, candidates.values())
        touched = {row.code for row in candidates.values() if not _is_known(known, row)}
        # In a thread: a national tree takes seconds to judge, and others ask meanwhile.
        found = await asyncio.to_thread(_judged, work.principal, touched, history, before)
        if found:
            _refuse(found, candidates, known, stored)
            continue
        taken = elsewhere & {row.code for row in candidates.values()}
        if not taken:
            break
        if left is not None and len(taken) > left:
            work.questions.count(left)
            _refuse_codes(unseen, candidates, stored, QUESTIONS_SPENT)
            continue
        work.questions.count(len(taken))
        for code in sorted(taken):
            detail = {"code": "not_found", "by_agency": work.principal.agency}
            work.audit("agency.refused", code, detail, lasting=True)
            work.audit("agency.asked_about", code, detail, lasting=True)
        _refuse_codes(taken, candidates, stored, CODE_TAKEN)
    await _write(work, candidates, known, history, stored)
    return stored


async def _admission(
    work: UnitOfWork, rows: Sequence[AgencyRow], known: Mapping[str, Sequence[AgencyRow]]
) -> Admission:
    caller, today = work.principal, work.clock.today()
    names = {row.code for row in rows} | {row.parent_code for row in rows if row.parent_code}
    belongings = await repository.belongings(work.connection, names, today)
    own: Sequence[AgencyRow] = ()
    if caller.agency is not None and not caller.is_nationwide:
        own = (await repository.histories(work.connection, [caller.agency])).get(caller.agency, ())
    return Admission(caller, known, belongings, own_level(caller, own, today))


def _refuse_codes(
    codes: Collection[str], candidates: dict[int, AgencyRow], stored: Stored, issue: Issue
) -> None:
    for index in [index for index, row in candidates.items() if row.code in codes]:
        del candidates[index]
        stored.refused[index] = [issue]


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


def _is_known(known: dict[str, list[AgencyRow]], row: AgencyRow) -> bool:
    return row in known.get(row.code, ())


def _with(
    known: dict[str, list[AgencyRow]], rows: Iterable[AgencyRow]
) -> dict[str, dict[dt.date, AgencyRow]]:
    history = {code: {each.valid_from: each for each in rows} for code, rows in known.items()}
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
    known: dict[str, list[AgencyRow]],
    stored: Stored,
) -> None:
    """Takes out the row that gave the faulty version, or else the rows that broke it for others."""
    by_version: dict[tuple[str, dt.date], list[int]] = {}
    by_code: dict[str, list[int]] = {}
    for index, row in candidates.items():
        if not _is_known(known, row):
            by_version.setdefault(row.key, []).append(index)
            by_code.setdefault(row.code, []).append(index)
    for fault in found:
        blamed = by_version.get((fault.code, fault.valid_from)) or sorted(
            {*by_code.get(fault.code, ()), *by_code.get(fault.other, ())}
        )
        pointer, vi, en = OF_FAULTS[fault.kind]
        for index in blamed:
            issues = stored.refused.setdefault(index, [])
            # A body that comes to stand too low takes all below it along: it is told of one.
            if fault.kind == "tree_too_deep" and any(each.code == fault.kind for each in issues):
                continue
            issues.append(
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
    known: dict[str, list[AgencyRow]],
    history: dict[str, dict[dt.date, AgencyRow]],
    stored: Stored,
) -> None:
    writing: dict[tuple[str, dt.date], AgencyRow] = {}
    codes = set(known)
    for index, row in candidates.items():
        if _is_known(known, row) or row.key in writing:
            stored.unchanged.append(index)
            continue
        (stored.updated if row.code in codes else stored.created).append(index)
        codes.add(row.code)
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
    await announce_changes(work, stored.versions, history, before, after)
    work.audit("agency.changed", ",".join(changed[:5]), {"agencies": changed})


class AgencyFile(BulkUpload[Row[AgencyRow]]):
    """Agencies of one upload."""

    shape = AgencyRow
    sheet = AGENCY_SHEET
    size = 500_000
    """A tree is judged as a whole: its rows are one chunk."""

    def prepare(self, row: Row[AgencyRow]) -> Row[AgencyRow]:
        return row

    async def take(self, work: UnitOfWork, rows: list[Row[AgencyRow]]) -> Taken:
        taken = Taken()
        good = []
        for row in rows:
            if wrong := problems_of(row.value):
                taken.rejected.append((row, wrong))
            else:
                good.append(row)
        stored = await store_versions(work, [row.value for row in good])
        taken.created, taken.updated = len(stored.created), len(stored.updated)
        taken.unchanged = len(stored.unchanged)
        for index, refused in stored.refused.items():
            taken.rejected.append((good[index], refused))
        taken.warned = [
            (good[index], doubts)
            for index in sorted([*stored.created, *stored.updated])
            if (doubts := doubts_about(good[index].value))
        ]
        return taken
