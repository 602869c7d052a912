"""The targets service as a web application."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import get_args

import httpx
from fastapi import FastAPI

from services.targets.plans import endpoints as plans
from services.targets.plans.loading import load_languages, load_plans, load_provinces
from services.targets.plans.readings import PREFIX
from services.targets.plans.use_cases import adopt
from services.targets.population.repository import are_known, projection_fingerprint
from services.targets.progress import endpoints as progress
from services.targets.progress.counting import Status
from services.targets.progress.figures import FigureBook
from services.targets.progress.members import State
from services.targets.settings import Settings
from shared.clients.directory import Directory
from shared.clock import Clock
from shared.persistence.database import Database
from shared.process.logs import configure_logs
from shared.process.memory import settle_memory
from shared.web.application import build_app


def create_app(
    environment: Mapping[str, str] | None = None, *, clock: Clock | None = None
) -> FastAPI:
    """``environment`` defaults to that of the process, so that uvicorn can call this as a factory."""
    environment = os.environ if environment is None else environment
    settings = Settings.read(environment)
    configure_logs(settings.log_level)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with httpx.AsyncClient() as http, _plans_in_use(app):
            app.state.directory = Directory(http, settings.enrolment_url)
            yield

    return build_app(
        service="targets",
        judged_parameters=(PREFIX,),
        summary="Bậc – Chỉ tiêu và tiến độ",
        description="Kế hoạch, đối tượng, tiến độ. / Plans, population, progress.",
        database=settings.database(),
        verifier=settings.verifier,
        routers=[plans.router, progress.progress_router],
        clock=clock,
        environment=environment,
        lifespan=lifespan,
        ready=_missing,
        enums={"MemberState": get_args(State), "IndicatorStatus": get_args(Status)},
        state={
            "figures": FigureBook(load_plans(), load_languages(), load_provinces()),
            "bodies_known": False,
        },
    )


@asynccontextmanager
async def _plans_in_use(app: FastAPI) -> AsyncIterator[None]:
    book: FigureBook = app.state.figures
    database: Database = app.state.database
    async with database.pool.acquire() as connection:
        await adopt(connection, book.plans, app.state.clock)
    settle_memory()
    yield


async def _missing(app: FastAPI) -> str | None:
    """Figures made by other plans or rules are not served, nor any before the plans' own bodies are
    known; that is asked until it is so."""
    book: FigureBook = app.state.figures
    database: Database = app.state.database
    async with database.pool.acquire() as connection:
        made_by = await projection_fingerprint(connection)
        if made_by not in ("", book.fingerprint):
            return "projection"
        if not app.state.bodies_known:
            bodies = {plan.body.agency_code for plan in book.plans.values()}
            app.state.bodies_known = await are_known(connection, bodies)
    return None if app.state.bodies_known else "agencies"
