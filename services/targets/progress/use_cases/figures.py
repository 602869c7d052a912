"""Figures of every indicator of a plan."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import asyncpg
import numpy as np

from services.targets.asking.question import Asked
from services.targets.population.series import Counts, counts_on
from services.targets.population.tree import EVERY_ORIGIN
from services.targets.progress import repository
from services.targets.progress.basis import Basis
from services.targets.progress.counting import IndicatorFigure
from services.targets.progress.figures import FigureBook
from services.targets.progress.repository import Found
from services.targets.progress.use_cases.finding import basis_of, find, learn_profiles
from shared.persistence.database import Database
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal


class Answered(NamedTuple):
    figures: list[IndicatorFigure]
    basis: Basis


async def progress(
    database: Database, book: FigureBook, principal: Principal, asked: Asked, today: dt.date
) -> Answered:
    """Raises as :func:`find`. One statement and no transaction: this answer must stay quick."""
    async with database.pool.acquire() as connection:
        return (await _counted(connection, book, principal, asked, today))[0]


async def progress_with_excluded(
    work: UnitOfWork, book: FigureBook, asked: Asked
) -> tuple[Answered, dict[str, int]]:
    """Figures as :func:`progress` gives them, and by indicator how many its list ``excluded`` names. Called
    first in its transaction, for both come from one snapshot."""
    await repository.one_snapshot(work.connection)
    principal, today = work.principal, work.clock.today()
    answered, counts, found = await _counted(work.connection, book, principal, asked, today)
    elsewhere = 0
    if found.counted_by_origin and asked.origin != EVERY_ORIGIN:
        everybody = asked._replace(
            readings={**asked.readings, "L2_merged_province": "surviving_plan"}
        )
        _, present, _ = await _counted(work.connection, book, principal, everybody, today)
        elsewhere = int(present.sum() - counts.sum())
    evaluation = book.evaluation(asked.plan, asked.readings)
    return answered, {
        each.id: int(counts[evaluation.profiles_in(each.id, "excluded")].sum()) + elsewhere
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
    found = await find(connection, book, principal, asked, today, with_cells=True)
    await learn_profiles(connection, book, found)
    counter = book.counter(asked.plan, asked.readings)
    if found.in_tree:
        counts = counts_on(asked.day, found.page, found.tail, counter.width)
    else:
        counts = np.zeros(counter.width, dtype=np.int64)
    return Answered(counter.figures(counts), basis_of(found)), counts, found
