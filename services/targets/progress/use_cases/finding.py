"""The body that is asked for, and whether its figures may be shown."""

from __future__ import annotations

import datetime as dt

import asyncpg

from services.targets.asking.question import Asked
from services.targets.population.repository import read_profiles
from services.targets.progress import repository
from services.targets.progress.basis import Basis
from services.targets.progress.errors import ProjectionRebuilding
from services.targets.progress.figures import FigureBook
from services.targets.progress.repository import Found
from shared.contracts.problem import NotFound
from shared.security.principal import Principal


async def find(
    connection: asyncpg.Connection,
    book: FigureBook,
    principal: Principal,
    asked: Asked,
    today: dt.date,
    *,
    with_cells: bool,
) -> Found:
    """Raises 404 for a body that is unknown or out of the caller's scope, 503 while figures are rebuilt."""
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


async def learn_profiles(connection: asyncpg.Connection, book: FigureBook, found: Found) -> None:
    """Reads the profiles that the database has and the book does not know yet."""
    known = book.known(found.made)
    if known < found.width:
        codes = await read_profiles(connection, above=known - 1)
        book.learn(found.made, known, codes)


def basis_of(found: Found) -> Basis:
    positions = {"enrolment": found.enrolment, "certification": found.certification}
    return Basis(positions, found.set_aside)
