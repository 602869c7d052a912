"""Each kind of break is found, and what breaks nobody is let through."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.compatibility.breaks import api_breaks, event_breaks
from tests.compatibility.documents import shape

Node = dict[str, Any]
Change = Callable[[Node], Any]

PERSON: Node = {
    "type": "object",
    "required": ["code", "status"],
    "properties": {
        "code": {"type": "string", "maxLength": 40},
        "status": {"$ref": "#/components/schemas/Status"},
        "born": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
        "superior": {"anyOf": [{"$ref": "#/components/schemas/Person"}, {"type": "null"}]},
        "posts": {"type": "array", "items": {"type": "object", "properties": {"rank": {"type": "integer"}}}},
    },
}  # fmt: skip


def document() -> Node:
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/Person"}}}
    return {
        "paths": {
            "/v1/people/{code}": {
                "get": {
                    "parameters": [
                        {"in": "path", "name": "code", "required": True, "schema": {"type": "string"}},
                        {"in": "query", "name": "on", "schema": {"type": "string", "format": "date"}},
                    ],
                    "responses": {
                        "200": {"content": copy.deepcopy(body), "headers": {"ETag": {}}},
                        "404": {"content": {}},
                    },
                },
                "put": {"requestBody": {"content": copy.deepcopy(body)}, "responses": {"204": {}}},
            }
        },
        "components": {
            "schemas": {
                "Person": copy.deepcopy(PERSON),
                "Status": {"type": "string", "enum": ["cadre", "contract"]},
            }
        },
    }  # fmt: skip


def operation(new: Node, method: str) -> Node:
    found: Node = new["paths"]["/v1/people/{code}"][method]
    return found


def person(new: Node) -> Node:
    found: Node = new["components"]["schemas"]["Person"]
    return found


BREAKS: dict[str, tuple[Change, set[str]]] = {
    "a path": (lambda new: new["paths"].clear(), {"GET: is gone", "PUT: is gone"}),
    "an operation": (
        lambda new: new["paths"]["/v1/people/{code}"].pop("put"),
        {"PUT: is gone"},
    ),
    "a token": (
        lambda new: operation(new, "get").update(security=[{"bearer": []}]),
        {"GET: needs a token"},
    ),
    "a parameter": (
        lambda new: operation(new, "get")["parameters"].pop(),
        {"GET: query parameter on is gone"},
    ),
    "a required parameter": (
        lambda new: operation(new, "get")["parameters"][1].update(required=True),
        {"GET: query parameter on is required"},
    ),
    "a new required parameter": (
        lambda new: operation(new, "get")["parameters"].append(
            {"in": "query", "name": "bloc", "required": True, "schema": {}}
        ),
        {"GET: query parameter bloc is required"},
    ),
    "a parameter's type": (
        lambda new: operation(new, "get")["parameters"][1].update(schema={"type": "integer"}),
        {"GET: query parameter on: type was string, is integer"},
    ),
    "a status code": (
        lambda new: operation(new, "get")["responses"].pop("404"),
        {"GET: answer 404 is gone"},
    ),
    "a header": (
        lambda new: operation(new, "get")["responses"]["200"].pop("headers"),
        {"GET: answer 200: header ETag is gone"},
    ),
    "a form of an answer": (
        lambda new: operation(new, "get")["responses"]["200"]["content"].clear(),
        {"GET: answer 200: form application/json is gone"},
    ),
    "a required body": (
        lambda new: operation(new, "put")["requestBody"].update(required=True),
        {"PUT: a body is required"},
    ),
    "no body": (
        lambda new: operation(new, "put").pop("requestBody"),
        {"PUT: takes no body any more"},
    ),
    "a field": (
        lambda new: person(new)["properties"].pop("born"),
        {"GET: answer 200: field born is gone", "PUT: body: field born is gone"},
    ),
    "a field's type": (
        lambda new: person(new)["properties"].update(code={"type": "integer"}),
        {
            "GET: answer 200: type at code was string, is integer",
            "PUT: body: type at code was string, is integer",
        },
    ),
    "a field of a list": (
        lambda new: person(new)["properties"]["posts"]["items"]["properties"].clear(),
        {"GET: answer 200: field posts[].rank is gone", "PUT: body: field posts[].rank is gone"},
    ),
    "a format": (
        lambda new: person(new)["properties"]["born"]["anyOf"][0].update(format="date-time"),
        {
            "GET: answer 200: format at born was date, is date-time",
            "PUT: body: format at born was date, is date-time",
        },
    ),
    "a field may be null": (
        lambda new: person(new)["properties"].update(
            code={"anyOf": [{"type": "string", "maxLength": 40}, {"type": "null"}]}
        ),
        {"GET: answer 200: form null at code is new to readers"},
    ),
    "null is refused": (
        lambda new: person(new)["properties"].update(born={"type": "string", "format": "date"}),
        {"PUT: body: form null at born is refused"},
    ),
    "a required field": (
        lambda new: person(new)["required"].append("born"),
        {"PUT: body: field born is required"},
    ),
    "a field that may be absent": (
        lambda new: person(new)["required"].remove("code"),
        {"GET: answer 200: field code may be absent"},
    ),
    "a word added": (
        lambda new: new["components"]["schemas"]["Status"]["enum"].append("elected"),
        {"GET: answer 200: words at status are new to readers: elected"},
    ),
    "a word removed": (
        lambda new: new["components"]["schemas"]["Status"]["enum"].remove("contract"),
        {"PUT: body: words at status are refused: contract"},
    ),
    "a shorter text": (
        lambda new: person(new)["properties"]["code"].update(maxLength=20),
        {"PUT: body: maxLength at code was 40, is 20"},
    ),
    "a pattern": (
        lambda new: person(new)["properties"]["code"].update(pattern="^H"),
        {"PUT: body: pattern at code is another"},
    ),
    "a closed body": (
        lambda new: person(new).update(additionalProperties=False),
        {"PUT: body: further fields are refused"},
    ),
}


@pytest.mark.parametrize("what", BREAKS)
def test_a_break_is_found_and_named(what: str) -> None:
    change, expected = BREAKS[what]
    new = document()
    change(new)
    found = {each.replace(" /v1/people/{code}", "") for each in api_breaks(document(), new)}
    assert found == expected


HARMLESS: dict[str, Change] = {
    "nothing": lambda new: None,
    "an operation": lambda new: new["paths"].update({"/v1/more": {"get": {"responses": {}}}}),
    "an optional parameter": lambda new: operation(new, "get")["parameters"].append(
        {"in": "query", "name": "bloc", "schema": {"type": "string"}}
    ),
    "a refusal": lambda new: operation(new, "get")["responses"].update({"409": {}}),
    "an optional field": lambda new: person(new)["properties"].update(note={"type": "string"}),
    "a longer text": lambda new: person(new)["properties"]["code"].update(maxLength=60),
    "words for people": lambda new: person(new).update(description="A person", title="Person"),
}


@pytest.mark.parametrize("what", HARMLESS)
def test_what_is_only_added_breaks_nobody(what: str) -> None:
    new = document()
    HARMLESS[what](new)
    assert api_breaks(document(), new) == []


def catalogue() -> Node:
    payload = {"type": "object", "required": ["version"], "properties": {"version": {"type": "integer"}}}  # fmt: skip
    return {
        "events": {
            "vn.bac.agency.changed.v1": {
                "service": "enrolment",
                "withheld": [],
                "payload": {"$ref": "#/parts/Agency"},
            }
        },
        "parts": {"Agency": payload},
    }


EVENT_BREAKS: dict[str, tuple[Change, str]] = {
    "a type": (lambda new: new["events"].clear(), "is gone"),
    "its service": (
        lambda new: new["events"]["vn.bac.agency.changed.v1"].update(service="targets"),
        "comes from targets, not from enrolment",
    ),
    "a withheld field": (
        lambda new: new["events"]["vn.bac.agency.changed.v1"].update(withheld=["code"]),
        "field code is withheld",
    ),
    "a field": (
        lambda new: new["parts"]["Agency"].update(properties={}, required=[]),
        "field version is gone",
    ),
    "a field that older events of a feed lack": (
        lambda new: (
            new["parts"]["Agency"]["properties"].update(code={"type": "string"}),
            new["parts"]["Agency"]["required"].append("code"),
        ),
        "field code is required",
    ),
}


@pytest.mark.parametrize("what", EVENT_BREAKS)
def test_events_only_gain(what: str) -> None:
    change, expected = EVENT_BREAKS[what]
    new = catalogue()
    change(new)
    assert event_breaks(catalogue(), new) == [f"vn.bac.agency.changed.v1: {expected}"]


def test_an_event_gains_a_field_that_may_be_absent() -> None:
    new = catalogue()
    new["parts"]["Agency"]["properties"]["code"] = {"type": "string", "default": ""}
    assert event_breaks(catalogue(), new) == []


def test_the_shape_of_a_document_keeps_fields_that_are_called_like_words_for_people() -> None:
    described = {"properties": {"title": {"type": "string", "title": "Title"}}, "title": "Problem"}
    assert shape(described) == {"properties": {"title": {"type": "string"}}}
