"""The certification service as a web application."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import get_args

import httpx
from fastapi import FastAPI

from services.certification.directory.use_cases.catching_up import Institutions
from services.certification.evidence import endpoints as evidence
from services.certification.evidence.schemas import EvidenceStatus
from services.certification.framework import endpoints as framework
from services.certification.framework.documents import Rulebook
from services.certification.recording import endpoints as recording
from services.certification.recording.endpoints import post_result_route
from services.certification.recording.use_cases.batch_writer import BatchWriter
from services.certification.recording.use_cases.posting import ResultsState
from services.certification.recording.use_cases.recorder import Recorder
from services.certification.registry import endpoints as registry
from services.certification.registry.rows import Numbering
from services.certification.registry.schemas import ReasonCode
from services.certification.registry.serials import load_book_kinds
from services.certification.registry.status import CertificateStatus
from services.certification.results import endpoints as results
from services.certification.results import schemas as result_schemas
from services.certification.results.schemas import VersionReason
from services.certification.settings import Settings
from services.certification.sheets import schemas as sheet_schemas
from services.certification.sheets.judging import Judge
from services.certification.sheets.schemas import (
    Attendance,
)
from services.certification.verification import endpoints as verification
from services.certification.worker import make_followers
from shared.clock import Clock, SystemClock
from shared.process.logs import configure_logs
from shared.process.memory import settle_memory
from shared.web.application import build_app
from shared.web.rate_limit import RateLimit


def create_app(
    environment: Mapping[str, str] | None = None,
    *,
    clock: Clock | None = None,
    catch_up: Callable[[], Awaitable[bool]] | None = None,
) -> FastAPI:
    """``environment`` defaults to that of the process, so that uvicorn can call this as a factory. ``catch_up``
    applies what enrolment has committed by now; it defaults to following enrolment's feed."""
    environment = os.environ if environment is None else environment
    settings = Settings.read(environment)
    configure_logs(settings.log_level)
    clock = clock or SystemClock()
    database = settings.database()
    rulebook = Rulebook.load()
    kinds = load_book_kinds()
    judge = Judge(rulebook, settings.person_keys)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with httpx.AsyncClient() as http:
            follower = make_followers(database, environment, clock, http)["enrolment"]
            writer = BatchWriter(database, Recorder(judge, kinds), clock)
            app.state.institutions = Institutions(database, catch_up or follower.catch_up)
            app.state.results = ResultsState(judge, writer, clock)
            settle_memory()
            try:
                yield
            finally:
                await writer.close()

    return build_app(
        service="certification",
        summary="Bậc – Kết quả thi và chứng chỉ",
        description=(
            "Khung năng lực, kết quả thi, sổ gốc cấp chứng chỉ, minh chứng, tra cứu. / Framework, exam "
            "results, register of certificates, evidence, public verification. Kết quả và sổ gốc: cơ sở xem của "
            "mình, cấp toàn quốc xem tất cả; đơn vị thuộc phạm vi một tỉnh, một cơ quan đọc chứng chỉ của người "
            "mình ở dịch vụ enrolment. / Results and registers: an institution reads its own, authorities of "
            "the whole nation all; those confined to a subtree read their people's certificates from enrolment."
        ),
        database=database,
        verifier=settings.verifier,
        routes=[post_result_route()],
        routers=[
            framework.router,
            recording.bulk_router,
            recording.templates_router,
            results.versions_router,
            results.router,
            registry.decisions_router,
            registry.router,
            verification.router,
            evidence.bulk_router,
            evidence.templates_router,
            evidence.filing_router,
            evidence.router,
        ],
        public_paths=r"/|/v1/frameworks(?:/[^/]*)?|/v1/verify(?:/(?s:.*))?",
        clock=clock,
        environment=environment,
        lifespan=lifespan,
        components=sheet_schemas.COMPONENTS | result_schemas.COMPONENTS,
        enums={
            "Attendance": get_args(Attendance),
            "VersionReason": get_args(VersionReason),
            "CertificateStatus": get_args(CertificateStatus),
            "BookNumbering": get_args(Numbering),
            "RevocationReason": get_args(ReasonCode),
            "EvidenceStatus": get_args(EvidenceStatus),
        },
        state={
            "person_keys": settings.person_keys,
            "rulebook": rulebook,
            "book_kinds": kinds,
            "holder_disclosure": settings.holder_disclosure,
            "verification_guesses": settings.verification_guesses,
            "verification_limit": RateLimit(
                settings.verification_rate, trusted_proxies=settings.trusted_proxies
            ),
        },
    )
