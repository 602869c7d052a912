"""Query parameters that an endpoint does not know are refused: a misspelt filter or reading would
otherwise be answered with a figure that nobody asked for."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute

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
            self._known[asked] = _documented(request.app.openapi(), *asked)
        refuse_unknown(request, self._known[asked], self._judged)


def _documented(document: dict[str, Any], path: str, method: str) -> frozenset[str]:
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
