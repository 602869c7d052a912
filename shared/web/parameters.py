"""Query parameters that an endpoint does not know are refused: a misspelt filter or reading would
otherwise be answered with a figure that nobody asked for."""

from __future__ import annotations

import re
from collections import Counter

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts

from shared.contracts.problem import FieldError, InvalidRequest, repeatable


class KnownParametersOnly:
    """A dependency of the whole application. ``lenient`` are paths of public pages: links that pass
    through messengers arrive with parameters of the messenger's own. Names that begin with one of
    ``judged`` are the endpoint's to refuse, in words of its own."""

    def __init__(self, lenient: re.Pattern[str], judged: tuple[str, ...] = ()) -> None:
        self._lenient = lenient
        self._judged = judged
        self._known: dict[tuple[str, str], frozenset[str]] = {}

    async def __call__(self, request: Request) -> None:
        if not request.scope["query_string"] or self._lenient.fullmatch(request.url.path):
            return
        route = request.scope.get("route")
        if not isinstance(route, APIRoute):
            return
        asked = (route.path_format, request.method.lower())
        if asked not in self._known:
            self._known[asked] = _documented(request.app, *asked)
        refuse_unknown(request, self._known[asked], self._judged)


def _documented(app: FastAPI, path: str, method: str) -> frozenset[str]:
    """Asks for the document of this one route: that of all takes a second."""
    routes = [
        route
        for route in iter_route_contexts(app.routes)
        if route.path_format == path and method.upper() in (route.methods or ())
    ]
    document = get_openapi(title=app.title, version=app.version, routes=routes[:1])
    parameters = document["paths"][path][method].get("parameters", ())
    return frozenset(one["name"] for one in parameters if one["in"] == "query")


def refuse_unknown(request: Request, known: frozenset[str], judged: tuple[str, ...] = ()) -> None:
    """Raises 422 for a parameter that is not known here, and for one that is given twice."""
    given = Counter(name for name, _ in request.query_params.multi_items())
    faults = []
    for name, times in given.items():
        if judged and name.startswith(judged):
            continue
        if name not in known:
            names = ", ".join(sorted(known)) or "-"
            faults.append(
                FieldError(
                    f"?{repeatable(name)}",
                    "unknown_parameter",
                    f"không có tham số này; các tham số ở đây: {names}",
                    f"there is no such parameter; those known here: {names}",
                )
            )
        elif times > 1:
            faults.append(
                FieldError(
                    f"?{name}",
                    "parameter_repeated",
                    "tham số này chỉ được nêu một lần",
                    "this parameter may be given once only",
                )
            )
    if faults:
        raise InvalidRequest(
            "Tham số truy vấn không hợp lệ; xem từng lỗi trong errors",
            "Query parameters are not valid; see each fault in errors",
            errors=faults,
        )
