"""Every answer that is not a success is a problem+json."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import asyncpg
import msgspec
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from shared.contracts.problem import (
    MEDIA_TYPE,
    BodyTooLarge,
    DependencyUnavailable,
    InternalError,
    InvalidRequest,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    Problem,
    TooManyRequests,
    Unauthenticated,
    UnsupportedMediaType,
    preferred_language,
)
from shared.web.validation import invalid_request

_BY_STATUS: dict[int, type[Problem]] = {
    kind.status: kind
    for kind in (
        Unauthenticated,
        NotFound,
        MethodNotAllowed,
        NotAcceptable,
        BodyTooLarge,
        UnsupportedMediaType,
        TooManyRequests,
        DependencyUnavailable,
    )
}


def problem_body(problem: Problem, request: Request) -> bytes:
    language = preferred_language(request.headers.get("accept-language"))
    correlation_id = request.scope.get("state", {}).get("correlation_id", "")
    return msgspec.json.encode(problem.as_json(language, correlation_id))


def problem_response(problem: Problem, request: Request) -> Response:
    headers = {**problem.headers, "Vary": "Accept-Language"}
    if isinstance(problem, Unauthenticated):
        headers.setdefault("WWW-Authenticate", "Bearer")
    return Response(
        problem_body(problem, request),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )


def problem_responses(*kinds: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """OpenAPI ``responses`` for the refusals an endpoint names, grouped by status."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        entry = by_status.setdefault(
            kind.status,
            {
                "description": "",
                "content": {
                    MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}
                },
            },
        )
        line = f"`{kind.code}`: {kind.title_vi} / {kind.title_en}"
        entry["description"] = (entry["description"] + "; " + line).lstrip("; ")
        entry["content"][MEDIA_TYPE]["examples"][kind.code] = {
            "value": kind().as_json("vi", "01936f0e-0000-7000-8000-000000000000")
        }
    return by_status


def allowed_methods(app: FastAPI, request: Request) -> list[str]:
    """All methods some route offers at this path; a router alone would name the first route's only."""
    return with_head(
        method
        for method in ("DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT")
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in app.router.routes
        )
    )


def with_head(methods: Iterable[str]) -> list[str]:
    """For an Allow header: HEAD goes wherever GET does."""
    found = set(methods)
    return sorted(found | {"HEAD"} if "GET" in found else found)


def install_problem_handlers(app: FastAPI) -> None:
    log = structlog.get_logger("problem")

    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return problem_response(error, request)

    async def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return problem_response(invalid_request(error.errors()), request)

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 405:
            allow = ", ".join(allowed_methods(app, request))
            return problem_response(MethodNotAllowed(headers={"Allow": allow}), request)
        if error.status_code == 400:  # Starlette's word for a body it cannot parse
            return problem_response(
                InvalidRequest("Nội dung không đọc được", "The body cannot be parsed"), request
            )
        kind = _BY_STATUS.get(error.status_code)
        if kind is None:
            log.error("unexpected http status", status=error.status_code)
            kind = InternalError
        return problem_response(kind(), request)

    async def on_database(request: Request, error: Exception) -> Response:
        log.warning("database unavailable", error=type(error).__name__)
        return problem_response(
            DependencyUnavailable(
                "Cơ sở dữ liệu chưa sẵn sàng, hãy gửi lại sau",
                "The database is unavailable, please send again later",
                headers={"Retry-After": "2"},
            ),
            request,
        )

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
    for kind in (
        ConnectionError,
        TimeoutError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,
        asyncpg.PostgresConnectionError,
        asyncpg.InsufficientResourcesError,  # a full disk, no memory, no connection left
        asyncpg.OperatorInterventionError,  # stopped, starting, told to cancel
        asyncpg.PostgresSystemError,
        asyncpg.ReadOnlySQLTransactionError,  # a standby that is not yet the new primary
    ):
        app.add_exception_handler(kind, on_database)
