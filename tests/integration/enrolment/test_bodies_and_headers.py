"""What every endpoint does with a body's form and a request's headers, at the directory."""

from __future__ import annotations

import codecs
import gzip
import json
import re

import pytest

from tests.making.directory import BODY, NEW_BODY
from tests.running import RunningService

JSON = {"Content-Type": "application/json"}
PATH = "/v1/institutions/NEW"


async def test_a_key_that_stands_twice_is_refused_by_its_place(enrolment: RunningService) -> None:
    admin = enrolment.client()
    twice = json.dumps(BODY).replace('"language"', '"language": "fr", "language"', 1)
    answer = await admin.put(PATH, content=twice, headers=JSON)
    assert answer.status_code == 422
    fault = answer.json()["errors"][0]
    assert (fault["code"], fault["pointer"]) == ("key_repeated", "/authorisations/0/language")
    assert (await admin.get(PATH)).status_code == 404
    row = json.dumps({"code": "TWICE", **NEW_BODY}).replace('"name"', '"name": "Một", "name"')
    report = (
        await admin.post(
            "/v1/agencies/import", content=row, headers={"Content-Type": "application/x-ndjson"}
        )
    ).json()
    assert [(e["row"], e["code"], e["pointer"]) for e in report["errors"]] == [
        (1, "key_repeated", "/name")
    ]


async def test_a_byte_order_mark_before_a_body_is_passed_over(enrolment: RunningService) -> None:
    marked = codecs.BOM_UTF8 + json.dumps(BODY).encode()
    assert (await enrolment.client().put(PATH, content=marked, headers=JSON)).status_code == 201


@pytest.mark.parametrize(
    "kind", ["application/json", "application/x-ndjson", "text/csv", "application/vnd.ms-excel"]
)
async def test_a_packed_file_is_told_by_its_first_bytes(
    enrolment: RunningService, kind: str
) -> None:
    body = gzip.compress(json.dumps([BODY]).encode())
    answer = await enrolment.client().post(
        "/v1/agencies/import", content=body, headers={"Content-Type": kind}
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert answer.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("how", ["gzip", "br", "deflate", "gzip, identity"])
@pytest.mark.parametrize(
    ("method", "path"), [("PUT", PATH), ("POST", "/v1/agencies/import"), ("POST", "/nowhere")]
)
async def test_a_packed_body_is_415_at_every_address(
    enrolment: RunningService, how: str, method: str, path: str
) -> None:
    body = gzip.compress(json.dumps(BODY).encode())
    headers = {**JSON, "Content-Encoding": how}
    answer = await enrolment.client().request(method, path, content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert answer.headers["accept-encoding"] == "identity"
    assert "Content-Encoding" in answer.json()["detail"]


async def test_an_announced_body_that_never_came_is_refused_and_spends_no_key(
    enrolment: RunningService,
) -> None:
    admin = enrolment.client()
    rows = json.dumps([{"code": "LOST", **NEW_BODY}]).encode()
    headers = {**JSON, "Idempotency-Key": "lost-1"}
    lost = await admin.post(
        "/v1/agencies/import", content=b"", headers={**headers, "Content-Length": "5000"}
    )
    assert lost.status_code == 422
    assert lost.json()["errors"][0]["code"] == "body_missing"
    again = await admin.post("/v1/agencies/import", content=rows, headers=headers)
    assert (again.status_code, again.json()["received"]) == (200, 1)


async def test_what_is_known_is_not_sent_again(enrolment: RunningService) -> None:
    admin = enrolment.client()
    await admin.put(PATH, json=BODY)
    first = await admin.get(PATH)
    tag = first.headers["etag"]
    for given in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        again = await admin.get(PATH, headers={"If-None-Match": given})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await admin.head(PATH, headers={"If-None-Match": tag})).status_code == 304
    changed = await admin.get(PATH, headers={"If-None-Match": '"other"'})
    assert (changed.status_code, changed.content) == (200, first.content)


async def test_a_put_that_must_create_changes_nothing_that_exists(
    enrolment: RunningService,
) -> None:
    admin = enrolment.client()
    only_new = {"If-None-Match": "*"}
    assert (await admin.put(PATH, json=BODY, headers=only_new)).status_code == 201
    refused = await admin.put(PATH, json=BODY | {"name": "Khác"}, headers=only_new)
    assert (refused.status_code, refused.json()["code"]) == (412, "stale_version")
    assert refused.headers["etag"] == (await admin.get(PATH)).headers["etag"]
    assert (await admin.get(PATH)).json()["name"] == BODY["name"]


async def test_no_answer_of_a_token_is_kept_and_no_answer_is_guessed_at(
    enrolment: RunningService,
) -> None:
    admin, nobody = enrolment.client(), enrolment.client(role=None)
    for client, path, status in (
        (admin, "/v1/officials", 200),
        (admin, "/v1/officials.csv", 200),
        (admin, "/v1/officials/NOBODY", 404),
        (nobody, "/v1/officials", 401),
    ):
        answer = await client.get(path)
        assert answer.status_code == status
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
    public = await nobody.get("/openapi.json")
    assert "cache-control" not in public.headers
    assert public.headers["x-content-type-options"] == "nosniff"


async def test_the_page_of_the_endpoints_runs_its_own_scripts_only(
    enrolment: RunningService,
) -> None:
    page = await enrolment.client(role=None).get("/docs")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    scripts = re.search(r"script-src ([^;]+)", policy)
    assert scripts is not None
    assert "unsafe" not in scripts[1]
    assert scripts[1].count("sha256-") == page.text.count("<script>")
    assert "persistAuthorization" not in page.text


async def test_who_is_kept_out_stands_in_the_log_without_names(
    enrolment: RunningService, capsys: pytest.CaptureFixture[str]
) -> None:
    clerk = enrolment.client("agency", agency="NOBODY")
    await enrolment.client(role=None).get("/v1/officials/SECRET-CODE?name=SECRET")
    await clerk.get("/v1/officials/SECRET-CODE")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = [(line["status"], line["role"]) for line in lines if line["event"] == "request"]
    assert told == [(401, None), (404, "agency")]
    assert "SECRET" not in str(lines)
