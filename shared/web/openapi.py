"""The OpenAPI 3.1 document of a service, arranged so that generated clients read well: whatever is answered has
a name, and a list of words is one type wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, Final, get_args

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from shared.contracts import events
from shared.contracts.problem import (
    MEDIA_TYPE,
    BodyTooLarge,
    BodyTooSlow,
    DependencyUnavailable,
    IdempotencyInProgress,
    IdempotencyKeyReused,
    InvalidRequest,
    Language,
    Problem,
    TooManyRequests,
    Unauthenticated,
    UnsupportedMediaType,
)
from shared.feed.endpoints import FEED_SCHEMAS
from shared.imports.legacy_text import DeclaredEncoding
from shared.listing.forms import Form
from shared.security.person_key import IdentityType
from shared.web.bulk import REPORT_SCHEMAS
from shared.web.problems import problem_responses

_REF: Final = "#/components/schemas/"

PROBLEM_SCHEMAS: Final[dict[str, Any]] = {
    "Problem": {
        "type": "object",
        "description": "RFC 9457 problem; `code` is stable, texts follow Accept-Language (vi, en).",
        "required": ["type", "title", "status", "detail", "code", "correlation_id", "errors"],
        "properties": {
            "type": {"type": "string", "examples": ["urn:bac:problem:not_found"]},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "code": {"type": "string"},
            "correlation_id": {"type": "string"},
            "errors": {"type": "array", "items": {"$ref": f"{_REF}Fault"}},
            "errors_left_out": {
                "type": "integer",
                "description": "How many faults more there are than `errors` lists; left out: none",
            },
        },
        "additionalProperties": True,
    },
    "Fault": {
        "type": "object",
        "description": "One fault of the request.",
        "required": ["pointer", "code", "message"],
        "properties": {
            "pointer": {
                "type": "string",
                "description": "JSON pointer into the body, `?name` of a query parameter, `#Name` of a "
                "header, `path:name` of a part of the address",
            },
            "code": {"type": "string"},
            "message": {"type": "string"},
        },
    },
}

OF_ALL: Final = (Unauthenticated, InvalidRequest, TooManyRequests, DependencyUnavailable)
OF_POSTS: Final = (IdempotencyInProgress, IdempotencyKeyReused)
OF_BODIES: Final = (BodyTooSlow, BodyTooLarge, UnsupportedMediaType)
"""Refusals that no endpoint names itself: of all that need a token, of every POST, of whatever has a body."""

IDEMPOTENCY_PARAMETER: Final[dict[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": (
        "Gửi lại cùng khóa và nội dung: nhận lại câu trả lời trong 72 giờ; nội dung khác: 422. / Same key "
        "and body: the answer of the first, for 72 hours. Same key, other body: 422."
    ),
}

WORDS: Final[dict[str, Sequence[str]]] = {
    "AgencyLevel": get_args(events.AgencyLevel),
    "AgencySystem": get_args(events.AgencySystem),
    "CommuneKind": get_args(events.CommuneKind),
    "Bloc": get_args(events.Bloc),
    "OfficialStatus": get_args(events.OfficialStatus),
    "Leadership": get_args(events.Leadership),
    "LanguageBasis": get_args(events.LanguageBasis),
    "Posting": get_args(events.Posting),
    "EvidenceKind": get_args(events.EvidenceKind),
    "RevocationEffect": get_args(events.RevocationEffect),
    "IdentityType": get_args(IdentityType),
    "TextLanguage": get_args(Language),
    "TextEncoding": get_args(DeclaredEncoding),
    "FileForm": get_args(Form),
}
"""Lists of words that more than one service uses."""


def openapi_document(
    app: FastAPI,
    public: re.Pattern[str],
    components: Mapping[str, Any],
    enums: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """Every operation names its refusals as problems and its need of a token. Made once."""
    if app.openapi_schema:
        return app.openapi_schema
    document = get_openapi(
        title=app.title,
        summary=app.summary,
        version=app.version,
        description=app.description,
        routes=app.routes,
    )
    parts = document.setdefault("components", {})
    schemas: dict[str, Any] = parts.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    parts["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    for path, operations in document.get("paths", {}).items():
        guarded = not public.fullmatch(re.sub(r"\{[^}]+\}", "x", path))
        for method, operation in operations.items():
            _complete(path, method, operation, guarded=guarded)
    assert not schemas.keys() & components.keys(), "two schemas of one name"
    schemas.update(deepcopy(components))
    _merge_rows(schemas, document)
    _widen_numbers(document)
    _name_words(document, {**WORDS, **enums})
    _add_what_is_named(document, {**PROBLEM_SCHEMAS, **FEED_SCHEMAS, **REPORT_SCHEMAS})
    parts["schemas"] = dict(sorted(schemas.items()))
    app.openapi_schema = document
    return document


def _complete(path: str, method: str, operation: dict[str, Any], *, guarded: bool) -> None:
    """Adds what the framework around every endpoint asks for and refuses with."""
    responses = operation["responses"]
    refusals: list[type[Problem]] = []
    if "HTTPValidationError" in str(responses.get("422", "")):
        del responses["422"]
        refusals.append(InvalidRequest)
    if guarded:
        operation["security"] = [{"bearer": []}]
        refusals += OF_ALL
    elif path.startswith("/v1/"):
        refusals.append(DependencyUnavailable)
    if method == "post":
        operation.setdefault("parameters", []).append(IDEMPOTENCY_PARAMETER)
        refusals += OF_POSTS
    _order_parameters(path, operation)
    if "requestBody" in operation:
        refusals += OF_BODIES
    for status, entry in problem_responses(*refusals).items():
        _add_refusals(responses, str(status), entry)
    problem = {"content": {MEDIA_TYPE: {"schema": {"$ref": f"{_REF}Problem"}}}}
    responses.setdefault("default", {"description": "Any other refusal", **problem})


def _order_parameters(path: str, operation: dict[str, Any]) -> None:
    """Those of the path first, in its order, then those that must be given. Generated clients take them by
    place: which dependency of an endpoint asks for them must not matter."""

    def place(parameter: dict[str, Any]) -> tuple[int, bool]:
        in_path = parameter["in"] == "path"
        where = path.find(f"{{{parameter['name']}") if in_path else len(path)
        return where, not parameter.get("required", False)

    if "parameters" in operation:
        operation["parameters"].sort(key=place)


def _add_refusals(responses: dict[str, Any], status: str, more: dict[str, Any]) -> None:
    known = responses.setdefault(status, {"description": "", "content": {}})
    content = known["content"].setdefault(MEDIA_TYPE, more["content"][MEDIA_TYPE])
    lines = [each for each in known["description"].split("; ") if each]
    for line in more["description"].split("; "):
        code = line.split("`")[1]
        if f"`{code}`" not in known["description"]:
            lines.append(line)
            example = more["content"][MEDIA_TYPE]["examples"][code]
            content.setdefault("examples", {})[code] = example
    known["description"] = "; ".join(lines)


def _name_words(document: dict[str, Any], words: Mapping[str, Sequence[str]]) -> None:
    """Lists of words that stand in place give way to a reference to their name."""
    names = {frozenset(values): name for name, values in words.items()}
    for schema in list(_schemas_with(document, "enum")):
        name = names.get(frozenset(schema["enum"]))
        if name is not None:
            for gone in ("type", "enum", "title"):
                schema.pop(gone, None)
            schema["$ref"] = _REF + name
            document["components"]["schemas"].setdefault(
                name, {"type": "string", "title": name, "enum": list(words[name])}
            )


def _merge_rows(schemas: dict[str, Any], document: dict[str, Any]) -> None:
    """A closed body joined with the members that a row adds becomes one closed object: as `allOf`, each
    part would refuse the members of the other."""
    for schema in list(_schemas_with(document, "allOf")):
        parts = [
            schemas[part["$ref"].removeprefix(_REF)] if "$ref" in part else part
            for part in schema["allOf"]
        ]
        if any(part.get("additionalProperties") is False for part in parts):
            del schema["allOf"]
            schema["type"] = "object"
            schema["required"] = [
                name for part in reversed(parts) for name in part.get("required", ())
            ]
            schema["properties"] = {
                name: deepcopy(member)
                for part in reversed(parts)
                for name, member in part["properties"].items()
            }
            schema["additionalProperties"] = False


def _widen_numbers(document: dict[str, Any]) -> None:
    """Without a format, generators for Go and Java keep seven digits of a number."""
    for schema in _schemas_with(document, "type"):
        if schema["type"] == "number":
            schema.setdefault("format", "double")


def _add_what_is_named(document: dict[str, Any], known: Mapping[str, Any]) -> None:
    """Adds those schemas that some reference names, and those that they name in turn."""
    schemas = document["components"]["schemas"]
    wanted = True
    while wanted:
        named = {each["$ref"].removeprefix(_REF) for each in _schemas_with(document, "$ref")}
        wanted = bool(named := named & known.keys() - schemas.keys())
        for name in named:
            schemas[name] = {"title": name, **known[name]}


def _schemas_with(node: Any, keyword: str) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if keyword in node and not isinstance(node[keyword], dict):
            yield node
        for value in node.values():
            yield from _schemas_with(value, keyword)
    elif isinstance(node, list):
        for value in node:
            yield from _schemas_with(value, keyword)
