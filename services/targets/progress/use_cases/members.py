"""The people behind a figure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import asyncpg
import msgspec

from services.targets.asking.question import Asked
from services.targets.plans.schemas import NOT_CBCCVC, OTHER_TERRITORY, Indicator
from services.targets.population.assignments import primary_assignments
from services.targets.population.credentials import Proved, proved_on
from services.targets.population.deciding import Places, counting, of_authority
from services.targets.population.people import People
from services.targets.population.repository import (
    OfficialFacts,
    read_credentials,
    read_officials,
    read_places,
)
from services.targets.population.tree import EVERY_ORIGIN
from services.targets.progress import repository
from services.targets.progress.basis import Basis
from services.targets.progress.counting import PlanEvaluation
from services.targets.progress.errors import FigureMoved
from services.targets.progress.figures import FigureBook
from services.targets.progress.holders import bodies_holding
from services.targets.progress.members import State, reason_of
from services.targets.progress.repository import Member
from services.targets.progress.use_cases.finding import basis_of, find, learn_profiles
from shared.contracts.events import OfficialChanged, OfficialIdentitiesLinked
from shared.feed.cursors import require_cursor_of
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal
from shared.web.turns import Turns

FILE_PAGE: Final = 500
"""Rows that are read, and whose names are asked for, at once."""


class AskedMembers(NamedTuple):
    """Whose list is asked for. ``counted_at`` names positions of feeds that must still hold."""

    asked: Asked
    indicator: Indicator
    state: State
    counted_at: Mapping[str, str]


class Listed(NamedTuple):
    """A person behind a figure; of one who is not in the caller's scope today nothing but code and reason."""

    official_code: str
    agency_code: str | None
    reason: str
    level: int | None
    specialised: bool | None


class MembersPage(NamedTuple):
    rows: list[Listed]
    more: bool
    basis: Basis


async def first_page(
    work: UnitOfWork, book: FigureBook, which: AskedMembers, after: str, limit: int
) -> MembersPage:
    """Rows after a code. Called first in its transaction, for figures and list come from one snapshot.
    Raises as :func:`find`, 409 when the figure has moved on, and 422 for a position the feed never gave."""
    await repository.one_snapshot(work.connection)
    return await _page(work, book, which, after, limit)


async def whole_list(
    work: UnitOfWork, book: FigureBook, which: AskedMembers, turns: Turns
) -> tuple[list[Listed], Basis]:
    """All rows from one snapshot, so that the file is one figure's. Raises as :func:`first_page`."""
    await repository.one_snapshot(work.connection)
    listed: list[Listed] = []
    more = True
    while more:
        after = listed[-1].official_code if listed else ""
        async with turns.piece():
            rows, more, basis = await _page(work, book, which, after, FILE_PAGE)
        listed += rows
    return listed, basis


async def _page(
    work: UnitOfWork, book: FigureBook, which: AskedMembers, after: str, limit: int
) -> MembersPage:
    """The trail names everybody who is listed."""
    rows, basis = await _members(work, book, which, after, limit + 1)
    asked = which.asked
    work.audit(
        "members.read",
        f"{asked.plan.id}/{which.indicator.id}",
        {
            "agency": asked.agency,
            "as_of": asked.as_of,
            "state": which.state,
            "officials": [row.official_code for row in rows[:limit]],
        },
    )
    return MembersPage(rows[:limit], len(rows) > limit, basis)


async def _members(
    work: UnitOfWork, book: FigureBook, which: AskedMembers, after: str, limit: int
) -> tuple[list[Listed], Basis]:
    """A caller of one bloc sees the people of that bloc's bodies only; of people who left the caller's scope
    since, code and reason."""
    connection, principal, today = work.connection, work.principal, work.clock.today()
    asked, indicator, state, counted_at = which
    found = await find(connection, book, principal, asked, today, with_cells=False)
    basis = basis_of(found)
    positions = basis.counted_at
    for source, position in counted_at.items():
        require_cursor_of(positions[source], position)
    if any(positions.get(source) != position for source, position in counted_at.items()):
        raise FigureMoved(
            "Con số này đã được tính lại ở vị trí mới; hãy đọc lại tiến độ",
            "This figure has been counted anew; read progress again",
            extra={"counted_at": positions},
        )
    if not found.in_tree:
        return [], basis
    await learn_profiles(connection, book, found)
    evaluation = book.evaluation(asked.plan, asked.readings)
    origin = asked.origin if found.counted_by_origin else EVERY_ORIGIN
    rows = await repository.read_members(
        connection,
        agency=asked.agency,
        day=asked.day,
        profiles=[int(each) for each in evaluation.profiles_in(indicator.id, state)],
        origin=origin,
        others_too=state == "excluded",
        bloc=principal.bloc,
        after=after,
        limit=limit,
    )
    facts = await read_officials(connection, [row.official_code for row in rows])
    proved = {} if state == "excluded" else await _proved(connection, book, asked, facts)
    listed = [
        _listed(evaluation, indicator, state, row, origin, proved.get(row.official_code))
        for row in rows
    ]
    gone = await _out_of_scope(connection, principal, facts, today)
    return [
        Listed(each.official_code, None, each.reason, None, None)
        if each.official_code in gone
        else each
        for each in listed
    ], basis


async def _out_of_scope(
    connection: asyncpg.Connection,
    principal: Principal,
    facts: Sequence[OfficialFacts],
    today: dt.date,
) -> set[str]:
    """Codes of the officials whom the caller does not see today."""
    if principal.is_nationwide and principal.bloc is None:
        return set()
    holding = {
        each.official_code: bodies_holding(
            msgspec.json.decode(each.facts, type=OfficialChanged).assignments, today
        )
        for each in facts
        if each.facts is not None
    }
    seen = await repository.bodies_in_scope(
        connection,
        set().union(*holding.values()),
        scope=None if principal.is_nationwide else principal.agency,
        bloc=principal.bloc,
        today=today.toordinal(),
    )
    return {code for code, bodies in holding.items() if not bodies & seen}


async def _proved(
    connection: asyncpg.Connection,
    book: FigureBook,
    asked: Asked,
    officials: Sequence[OfficialFacts],
) -> dict[str, Proved]:
    """What these people have proved on the day, by official code."""
    people = People()
    keys: set[str] = set()
    for code, facts, linked in officials:
        people.know_official(
            msgspec.json.decode(facts, type=OfficialChanged) if facts else None,
            msgspec.json.decode(linked, type=OfficialIdentitiesLinked) if linked else None,
        )
        keys.update(people.checks(code))
    credentials = await read_credentials(connection, keys)
    for credential in credentials:
        people.know_credential(credential)
    bodies = {
        assignment.agency_code
        for state in people.officials.values()
        for assignment in state.assignments
        if any(of_authority(each) for each in credentials)
    }
    spans, blocs = await read_places(connection, bodies) if bodies else ({}, {})
    places = Places(spans=lambda body: spans.get(body, ()), blocs=lambda body: blocs.get(body, ()))
    return {
        code: proved_on(
            counting(people.credentials_of(code), primary_assignments(state), places),
            *(book.languages, asked.plan, asked.readings, asked.day),
        )
        for code, state in people.officials.items()
    }


def _listed(
    evaluation: PlanEvaluation,
    indicator: Indicator,
    state: State,
    row: Member,
    origin: str,
    proved: Proved | None,
) -> Listed:
    if origin and row.origin != origin:
        staff = evaluation.excluding_reason(row.profile) == NOT_CBCCVC
        reason = NOT_CBCCVC if staff else OTHER_TERRITORY
        return Listed(row.official_code, row.body, reason, None, None)
    nothing = Proved(None, False)
    return Listed(
        row.official_code,
        row.body,
        *reason_of(evaluation, indicator.id, state, row.profile, proved or nothing),
    )
