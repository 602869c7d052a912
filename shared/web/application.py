"""Builds a service's web application with everything DESIGN §5 asks of all three."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.clock import Clock, SystemClock
from shared.contracts.problem import MEDIA_TYPE, DependencyUnavailable
from shared.feed.endpoints import events_router
from shared.feed.waiting import FeedBell
from shared.persistence.database import Database
from shared.persistence.repository import answers
from shared.security.tokens import TokenVerifier
from shared.web.literal_paths import LiteralPaths
from shared.web.middleware import Authentication, Observation, RequestMetrics, SizeLimit
from shared.web.parameters import KnownParametersOnly
from shared.web.problems import install_problem_handlers

ALWAYS_PUBLIC = r"/openapi\.json|/docs(?:/.*)?|/redoc|/health/live|/health/ready|/metrics"
BODY_LIMIT = 1024 * 1024
BULK_LIMIT = 512 * 1024 * 1024

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457 problem; `code` is stable, texts follow Accept-Language (vi, en).",
    "required": ["type", "title", "status", "detail", "code", "correlation_id", "errors"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:bac:problem:not_found"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "correlation_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "message"],
                "properties": {
                    "pointer": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
    "additionalProperties": True,
}

Wrap = Callable[[ASGIApp], ASGIApp]


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
        await super().__call__(scope, receive, send)


Lifespan = Callable[[FastAPI], Any]


def build_app(
    *,
    service: str,
    title: str,
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
    components: Mapping[str, Any] | None = None,
) -> FastAPI:
    """The application of one service.

    ``routes`` are plain ASGI routes of hot paths (:class:`Application`). ``public_paths`` and
    ``streamed_paths`` are regular expressions over whole paths; ``judged_parameters`` are beginnings of
    query parameters that endpoints refuse themselves. ``ready`` returns what the service still
    waits for, or null. ``lifespan`` runs inside the application's own (database open, bell listening).
    ``components`` are schemas of the OpenAPI document that are not pydantic's, by name.
    """
    registry = CollectorRegistry()
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
        title=title,
        description=description,
        version="1",
        lifespan=whole_lifespan,
        dependencies=[Depends(KnownParametersOnly(public, judged_parameters))],
        separate_input_output_schemas=False,
    )
    app.state.database = database
    app.state.clock = clock or SystemClock()
    app.state.metrics = registry
    app.state.verifier = verifier
    for name, value in (state or {}).items():
        setattr(app.state, name, value)

    install_problem_handlers(app)
    app.router.routes[:0] = list(routes)
    app.include_router(_operations_router(registry, ready))
    app.include_router(events_router(service))
    for router in routers:
        app.include_router(router)

    metrics = RequestMetrics(registry)

    def wrap(inner: ASGIApp) -> ASGIApp:
        limited = SizeLimit(
            inner, limit=BODY_LIMIT, streamed=re.compile(streamed_paths), streamed_limit=BULK_LIMIT
        )
        known = Authentication(limited, verifier=lambda: app.state.verifier, public=public)
        return Observation(known, metrics=metrics, service=service)

    app.add_middleware(LiteralPaths, application=app)
    app.add_middleware(wrap)
    app.serve_hot(routes, wrap)
    app.openapi = lambda: _openapi(app, public, components or {})  # type: ignore[method-assign]
    return app


def _operations_router(
    registry: CollectorRegistry, ready: Callable[[FastAPI], Awaitable[str | None]] | None
) -> APIRouter:
    router = APIRouter(include_in_schema=True, tags=["operations"])
    log = structlog.get_logger("health")

    @router.get("/health/live", operation_id="health_live", summary="The process answers")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @router.get(
        "/health/ready",
        operation_id="health_ready",
        summary="The service can do its work",
        responses={503: {"description": "Not yet", "content": {MEDIA_TYPE: {}}}},
    )
    async def is_ready(request: Request) -> dict[str, str]:
        database: Database = request.app.state.database
        try:
            async with database.pool.acquire(timeout=2) as connection:
                await answers(connection)
            missing = await ready(request.app) if ready else None
        except Exception as error:  # noqa: BLE001 - not ready, whatever the reason
            log.warning("not ready", error=type(error).__name__)
            missing = "database"
        if missing:
            raise DependencyUnavailable(f"Đang chờ: {missing}", f"Waiting for: {missing}")
        return {"status": "ready"}

    @router.get(
        "/metrics",
        operation_id="metrics",
        summary="Prometheus metrics",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    async def metrics() -> Response:
        return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return router


def _openapi(app: FastAPI, public: re.Pattern[str], more: Mapping[str, Any]) -> dict[str, Any]:
    """OpenAPI 3.1 where every operation names its refusals as problems and its need of a token."""
    if app.openapi_schema:
        return app.openapi_schema
    schema = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    components = schema.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = PROBLEM_SCHEMA
    assert not schemas.keys() & more.keys(), "two schemas of one name"
    schemas.update(more)
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    problem = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for path, operations in schema.get("paths", {}).items():
        sample = re.sub(r"\{[^}]+\}", "x", path)
        for method, operation in operations.items():
            responses = operation["responses"]
            if "HTTPValidationError" in str(responses.get("422", "")):
                responses["422"] = {"description": "`invalid_request`", **problem}
            responses.setdefault("default", {"description": "Any other refusal", **problem})
            if not public.fullmatch(sample):
                operation["security"] = [{"bearer": []}]
                responses.setdefault("401", {"description": "`unauthenticated`", **problem})
                responses.setdefault("422", {"description": "`invalid_request`", **problem})
            if method == "post":
                operation.setdefault("parameters", []).append(IDEMPOTENCY_PARAMETER)
    app.openapi_schema = schema
    return schema


IDEMPOTENCY_PARAMETER: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": (
        "Gửi lại cùng khóa và nội dung: nhận lại câu trả lời trong 72 giờ; nội dung khác: 422. / Same key "
        "and body: the answer of the first, for 72 hours. Same key, other body: 422."
    ),
}
