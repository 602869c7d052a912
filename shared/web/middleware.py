"""What wraps every request, as plain ASGI: correlation, logs, metrics, size limit, authentication."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.contracts.problem import BodyTooLarge, InternalError, Problem, Unauthenticated
from shared.persistence.keys import uuid7
from shared.security.tokens import TokenVerifier
from shared.web.problems import problem_response

_NOSNIFF = (b"x-content-type-options", b"nosniff")
_NO_STORE = (b"cache-control", b"no-store")
_KEPT_OUT = frozenset({401, 403, 404})
_MOST_LINES_A_SECOND = 20
_CORRELATION = re.compile(r"[A-Za-z0-9._:\-]{1,128}")


def _header(scope: Scope, name: bytes) -> bytes:
    for given, value in scope["headers"]:
        if given == name:
            return bytes(value)
    return b""


class RequestMetrics:
    """How long answers took, by method, route and status; and how many requests ended unexpectedly."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._seconds = Histogram(
            "bac_http_request_seconds",
            "Time to answer",
            ["method", "route", "status"],
            registry=registry,
            buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
        )
        self.failures = Counter(
            "bac_http_unhandled_total",
            "Requests that ended in an unexpected error",
            registry=registry,
        )
        self._series: dict[tuple[str, str, int], Histogram] = {}

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        key = (method, route, status)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = self._seconds.labels(method, route, status)
        series.observe(seconds)


class Observation:
    """Correlation id in and out, the metrics of each request, and a log line of one that failed, was slow or was
    kept out. No paths, query strings, bodies or header values are logged: they may be personal. Whatever needed
    a token is kept by no cache, and no browser guesses what an answer is."""

    def __init__(self, app: ASGIApp, *, metrics: RequestMetrics, service: str) -> None:
        self._app = app
        self._log = structlog.get_logger("http").bind(service=service)
        self._metrics = metrics
        self._kept_out = _LinesOfASecond()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state: dict[str, Any] = scope.setdefault("state", {})
        given = _header(scope, b"x-correlation-id").decode("latin-1")
        correlation_id = given if given and _CORRELATION.fullmatch(given) else str(uuid7())
        state["correlation_id"] = correlation_id
        started = time.perf_counter()
        status = 0

        async def observed_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [
                    *message.get("headers", []),
                    (b"x-correlation-id", correlation_id.encode()),
                    _NOSNIFF,
                ]
                if ("principal" in state or status >= 400) and not any(
                    name.lower() == b"cache-control" for name, _ in headers
                ):
                    headers.append(_NO_STORE)
                message["headers"] = headers
            await send(message)

        try:
            await self._app(scope, receive, observed_send)
        except Exception:
            self._metrics.failures.inc()
            self._log.exception("unhandled error", correlation_id=correlation_id)
            if status:
                raise
            request = Request(scope)
            await problem_response(InternalError(), request)(scope, receive, observed_send)
        finally:
            elapsed = time.perf_counter() - started
            route = getattr(scope.get("route"), "path", "unmatched")
            self._metrics.answered(scope["method"], route, status, elapsed)
            if status >= 500 or elapsed > 1.0 or (status in _KEPT_OUT and self._kept_out.free()):
                principal = state.get("principal")
                self._log.info(
                    "request",
                    method=scope["method"],
                    route=route,
                    status=status,
                    milliseconds=round(elapsed * 1000, 1),
                    correlation_id=correlation_id,
                    role=None if principal is None else principal.role,
                )


class _LinesOfASecond:
    """Whoever tries a million tokens does not fill the disk with lines; the metrics count all of them."""

    def __init__(self) -> None:
        self._second = 0
        self._lines = 0

    def free(self) -> bool:
        now = int(time.monotonic())
        if now != self._second:
            self._second, self._lines = now, 0
        self._lines += 1
        return self._lines <= _MOST_LINES_A_SECOND


class HeadOfGet:
    """HEAD is GET without the body, wherever there is a GET (RFC 9110 §9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        as_get = {**scope, "method": "GET"}
        try:
            await self._app(as_get, receive, send_head)
        finally:
            if "route" in as_get:
                scope["route"] = as_get["route"]


class Authentication:
    """No or a bad token is 401 on every method and path, before anything else is looked at."""

    def __init__(
        self, app: ASGIApp, *, verifier: Callable[[], TokenVerifier], public: re.Pattern[str]
    ) -> None:
        self._app = app
        self._verifier = verifier
        self._public = public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._public.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        scheme, _, token = b"".join(
            value for name, value in scope["headers"] if name == b"authorization"
        ).partition(b" ")
        try:
            if scheme.lower() != b"bearer" or not token:
                raise Unauthenticated("Cần mã truy cập Bearer", "A bearer token is required")
            text = token.decode("ascii", "replace").strip()
            verifier = self._verifier()
            principal = verifier.known(text) or await verifier.verify(text)
        except Problem as problem:
            await problem_response(problem, Request(scope))(scope, receive, send)
            return
        scope["state"]["principal"] = principal
        await self._app(scope, receive, send)


class SizeLimit:
    """Refuses bodies over ``limit`` bytes. Paths matching ``streamed`` have their own, larger limit; those
    matching ``public``, which need no token, a much smaller one."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        limit: int,
        streamed: re.Pattern[str],
        streamed_limit: int,
        public: re.Pattern[str],
        public_limit: int,
    ) -> None:
        self._app = app
        self._limit = limit
        self._streamed = streamed
        self._streamed_limit = streamed_limit
        self._public = public
        self._public_limit = public_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        limit = self._limit
        if self._public.fullmatch(scope["path"]):
            limit = self._public_limit
        elif self._streamed.fullmatch(scope["path"]):
            limit = self._streamed_limit
        declared = _header(scope, b"content-length")
        if declared.isdigit() and int(declared) > limit:
            await problem_response(_too_large(limit), Request(scope))(scope, receive, send)
            return
        seen = 0

        async def counted_receive() -> Message:
            nonlocal seen
            message = await receive()
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                if seen > limit:
                    raise _too_large(limit)
            return message

        await self._app(scope, counted_receive, send)


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"Nội dung vượt quá {limit} byte", f"The body exceeds {limit} bytes")
