"""What a refusal must not tell: every refusable body, sent of a thing that exists outside the caller's scope and
of one that does not exist, is answered alike."""

from __future__ import annotations

import copy
import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from tests.catalogues import openapi
from tests.running import RunningService

EXCEPTIONS: Final[Mapping[tuple[str, str], str]] = {
    ("put_official", "official_code"): "official_code_in_use",
    ("import_officials", "official_code"): "official_code_in_use",
    ("put_official", "identity number"): "citizen_already_registered",
    ("import_officials", "identity number"): "citizen_already_registered",
    ("put_agency", "agency_code"): "not_found",
    ("import_agencies", "agency_code"): "not_found",
}
"""CONTRACT §8.2: nation-wide uniqueness on creation. By operation and what was asked about, the one refusal that
tells that it is taken; each is counted, and in the trail of caller and owner. Institutions are read by
everybody, so that their codes lie outside nobody's scope."""

OF_ADMINISTRATORS: Final = {"list_followed_feeds", "apply_event_again", "set_event_aside"}
"""Nobody else may ask at all, and nothing lies outside an administrator's scope."""

_ODD: Final[Sequence[Any]] = (None, "", "zz \x00", 0, [], "2999-01-01")


def refusable(body: Any) -> Iterator[Any]:
    """The body itself, and every body that differs from it in one place; of rows what lies deeper is judged as in
    a body."""
    yield body
    yield from ([], {}, None)
    yield from _changed(body, 2 if isinstance(body, list) else 3)


def _changed(body: Any, depth: int) -> Iterator[Any]:
    if depth == 0 or not isinstance(body, dict | list):
        return
    places = list(body) if isinstance(body, dict) else range(len(body))
    for place in places:
        for odd in (*_ODD, ...):
            changed = copy.deepcopy(body)
            if odd is ...:
                del changed[place]
            else:
                changed[place] = odd
            yield changed
        for inner in _changed(body[place], depth - 1):
            changed = copy.deepcopy(body)
            changed[place] = inner
            yield changed


@dataclass(slots=True)
class Question:
    """One way to name a thing. ``outside``: one that exists; ``unknown``: makes ones that do not."""

    operation: str
    about: str
    method: str
    outside: Any
    unknown: Callable[[int], Any]
    path: Callable[[Any], str]
    body: Callable[[Any], Any] | None = None
    params: Callable[[Any], Mapping[str, str]] | None = None
    headers: Sequence[Mapping[str, str]] = ({},)
    vary: bool = True
    """False: the body is sent as it is only, since each change of it would do something."""
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def requests(self, value: Any) -> Iterator[dict[str, Any] | None]:
        """Null: the change has taken the name itself out, so that nothing is asked."""
        body = None if self.body is None else self.body(value)
        bodies = [body] if self.body is None or not self.vary else refusable(body)
        for number, each in enumerate(bodies):
            for headers in self.headers if number == 0 else self.headers[:1]:
                request: dict[str, Any] = {
                    "method": self.method,
                    "url": self.path(value),
                    "headers": dict(headers),
                }
                if self.body is not None:
                    request["content"] = json.dumps(each)
                    request["headers"]["Content-Type"] = "application/json"
                if self.params is not None:
                    request["params"] = dict(self.params(value))
                asks = not isinstance(value, str) or value in str(request)
                yield request if asks else None


def _answer(answer: httpx.Response, value: Any) -> tuple[Any, ...]:
    """All that a caller can compare, but the correlation id and the value sent."""
    text = re.sub(r'"correlation_id": ?"[^"]*"', "", answer.text)
    for each in value if isinstance(value, tuple) else (value,):
        if isinstance(each, str):
            text = text.replace(each, "§")
    kept = {
        name: value
        for name, value in answer.headers.items()
        if name not in ("x-correlation-id", "date", "content-length", "x-request-id")
    }
    return answer.status_code, text, kept


async def compare(
    service: RunningService, client: httpx.AsyncClient, question: Question, *, vary: bool = True
) -> int:
    """Asks; returns how many answers were compared. An exception is taken only where the body would otherwise
    have been accepted: then the one says that the thing is taken and the other does it."""
    service.app.state.questions_per_day = 1_000_000
    question.vary &= vary
    compared = 0
    exception = EXCEPTIONS.get((question.operation, question.about))
    for place, request in enumerate(question.requests(question.outside)):
        if request is None:
            continue
        unknown = question.unknown(next(question.numbers))
        other = next(itertools.islice(question.requests(unknown), place, None))
        assert other is not None
        of_outside = await client.request(**request)
        of_unknown = await client.request(**other)
        compared += 1
        told = _answer(of_outside, question.outside), _answer(of_unknown, unknown)
        if told[0] == told[1]:
            continue
        created = of_unknown.status_code == 201 or (
            of_unknown.status_code == 200 and of_unknown.json().get("created") == 1
        )
        said = of_outside.json()
        codes = {said.get("code"), *(each["code"] for each in said.get("errors", []))}
        assert created, f"{question.operation} {request} {of_outside.text} {of_unknown.text}"
        assert exception in codes, (
            f"{question.operation} tells whether {question.about} exists:\n"
            f"{request}\n{of_outside.status_code} {of_outside.text}\n"
            f"{other}\n{of_unknown.status_code} {of_unknown.text}"
        )
    return compared


def operations(service: RunningService) -> set[str]:
    """Ids of all operations of the service that need a token."""
    document = openapi(service.name)
    return {
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict) and "operationId" in operation
    }
