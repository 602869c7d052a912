"""Builds a service's web application with everything that all three have alike."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Literal

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.routing import APIRoute
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    ProcessCollector,
    generate_latest,
)
from pydantic import BaseModel, Field
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.clock import Clock, SystemClock
from shared.contracts.problem import DependencyUnavailable
from shared.feed.endpoints import events_router
from shared.feed.health import FeedHealth, unwell_feeds
from shared.feed.measures import FeedMeasures
from shared.feed.mending import mending_router
from shared.feed.waiting import FeedBell
from shared.idempotency.under_way import KeysUnderWay
from shared.imports.apart import ReaderLimits, ReaderProcesses
from shared.persistence.connection import answers
from shared.persistence.database import Database
from shared.persistence.questions import per_day
from shared.security.tokens import TokenVerifier
from shared.web.arrival import Arrival, BodyPace
from shared.web.conditional import NotModified
from shared.web.documentation import add_documentation
from shared.web.literal_paths import LiteralPaths
from shared.web.media_types import json_bodies_only
from shared.web.middleware import Authentication, HeadOfGet, Observation, RequestMetrics, SizeLimit
from shared.web.openapi import openapi_document
from shared.web.parameters import KnownParametersOnly
from shared.web.problems import install_problem_handlers, problem_responses
from shared.web.redirects import with_relative_redirects
from shared.web.shares import GivesBackShares, Shares
from shared.web.turns import Turns

ALWAYS_PUBLIC = r"/openapi\.json|/docs(?:/.*)?|/health/live|/health/ready|/metrics"
BODY_LIMIT = 1024 * 1024
PUBLIC_BODY_LIMIT = 16 * 1024
BULK_LIMIT = 512 * 1024 * 1024

Wrap = Callable[[ASGIApp], ASGIApp]


class Health(BaseModel):
    status: Literal["live", "ready", "degraded"] = Field(
        description="`degraded`: it answers, from feeds that do not go on (`feeds` says which)"
    )
    feeds: list[FeedHealth] | None = None


class Application(FastAPI):
    """Answers hot paths without the framework's stack: the same observation, authentication and limits
    around a plain ASGI application, found by method and whole path. Everything else, other methods of
    those paths too, goes the ordinary way. Measured, the stack cost more than recording a result."""

    def serve_hot(self, routes: Sequence[APIRoute], wrap: Wrap) -> None:
        """``routes`` stand in the ordinary table as well, which documents them."""
        handlers: dict[Any, Any] = self.exception_handlers
        self._hot: dict[tuple[str, str], tuple[APIRoute, ASGIApp]] = {
            (method, route.path): (route, wrap(ExceptionMiddleware(route.app, handlers=handlers)))
            for route in routes
            for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            hot = self._hot.get((scope["method"], scope["path"]))
            if hot is not None:
                scope["app"] = self
                scope["route"], answer = hot
                await answer(scope, receive, send)
                return
        await super().__call__(scope, receive, with_relative_redirects(send))


Lifespan = Callable[[FastAPI], Any]


def build_app(
    *,
    service: str,
    summary: str,
    description: str,
    database: Database,
    verifier: TokenVerifier,
    routers: Sequence[APIRouter] = (),
    routes: Sequence[APIRoute] = (),
    public_paths: str = "",
    streamed_paths: str = r"/v1/.*/(?:import|batch)",
    judged_parameters: tuple[str, ...] = (),
    clock: Clock | None = None,
    lifespan: Lifespan | None = None,
    ready: Callable[[FastAPI], Awaitable[str | None]] | None = None,
    state: dict[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    components: Mapping[str, Any] | None = None,
    enums: Mapping[str, Sequence[str]] | None = None,
) -> FastAPI:
    """The application of one service.

    ``routes`` are plain ASGI routes of hot paths (:class:`Application`). ``public_paths`` and
    ``streamed_paths`` are regular expressions over whole paths; ``judged_parameters`` are beginnings of
    query parameters that endpoints refuse themselves. ``ready`` returns what the service still
    waits for, or null. ``lifespan`` runs inside the application's own (database open, bell listening).
    ``components`` are schemas of the OpenAPI document that are not pydantic's, and ``enums`` the values of
    the service's own lists of words, both by the name that generated clients give them. ``environment`` is
    asked for the limits of slow bodies and of heavy requests.
    """
    registry = CollectorRegistry()
    pace = BodyPace.read(environment or {})
    public = re.compile("|".join(filter(None, (ALWAYS_PUBLIC, public_paths))))

    @asynccontextmanager
    async def whole_lifespan(app: FastAPI) -> AsyncIterator[None]:
        await database.open()
        bell = FeedBell(database)
        app.state.feed_bell = bell
        await bell.start()
        try:
            if lifespan is None:
                yield
            else:
                async with lifespan(app):
                    yield
        finally:
            await bell.stop()
            await database.close()

    app = Application(
        title=f"Bac {service.capitalize()}",
        summary=summary,
        description=description,
        version="1",
        lifespan=whole_lifespan,
        docs_url=None,
        redoc_url=None,
        dependencies=[
            Depends(KnownParametersOnly(public, judged_parameters)),
            Depends(json_bodies_only),
        ],
        separate_input_output_schemas=False,
    )
    app.state.database = database
    app.state.clock = clock or SystemClock()
    app.state.metrics = registry
    app.state.verifier = verifier
    app.state.keys_under_way = KeysUnderWay()
    app.state.turns = Turns()
    app.state.shares = Shares.read(environment or {})
    app.state.readers = ReaderProcesses(ReaderLimits.read(environment or {}))
    app.state.questions_per_day = per_day(environment or {})
    for name, value in (state or {}).items():
        setattr(app.state, name, value)

    install_problem_handlers(app)
    app.router.routes[:0] = list(routes)
    add_documentation(app)
    for router in (
        *routers,
        events_router(service),
        mending_router(),
        _operations_router(service, registry, ready),
    ):
        app.include_router(router)

    metrics = RequestMetrics(registry)

    def wrap(inner: ASGIApp) -> ASGIApp:
        limited = SizeLimit(
            Arrival(inner, pace=pace),
            limit=BODY_LIMIT,
            streamed=re.compile(streamed_paths),
            streamed_limit=BULK_LIMIT,
            public=public,
            public_limit=PUBLIC_BODY_LIMIT,
        )
        known = Authentication(limited, verifier=lambda: app.state.verifier, public=public)
        shared = GivesBackShares(HeadOfGet(NotModified(known)), shares=app.state.shares)
        return Observation(shared, metrics=metrics, service=service)

    app.add_middleware(LiteralPaths, application=app)
    app.add_middleware(wrap)
    app.serve_hot(routes, wrap)
    document = partial(openapi_document, app, public, components or {}, enums or {})
    app.openapi = document  # type: ignore[method-assign]
    return app


def _operations_router(
    service: str,
    registry: CollectorRegistry,
    ready: Callable[[FastAPI], Awaitable[str | None]] | None,
) -> APIRouter:
    router = APIRouter(include_in_schema=True, tags=["operations"])
    measures = FeedMeasures(registry)
    ProcessCollector(registry=registry)
    log = structlog.get_logger("health")

    @router.get(
        "/health/live",
        operation_id="health_live",
        summary="The process answers",
        response_model_exclude_none=True,
    )
    async def live() -> Health:
        return Health(status="live")

    @router.get(
        "/health/ready",
        operation_id="health_ready",
        summary="The service can do its work",
        response_model_exclude_none=True,
        responses=problem_responses(DependencyUnavailable),
    )
    async def is_ready(request: Request) -> Health:
        """503 with what is waited for while the service cannot answer. 200 `degraded` while it can, but an event
        of a feed it follows cannot be applied or was set aside. A load balancer goes on sending; monitoring sees
        it."""
        database: Database = request.app.state.database
        unwell: list[FeedHealth] = []
        try:
            async with database.pool.acquire(timeout=2) as connection:
                await answers(connection)
                now: dt.datetime = request.app.state.clock.now()
                unwell = await unwell_feeds(connection, service, now)
            missing = await ready(request.app) if ready else None
        except Exception as error:  # noqa: BLE001 - not ready, whatever the reason
            log.warning("not ready", error=type(error).__name__)
            missing = "database"
        if missing:
            raise DependencyUnavailable(f"Đang chờ: {missing}", f"Waiting for: {missing}")
        if unwell:
            log.warning("degraded", feeds=[f"{each.feed} {each.state}" for each in unwell])
            return Health(status="degraded", feeds=unwell)
        return Health(status="ready")

    @router.get(
        "/metrics",
        operation_id="metrics",
        summary="Prometheus metrics",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    async def metrics(request: Request) -> Response:
        await measures.read(request.app.state.database)
        return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return router
