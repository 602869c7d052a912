"""The enrolment service as a web application."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import get_args

from fastapi import FastAPI

from services.enrolment.certificates import endpoints as certificates
from services.enrolment.certificates.matching import Kind as StandingKind
from services.enrolment.directory.agencies import endpoints as agencies
from services.enrolment.directory.facts.use_cases import LOADER, load_facts
from services.enrolment.directory.institutions import endpoints as institutions
from services.enrolment.directory.job_positions import endpoints as job_positions
from services.enrolment.directory.joinings import endpoints as joinings
from services.enrolment.directory.joinings.joining import State as JoiningState
from services.enrolment.directory.moves import endpoints as moves
from services.enrolment.directory.moves.schemas import Kind as MoveKind
from services.enrolment.directory.officials import endpoints as officials
from services.enrolment.directory.officials.rows import Sex
from services.enrolment.directory.officials.schemas import IdentityReason
from services.enrolment.evidence import endpoints as evidence
from services.enrolment.rosters import endpoints as rosters
from services.enrolment.settings import Settings
from shared.clock import Clock
from shared.feed.repository import all_placed
from shared.persistence.database import Database
from shared.persistence.unit_of_work import background_work
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
    return build_app(
        service="enrolment",
        summary="Bậc – Đăng ký và danh bạ",
        description="Cơ quan, cán bộ, cơ sở đào tạo. / Agencies, officials, institutions.",
        database=settings.database(),
        verifier=settings.verifier,
        routers=[
            agencies.bulk_router,
            agencies.templates_router,
            agencies.router,
            rosters.bulk_router,
            rosters.templates_router,
            rosters.router,
            officials.lookup_router,
            rosters.search_router,
            officials.router,
            certificates.router,
            evidence.router,
            institutions.router,
            job_positions.router,
            moves.router,
            joinings.router,
        ],
        clock=clock,
        environment=environment,
        lifespan=_with_facts,
        ready=_missing,
        enums={
            "JoiningState": get_args(JoiningState),
            "IdentityReason": get_args(IdentityReason),
            "MoveKind": get_args(MoveKind),
            "Sex": get_args(Sex),
            "StandingKind": get_args(StandingKind),
        },
        state={"person_keys": settings.person_keys, "facts_told": False},
    )


@asynccontextmanager
async def _with_facts(app: FastAPI) -> AsyncIterator[None]:
    """The facts that ship with the product are there before the first request is answered."""
    async with background_work(app.state.database, LOADER, app.state.clock) as work:
        await load_facts(work)
    settle_memory()
    yield


async def _missing(app: FastAPI) -> str | None:
    """The shipped facts stand in the feed, where the other services learn them; asked until it is so."""
    if not app.state.facts_told:
        database: Database = app.state.database
        async with database.pool.acquire() as connection:
            app.state.facts_told = await all_placed(connection)
    return None if app.state.facts_told else "feed"
