"""Answers about plans: figures of a body and day, and the people behind them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import asyncpg
import msgspec
import numpy as np

from services.targets.plans.schemas import NOT_CBCCVC, OTHER_TERRITORY, Indicator, Plan
from services.targets.population.assignments import primary_assignments
from services.targets.population.credentials import Held, held
from services.targets.population.days import CUT
from services.targets.population.deciding import Places, counting, of_authority
from services.targets.population.people import People
from services.targets.population.repository import (
    OfficialFacts,
    read_credentials,
    read_officials,
    read_places,
    read_profiles,
)
from services.targets.population.series import Counts, counts_on
from services.targets.population.tree import WHOLE
from services.targets.progress import repository
from services.targets.progress.counting import IndicatorFigure, Question
from services.targets.progress.errors import FigureMoved, ProjectionRebuilding
from services.targets.progress.figures import FigureBook
from services.targets.progress.holders import bodies_holding
from services.targets.progress.members import State, reason_of
from services.targets.progress.repository import Found, Member
from shared.contracts.events import OfficialChanged, OfficialIdentitiesLinked
from shared.contracts.problem import NotFound
from shared.feed.cursors import require_cursor_of
from shared.security.principal import Principal


class Asked(NamedTuple):
    """A question about one body and day; ``readings`` names every switch."""

    plan: Plan
    agency: str
    as_of: dt.date
    readings: Mapping[str, str]

    @property
    def day(self) -> int:
        return self.as_of.toordinal()

    @property
    def origin(self) -> str:
        """Whom L2 ``origin_plan`` counts alone at the plan's own body and above it."""
        apart = self.readings["L2_merged_province"] == "origin_plan" and self.day >= CUT
        return self.plan.province.code_until_2025_06_30 if apart else WHOLE


class Basis(NamedTuple):
    """What was counted: the positions of the feeds, and the events before them that were set aside."""

    counted_at: dict[str, str]
    set_aside: list[tuple[str, int]]


class Answered(NamedTuple):
    figures: list[IndicatorFigure]
    basis: Basis


class Listed(NamedTuple):
    """A person behind a figure; of one who is not in the caller's scope today nothing but code and reason."""

    official_code: str
    agency_code: str | None
    reason: str
    level: int | None
    specialised: bool | None


async def progress(
    connection: asyncpg.Connection,
    book: FigureBook,
    principal: Principal,
    asked: Asked,
    today: dt.date,
) -> Answered:
    """Figures of every indicator. Raises 404 for a body unknown or out of scope, 503 while rebuilding."""
    return (await _counted(connection, book, principal, asked, today))[0]


async def progress_with_excluded(
    connection: asyncpg.Connection,
    book: FigureBook,
    principal: Principal,
    asked: Asked,
    today: dt.date,
) -> tuple[Answered, dict[str, int]]:
    """Figures as :func:`progress` gives them, and by indicator how many its list ``excluded`` names.

    The caller of this has begun the transaction with :func:`repository.one_snapshot`.
    """
    answered, counts, found = await _counted(connection, book, principal, asked, today)
    elsewhere = 0
    if found.crowned and asked.origin != WHOLE:
        everybody = asked._replace(
            readings={**asked.readings, "L2_merged_province": "surviving_plan"}
        )
        _, present, _ = await _counted(connection, book, principal, everybody, today)
        elsewhere = int(present.sum() - counts.sum())
    question = book.question(asked.plan, asked.readings)
    return answered, {
        each.id: int(counts[question.profiles_in(each.id, "excluded")].sum()) + elsewhere
        for each in asked.plan.indicators
    }


async def _counted(
    connection: asyncpg.Connection,
    book: FigureBook,
    principal: Principal,
    asked: Asked,
    today: dt.date,
) -> tuple[Answered, Counts, Found]:
    """Figures, and the head-counts by profile that they were made of."""
    found = await _find(connection, book, principal, asked, today, with_cells=True)
    await _learn(connection, book, found)
    counter = book.counter(asked.plan, asked.readings)
    if found.in_tree:
        counts = counts_on(asked.day, found.page, found.tail, counter.width)
    else:
        counts = np.zeros(counter.width, dtype=np.int64)
    return Answered(counter.figures(counts), _basis(found)), counts, found


async def members(
    connection: asyncpg.Connection,
    book: FigureBook,
    principal: Principal,
    asked: Asked,
    today: dt.date,
    *,
    indicator: Indicator,
    state: State,
    counted_at: Mapping[str, str],
    after: str,
    limit: int,
) -> tuple[list[Listed], Basis]:
    """One page of a list, and what it was counted from.

    ``counted_at`` names positions that must still hold. A caller of one bloc sees the people of that
    bloc's bodies only; of people who left the caller's scope since, code and reason. The caller of this
    has begun the transaction with :func:`repository.one_snapshot`. Raises as :func:`progress`, 409 when
    the figure has moved on, and 422 for a position that the feed never gave.
    """
    found = await _find(connection, book, principal, asked, today, with_cells=False)
    basis = _basis(found)
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
    await _learn(connection, book, found)
    question = book.question(asked.plan, asked.readings)
    origin = asked.origin if found.crowned else WHOLE
    rows = await repository.read_members(
        connection,
        agency=asked.agency,
        day=asked.day,
        profiles=[int(each) for each in question.profiles_in(indicator.id, state)],
        origin=origin,
        others_too=state == "excluded",
        bloc=principal.bloc,
        after=after,
        limit=limit,
    )
    facts = await read_officials(connection, [row.official_code for row in rows])
    proved = {} if state == "excluded" else await _proved(connection, book, asked, facts)
    listed = [
        _listed(question, indicator, state, row, origin, proved.get(row.official_code))
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
    """Of these officials, by code, those whom the caller does not see today."""
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


async def _find(
    connection: asyncpg.Connection,
    book: FigureBook,
    principal: Principal,
    asked: Asked,
    today: dt.date,
    *,
    with_cells: bool,
) -> Found:
    scope = None if principal.is_nationwide else principal.agency
    if not principal.may("progress:read") or (scope is None and not principal.is_nationwide):
        raise NotFound
    found = await repository.find(
        connection,
        agency=asked.agency,
        day=asked.day,
        plan_body=asked.plan.body.agency_code,
        origin=asked.origin,
        scope=scope,
        today=today.toordinal(),
        with_cells=with_cells,
    )
    # A plan's own body is known by its document, before any roster has arrived.
    known = found.known or (scope is None and asked.agency == asked.plan.body.agency_code)
    if not known or not found.in_scope:
        raise NotFound("Không có cơ quan này", "No such agency")
    if found.fingerprint not in ("", book.fingerprint):
        raise ProjectionRebuilding(
            "Kế hoạch hoặc quy tắc vừa đổi, số liệu đang được dựng lại",
            "Plans or rules have changed and the figures are being rebuilt",
            headers={"Retry-After": "30"},
        )
    return found


async def _learn(connection: asyncpg.Connection, book: FigureBook, found: Found) -> None:
    known = book.known(found.made)
    if known < found.width:
        codes = await read_profiles(connection, above=known - 1)
        book.learn(found.made, known, codes)


def _basis(found: Found) -> Basis:
    positions = {"enrolment": found.enrolment, "certification": found.certification}
    return Basis(positions, found.set_aside)


async def _proved(
    connection: asyncpg.Connection,
    book: FigureBook,
    asked: Asked,
    officials: Sequence[OfficialFacts],
) -> dict[str, Held]:
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
        code: held(
            counting(people.credentials_of(code), primary_assignments(state), places),
            *(book.languages, asked.plan, asked.readings, asked.day),
        )
        for code, state in people.officials.items()
    }


def _listed(
    question: Question,
    indicator: Indicator,
    state: State,
    row: Member,
    origin: str,
    proved: Held | None,
) -> Listed:
    if origin and row.origin != origin:
        staff = question.excluding_reason(row.profile) == NOT_CBCCVC
        reason = NOT_CBCCVC if staff else OTHER_TERRITORY
        return Listed(row.official_code, row.body, reason, None, None)
    nothing = Held(None, False)
    return Listed(
        row.official_code,
        row.body,
        *reason_of(question, indicator.id, state, row.profile, proved or nothing),
    )
