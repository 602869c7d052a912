"""What every path of certification says before any rule is asked."""

from __future__ import annotations

import pytest

from tests.running import RunningService


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/results/batch", "POST"),
        ("GET", "/v1/evidence/acceptances", "POST"),
        ("GET", "/v1/certificates/VINH.2026.000001.Q/revocation", "POST"),
        ("GET", "/v1/certificates/GCN/2026/1/revocation", "POST"),
        ("PUT", "/v1/results", "GET, HEAD, POST"),
    ],
)
async def test_a_path_with_a_word_of_its_own_is_no_identifier(
    certification: RunningService, method: str, path: str, allowed: str
) -> None:
    answer = await certification.client().request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "text/csv", "image/png"])
@pytest.mark.parametrize(
    "path",
    [
        "/v1/results",
        "/v1/results/batch",
        "/v1/results/01936f0e-0000-7000-8000-000000000001/versions",
        "/v1/certificates/A1/revocation",
        "/v1/evidence",
        "/v1/evidence/acceptances",
        "/v1/verify/A1",
    ],
)
async def test_a_body_of_another_form_is_415_at_every_door(
    certification: RunningService, path: str, media_type: str
) -> None:
    if path.endswith("batch") and media_type in ("text/csv", "text/plain"):
        return
    answer = await certification.client().post(
        path, content=b"{}", headers={"Content-Type": media_type}
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json; charset=utf-8"},
        {"Content-Type": "Application/JSON"},
        {"Content-Type": "application/merge-patch+json"},
    ],
)
async def test_json_by_any_of_its_names_is_read(
    certification: RunningService, headers: dict[str, str]
) -> None:
    answer = await certification.client().post("/v1/evidence", content=b"{}", headers=headers)
    assert answer.status_code == 422, answer.text
    assert {fault["code"] for fault in answer.json()["errors"]} == {"field_required"}


async def test_a_body_that_does_not_say_what_it_is_is_415_and_none_is_a_fault_of_the_request(
    certification: RunningService,
) -> None:
    client = certification.client()
    for path in ("/v1/evidence", "/v1/results"):
        assert (await client.post(path, content=b"{}")).status_code == 415
    nothing = await client.post("/v1/evidence")
    assert (nothing.status_code, nothing.json()["code"]) == (422, "invalid_request")


async def test_json_that_cannot_be_read_is_no_fault_of_a_field(
    certification: RunningService,
) -> None:
    answer = await certification.client().post(
        "/v1/evidence", content=b'{"person": ', headers={"Content-Type": "application/json"}
    )
    (fault,) = answer.json()["errors"]
    assert (answer.status_code, fault["pointer"], fault["code"]) == (422, "", "json_invalid")
    half = b'{"agency_code": "\\ud800"}'
    answer = await certification.client().post(
        "/v1/evidence", content=half, headers={"Content-Type": "application/json"}
    )
    said = {fault["code"]: fault["message"] for fault in answer.json()["errors"]}
    assert said["invalid_character"] == "Phải là chữ Unicode hợp lệ."


async def test_a_redirect_does_not_repeat_the_host_that_the_caller_wrote(
    certification: RunningService,
) -> None:
    client = certification.client()
    for path in ("/v1/results/", "/v1/register-books/?limit=3", "/v1/frameworks/"):
        answer = await client.get(path, headers={"Host": "evil.example"})
        assert answer.status_code in (307, 308)
        assert answer.headers["location"].startswith("/v1/")
        assert "evil" not in answer.headers["location"]


async def test_whatever_the_public_sends_is_answered_in_few_bytes(
    certification: RunningService,
) -> None:
    public = certification.client(None)
    many = {f"field{n}": n for n in range(60_000)}
    large = await public.post("/v1/verify/A1", json=many)
    assert (large.status_code, len(large.content) < 2_000) == (413, True)
    fits = {f"f{n}": n for n in range(1_200)}
    refused = await public.post("/v1/verify/A1", json=fits)
    assert refused.status_code == 422
    assert len(refused.json()["errors"]) == 100
    assert refused.json()["errors_left_out"] == 1_100
    assert len(refused.content) < 20_000
    nested = await public.post("/v1/verify/A1", json={"full_name": {"x" * 9_000: 1}})
    assert (nested.status_code, len(nested.content) < 2_000) == (422, True)


async def test_a_refusal_lists_a_hundred_faults_and_counts_the_others(
    certification: RunningService,
) -> None:
    unknown = {f"{n}" + "x" * 60: n for n in range(3_000)}
    answer = await certification.client().post("/v1/evidence", json=unknown)
    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 100
    assert answer.json()["errors_left_out"] > 2_900
    assert len(answer.content) < 40_000
