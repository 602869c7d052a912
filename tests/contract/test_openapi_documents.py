"""Each service's published OpenAPI document is sound, and a generator leaves nothing of it out."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from shared.persistence.schema import SERVICES
from tests.catalogues import openapi

FORMS_OF_A_LIST = re.compile(
    r"Unsupported content type (application/x-ndjson|text/csv"
    r"|application/vnd\.openxmlformats-officedocument\.spreadsheetml\.sheet)"
)


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
