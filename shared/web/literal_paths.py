"""Paths with a word of their own (`/v1/officials/import`) that a broader one
(`/v1/officials/{official_code}`) would swallow."""

from __future__ import annotations

import re
from functools import cached_property

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.requests import Request
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.contracts.problem import MethodNotAllowed
from shared.web.problems import problem_response, with_head

_PARAMETER = re.compile(r"\{[^}]+\}")


def methods_of_paths(application: FastAPI) -> dict[str, frozenset[str]]:
    """The methods of every documented path, as its route writes it. The OpenAPI document says the same, but
    takes a second to be made."""
    found: dict[str, frozenset[str]] = {}
    for route in iter_route_contexts(application.routes):
        if isinstance(route.original_route, APIRoute) and route.include_in_schema:
            path = str(route.path)
            found[path] = found.get(path, frozenset()) | frozenset(route.methods or ())
    return found


class LiteralPaths:
    """405 with the methods of the very path asked: routing alone would try the broader path with a method
    that the narrower one lacks, and take its word for somebody's code."""

    def __init__(self, app: ASGIApp, *, application: FastAPI) -> None:
        self._app = app
        self._application = application

    @cached_property
    def _narrower(self) -> list[tuple[re.Pattern[str], frozenset[str]]]:
        paths = [
            (path, compile_path(path)[0], methods)
            for path, methods in methods_of_paths(self._application).items()
        ]
        found = []
        for path, pattern, own in paths:
            asked = _PARAMETER.sub("x", path)
            routed = [methods for _, other, methods in paths if other.fullmatch(asked)]
            if own < frozenset().union(*routed):
                found.append((pattern, own))
        return found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            for path, methods in self._narrower:
                if path.fullmatch(scope["path"]) and scope["method"] not in methods:
                    problem = MethodNotAllowed(headers={"Allow": ", ".join(with_head(methods))})
                    await problem_response(problem, Request(scope))(scope, receive, send)
                    return
        await self._app(scope, receive, send)
