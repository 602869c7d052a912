"""Each service's published OpenAPI document is sound, and a generator leaves nothing of it out."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from shared.imports.unseen import UNSEEN
from shared.persistence.schema import SERVICES
from tests.catalogues import openapi

FORMS_OF_A_LIST = re.compile(
    r"Unsupported content type (application/x-ndjson|text/csv"
    r"|application/vnd\.openxmlformats-officedocument\.spreadsheetml\.sheet)"
)


REFERENCE = "#/components/schemas/"


def schemas_in(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of the document that could be a schema, examples left out, and where it stands."""
    if isinstance(node, dict):
        yield path, node
        for name, value in node.items():
            if name not in ("example", "examples"):
                yield from schemas_in(value, f"{path}/{name}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from schemas_in(value, f"{path}/{number}")


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def document(service: str) -> dict[str, Any]:
    return openapi(service)


def test_it_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_a_generated_client_has_a_name_that_can_be_typed(
    service: str, document: dict[str, Any]
) -> None:
    """Generators make the package's name of the title."""
    assert document["info"]["title"] == f"Bac {service.capitalize()}"
    assert document["info"]["summary"].startswith("Bậc – ")


def test_refusals_reports_and_pages_have_names(service: str, document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["Problem"]["properties"]["errors"]["items"] == {
        "$ref": "#/components/schemas/Fault"
    }
    assert schemas["EventPage"]["properties"]["events"]["items"] == {
        "$ref": "#/components/schemas/Event"
    }
    assert ("ReportLine" in schemas) == (service != "targets")
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert named == schemas.keys(), "all that is named is there, and all that is there is named"


def test_a_list_of_words_is_one_type_wherever_it_stands(
    service: str, document: dict[str, Any]
) -> None:
    """Written in place twice, the generated types of the two could not be used for each other."""
    places: dict[frozenset[str], list[str]] = {}

    def look(node: Any, path: str) -> None:
        if isinstance(node, dict):
            for name, value in node.items():
                look(value, f"{path}/{name}")
            if isinstance(node.get("enum"), list):
                places.setdefault(frozenset(node["enum"]), []).append(path)
        elif isinstance(node, list):
            for number, value in enumerate(node):
                look(value, f"{path}/{number}")

    look(document, "")
    readings = "/parameters/"  # a reading's options are those of its parameter
    twice = {
        words: found
        for words, found in places.items()
        if len(found) > 1 and not (service == "targets" and all(readings in one for one in found))
    }
    assert twice == {}


def test_operation_ids_are_unique_and_refusals_are_problems(document: dict[str, Any]) -> None:
    operations = [one for path in document["paths"].values() for one in path.values()]
    ids = [operation["operationId"] for operation in operations]
    assert len(ids) == len(set(ids))
    for operation in operations:
        for status, response in operation["responses"].items():
            if status.startswith(("4", "5")):
                assert "application/problem+json" in response["content"], operation["operationId"]


def test_what_every_caller_can_be_refused_with_stands_at_every_operation(
    document: dict[str, Any],
) -> None:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            wanted = set()
            if path.startswith("/v1/"):
                wanted.add(("503", "dependency_unavailable"))
            if "security" in operation:
                wanted |= {("401", "unauthenticated"), ("422", "invalid_request")}
            if method == "post":
                wanted |= {("409", "idempotency_in_progress"), ("422", "idempotency_key_reused")}
            if "requestBody" in operation:
                wanted.add(("413", "body_too_large"))
            for status, code in wanted:
                response = operation["responses"][status]
                assert f"`{code}`" in response["description"], (method, path, code)
                problem = response["content"]["application/problem+json"]
                assert problem["examples"][code]["value"]["code"] == code
                assert problem["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_every_parameter_is_described_in_both_languages(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", ()):
                vietnamese, slash, english = parameter.get("description", "").partition(" / ")
                assert all((vietnamese, slash, english)), (method, path, parameter["name"])


def test_every_list_is_paged_by_the_same_name(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        parameters = operations.get("get", {}).get("parameters", ())
        names = {one["name"] for one in parameters if not one.get("deprecated")}
        if "limit" in names and not path.endswith("/events"):
            assert {"cursor", "limit"} <= names, path
            assert "after" not in names, path


def test_every_body_shows_an_example(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for path in document["paths"].values():
        for operation in path.values():
            form = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if form is None:
                continue
            named = schemas.get(form["schema"].get("$ref", "").rpartition("/")[2], {})
            assert {"example", "examples"} & (form.keys() | named.keys()), operation["operationId"]


def test_json_is_the_first_form_of_every_answer_that_has_it(document: dict[str, Any]) -> None:
    """Generated Python clients parse the first form as their answer."""
    for path in document["paths"].values():
        for operation in path.values():
            for response in operation["responses"].values():
                forms = list(response.get("content", {}))
                json_forms = [each for each in forms if each.endswith("json")]
                assert forms[: len(json_forms)] == json_forms, operation["operationId"]


def test_nothing_is_null_and_nothing_else(document: dict[str, Any]) -> None:
    """A member that is always null has no type in Go or Java, and generators stop at it. Null may stand
    beside a type, and never beside nothing but itself."""
    null = {"type": "null"}
    found = []
    for path, schema in schemas_in(document):
        one_of_two = re.search(r"/(any|one)Of/\d+$", path) is not None
        only_null = (
            (schema.get("type") in ("null", ["null"]) and not one_of_two)
            or schema.get("enum") == [None]
            or ("const" in schema and schema["const"] is None)
            or any(
                isinstance(schema.get(word), list)
                and not [
                    each for each in schema[word] if each.items() & null.items() != null.items()
                ]
                for word in ("anyOf", "oneOf", "allOf")
            )
        )
        if only_null:
            found.append(path)
    assert found == []


def test_no_character_of_it_is_invisible(document: dict[str, Any]) -> None:
    """Generators copy patterns and descriptions into code, and Go refuses a BOM within a file."""
    found = UNSEEN.search(json.dumps(document, ensure_ascii=False))
    assert found is None, found


def test_a_closed_body_is_never_joined_with_more_members(document: dict[str, Any]) -> None:
    """`allOf` of a schema without further members and one that names further members admits nothing."""
    schemas = document["components"]["schemas"]
    joined = [
        path
        for path, schema in schemas_in(document)
        for part in schema.get("allOf", ())
        if len(schema["allOf"]) > 1
        if schemas.get(part.get("$ref", "").removeprefix(REFERENCE), part).get(
            "additionalProperties"
        )
        is False
    ]
    assert joined == []


def test_examples_of_bodies_are_what_their_schemas_admit(document: dict[str, Any]) -> None:
    tried = 0
    for path in document["paths"].values():
        for operation in path.values():
            form = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if form is None:
                continue
            named = document["components"]["schemas"].get(
                form["schema"].get("$ref", "").removeprefix(REFERENCE), {}
            )
            examples = [
                *(holder["example"] for holder in (form, named) if "example" in holder),
                *(each["value"] for each in form.get("examples", {}).values()),
                *named.get("examples", ()),
            ]
            schema = {**form["schema"], "components": document["components"]}
            for example in examples:
                tried += 1
                faults = Draft202012Validator(schema).iter_errors(example)
                assert [each.message for each in faults] == [], operation["operationId"]
    assert tried or not any("requestBody" in str(path) for path in document["paths"].values())


def test_numbers_are_as_wide_as_python_has_them(document: dict[str, Any]) -> None:
    """Without a format, Go and Java keep seven digits of a number and 31 bits of an integer."""
    narrow = [
        path
        for path, schema in schemas_in(document)
        if schema.get("type") == "number" and schema.get("format") != "double"
    ]
    assert narrow == []
    gap = document["components"]["schemas"].get("GapView")
    if gap is not None:
        assert {gap["properties"][end]["format"] for end in ("first", "last")} == {"int64"}


def test_files_are_bytes_and_what_answers_only_a_file_says_so_first(
    document: dict[str, Any],
) -> None:
    """Generated clients take the first form of an answer for its type."""
    bytes_ = {"type": "string", "format": "binary"}
    files = re.compile(r"text/csv|application/(pdf|octet-stream|vnd\..*)")
    for path in document["paths"].values():
        for operation in path.values():
            answers = [operation.get("requestBody", {}), *operation["responses"].values()]
            for answer in answers:
                content = answer.get("content", {})
                for form, declared in content.items():
                    if files.fullmatch(form):
                        assert declared["schema"] == bytes_, (operation["operationId"], form)
                if content and all(files.fullmatch(form) for form in content):
                    assert next(iter(content)) == "application/octet-stream"


def test_a_python_client_is_generated_with_every_body_and_answer(
    service: str, document: dict[str, Any], tmp_path: Path
) -> None:
    """A list's other forms are for files: a generated client sends it as a JSON array."""
    spec, config = tmp_path / "openapi.json", tmp_path / "config.yaml"
    spec.write_text(json.dumps(document))
    config.write_text("post_hooks: []\n")
    made = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate"),
            *("--path", str(spec), "--config", str(config), "--meta", "none"),
            *("--output-path", str(tmp_path / service)),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    said = (made.stdout + made.stderr).splitlines()
    left_out = [
        (line, said[number + 2])
        for number, line in enumerate(said)
        if line.startswith(("WARNING", "ERROR")) and not FORMS_OF_A_LIST.match(said[number + 2])
    ]
    assert left_out == []


def test_a_reading_left_out_is_left_to_the_plan() -> None:
    """Generated clients send defaults: one in the document would overrule a plan with its own."""
    paths = openapi("targets")["paths"]
    parameters = paths["/v1/plans/{plan}/progress"]["get"]["parameters"]
    readings = [each for each in parameters if each["name"].startswith("reading.")]
    assert len(readings) == 13
    assert [each["name"] for each in readings if "default" in each["schema"]] == []
