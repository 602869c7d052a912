"""Bodies that endpoints declare are JSON; what says that it is something else is not read as JSON."""

from __future__ import annotations

from fastapi import Request
from fastapi.routing import APIRoute

from shared.contracts.problem import UnsupportedMediaType


async def json_bodies_only(request: Request) -> None:
    """A dependency of the whole application. Endpoints that read their bodies themselves, lists and single
    results, judge for themselves; a body that is not there is a fault of another kind."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or route.body_field is None:
        return
    headers = request.headers
    sent = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    if sent and not is_json(headers.get("content-type", "")):
        raise UnsupportedMediaType("Cần application/json", "application/json is needed")


def is_json(content_type: str) -> bool:
    main, _, sub = content_type.partition(";")[0].strip().lower().partition("/")
    return main == "application" and (sub == "json" or sub.endswith("+json"))
