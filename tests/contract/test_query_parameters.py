"""Whoever misspells a query parameter is told so, and never answered as if it had not been given."""

from __future__ import annotations

import re

import pytest

from shared.persistence.schema import SERVICES
from tests.catalogues import openapi
from tests.running import RunningService


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> RunningService:
    running: RunningService = request.getfixturevalue(request.param)
    return running


OF_ALL = {"GET /health/live", "GET /health/ready", "GET /metrics"}
PUBLIC = {
    "enrolment": OF_ALL,
    "certification": OF_ALL
    | {
        *("GET /v1/frameworks", "GET /v1/frameworks/{code}", "GET /v1/verify", "POST /v1/verify"),
        *("GET /v1/verify/{serial}", "POST /v1/verify/{serial}"),
    },
    "targets": OF_ALL,
}


@pytest.mark.parametrize("name", SERVICES)
def test_what_needs_no_token_is_exactly_this(name: str) -> None:
    """Whatever is not named here is asked with an unknown parameter below."""
    public = {
        f"{method.upper()} {path}"
        for path, operations in openapi(name)["paths"].items()
        for method, operation in operations.items()
        if "security" not in operation
    }
    assert public == PUBLIC[name]


async def test_every_endpoint_refuses_a_parameter_it_does_not_know(service: RunningService) -> None:
    client = service.client()
    asked = set()
    for path, operations in openapi(service.name)["paths"].items():
        for method in operations:
            if f"{method.upper()} {path}" in PUBLIC[service.name]:
                continue
            url = re.sub(r"\{form\}", "csv", path)
            url = re.sub(r"\{[^}]+\}", "x", url)
            body = {"json": {}} if method in ("post", "put") else {}
            answer = await client.request(method, url, params={"agnecy": "H56"}, **body)
            assert answer.status_code == 422, (method, path, answer.text)
            problem = answer.json()
            assert problem["code"] == "invalid_request", (method, path)
            (fault,) = problem["errors"]
            assert (fault["pointer"], fault["code"]) == ("?agnecy", "unknown_parameter")
            asked.add((method, path))
    assert len(asked) + len(PUBLIC[service.name]) == sum(
        len(operations) for operations in openapi(service.name)["paths"].values()
    )


async def test_every_documented_parameter_is_known(service: RunningService) -> None:
    client = service.client()
    for path, operations in openapi(service.name)["paths"].items():
        names = [
            one["name"] for one in operations.get("get", {}).get("parameters", ())
            if one["in"] == "query"
        ]  # fmt: skip
        if not names or "wait" in names:
            continue
        url = re.sub(r"\{form\}", "csv", path)
        answer = await client.get(re.sub(r"\{[^}]+\}", "x", url), params=dict.fromkeys(names, "1"))
        assert "unknown_parameter" not in answer.text, path


async def test_public_pages_bear_what_messengers_add_to_links(
    certification: RunningService,
) -> None:
    client = certification.client(None)
    known = await client.get("/v1/verify/NONE.2026.000001.0?fbclid=x")
    assert known.status_code == 404
    assert (await client.get("/v1/frameworks?utm_source=zalo")).status_code == 200


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("agnecy=H56", "?agnecy", "unknown_parameter"),
        ("as_off=2025-12-31", "?as_off", "unknown_parameter"),
        ("readings.R1=whole", "?readings.R1", "unknown_parameter"),
        ("AGENCY=H56", "?AGENCY", "unknown_parameter"),
        ("038190000001=x", "?*", "unknown_parameter"),
        ("Nguy%E1%BB%85n%20Th%E1%BB%8B=x", "?*", "unknown_parameter"),
        ("agency=H56&agency=H30", "?agency", "parameter_repeated"),
        ("counted_at.targets=x", "?counted_at.targets", "unknown_parameter"),
    ],
)
async def test_a_figure_is_never_given_for_a_misspelt_question(
    targets: RunningService, query: str, pointer: str, code: str
) -> None:
    client = targets.client()
    plan = "/v1/plans/hoanghoa-2021"
    for path in (f"{plan}/progress?", f"{plan}/indicators/I2-2025/members?state=missing&"):
        answer = await client.get(path + query)
        assert answer.status_code == 422
        (fault,) = answer.json()["errors"]
        assert (fault["pointer"], fault["code"]) == (pointer, code)
        assert "Nguy" not in answer.text
        assert "038190000001" not in answer.text
    english = await client.get(f"{plan}/progress?agnecy=H56", headers={"Accept-Language": "en"})
    assert "known here: agency, as_of" in english.json()["errors"][0]["message"]
