"""What the edge promises: nothing answered that is not stored, nothing done twice."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import APIRouter

from shared.contracts.problem import Problem
from shared.persistence.database import Database
from shared.security.tokens import (
    DEVELOPMENT_KEY_FILE,
    TokenVerifier,
    make_development_key,
    mint,
)
from shared.web.application import build_app
from shared.web.edge import Caller, EdgeRoute, Work


class NameTaken(Problem):
    code, status = "name_taken", 409
    title_vi, title_en = "Tên đã có", "Name taken"


def things() -> APIRouter:
    router = APIRouter(route_class=EdgeRoute)

    @router.post("/v1/things/{name}", status_code=201)
    async def make(name: str, body: dict[str, Any], work: Work, caller: Caller) -> dict[str, Any]:
        if body.get("slow"):
            await asyncio.sleep(body["slow"])
        made = await work.connection.fetchval(
            "INSERT INTO thing VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING name",
            name,
            caller.subject,
        )
        if made is None:
            raise NameTaken
        if body.get("break_commit"):
            await work.connection.execute(
                "CREATE TEMP TABLE later (name text UNIQUE DEFERRABLE INITIALLY DEFERRED)"
            )
            await work.connection.execute("INSERT INTO later VALUES ('a'), ('a')")
        work.audit("thing.made", name)
        return {"name": name}

    @router.put("/v1/things/{name}")
    async def change(name: str, work: Work) -> dict[str, str]:
        return {"name": name}

    return router


@pytest.fixture
async def client(probe: Database, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    key = tmp_path / DEVELOPMENT_KEY_FILE
    make_development_key(key)
    verifier = TokenVerifier.from_environment({"BAC_DEV_KEYS": "1", "BAC_HOME": str(tmp_path)})
    app = build_app(
        service="probe",
        summary="Probe",
        description="",
        database=probe,
        verifier=verifier,
        routers=[things()],
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    token = mint(key, role="admin")
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://probe",
        headers={"Authorization": f"Bearer {token}"},
    ) as client:
        yield client


async def rows(probe: Database, table: str) -> int:
    async with probe.pool.acquire() as connection:
        count: int = await connection.fetchval(f"SELECT count(*) FROM {table}")
        return count


async def test_a_commit_that_fails_is_not_answered_as_done(
    client: httpx.AsyncClient, probe: Database
) -> None:
    answer = await client.post("/v1/things/a", json={"break_commit": True})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "internal_error"
    assert await rows(probe, "thing") == 0
    assert await rows(probe, "audit") == 0


async def test_the_same_key_and_body_gets_the_stored_answer_and_is_done_once(
    client: httpx.AsyncClient, probe: Database
) -> None:
    headers = {"Idempotency-Key": "k1"}
    first = await client.post("/v1/things/a", json={}, headers=headers)
    second = await client.post("/v1/things/a", json={}, headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert second.headers["idempotency-replayed"] == "true"
    assert await rows(probe, "audit") == 1


async def test_the_same_key_with_another_body_is_refused(client: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "k1"}
    await client.post("/v1/things/a", json={}, headers=headers)
    answer = await client.post("/v1/things/a", json={"other": 1}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


async def test_sixteen_equal_requests_at_once_are_done_once_and_answered_alike(
    client: httpx.AsyncClient, probe: Database
) -> None:
    answers = await asyncio.gather(
        *(
            client.post("/v1/things/a", json={"slow": 0.1}, headers={"Idempotency-Key": "k"})
            for _ in range(16)
        )
    )
    assert {answer.status_code for answer in answers} == {201}
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 15
    assert await rows(probe, "thing") == 1


async def test_a_request_that_runs_longer_than_five_seconds_answers_in_progress_to_its_twin(
    client: httpx.AsyncClient,
) -> None:
    headers = {"Idempotency-Key": "k"}
    first = asyncio.create_task(client.post("/v1/things/a", json={"slow": 6}, headers=headers))
    await asyncio.sleep(0.2)
    second = await client.post("/v1/things/a", json={"slow": 6}, headers=headers)
    assert (second.status_code, second.json()["code"]) == (409, "idempotency_in_progress")
    assert (await first).status_code == 201


async def test_a_domain_refusal_is_stored_and_leaves_no_work_behind(
    client: httpx.AsyncClient, probe: Database
) -> None:
    await client.post("/v1/things/a", json={})
    headers = {"Idempotency-Key": "k"}
    first = await client.post("/v1/things/a", json={}, headers=headers)
    async with probe.pool.acquire() as connection:
        await connection.execute("DELETE FROM thing")
    second = await client.post("/v1/things/a", json={}, headers=headers)
    assert (first.status_code, second.status_code) == (409, 409)
    assert first.content == second.content
    assert second.headers["content-type"] == "application/problem+json"


async def test_an_unauthenticated_call_is_401_on_any_path_and_method(
    client: httpx.AsyncClient,
) -> None:
    for method, path in (("GET", "/nowhere"), ("PATCH", "/v1/things/a"), ("POST", "/v1/things/a")):
        answer = await client.request(method, path, headers={"Authorization": "Bearer junk"})
        assert answer.status_code == 401
        assert answer.json()["type"] == "urn:bac:problem:unauthenticated"
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_405_names_every_method_of_the_path(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/v1/things/a")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST, PUT"
    assert answer.json()["code"] == "method_not_allowed"


async def test_problems_speak_the_language_asked_for(client: httpx.AsyncClient) -> None:
    vietnamese = await client.get("/nowhere")
    english = await client.get("/nowhere", headers={"Accept-Language": "en-GB,vi;q=0.3"})
    assert vietnamese.json()["title"] == "Không tìm thấy"
    assert english.json()["title"] == "Not found"


async def test_a_correlation_id_is_kept_and_answered(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nowhere", headers={"X-Correlation-Id": "abc-1"})
    assert answer.headers["x-correlation-id"] == "abc-1"
    assert answer.json()["correlation_id"] == "abc-1"


async def test_head_is_get_without_its_body(client: httpx.AsyncClient) -> None:
    for path, status in (("/health/ready", 200), ("/openapi.json", 200), ("/nowhere", 404)):
        got, head = await client.get(path), await client.head(path)
        assert (head.status_code, head.content) == (status, b"")
        assert head.headers["content-type"] == got.headers["content-type"]
    assert int(head.headers["content-length"]) > 0
    nobody = await client.head("/v1/things/x", headers={"Authorization": ""})
    assert (nobody.status_code, nobody.content) == (401, b"")
    posted_only = await client.head("/v1/things/x")
    assert (posted_only.status_code, posted_only.headers["allow"]) == (405, "POST, PUT")
    told = await client.delete("/health/ready")
    assert (told.status_code, told.headers["allow"]) == (405, "GET, HEAD")


async def test_the_page_of_the_endpoints_needs_no_other_site(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    loaded = re.findall(r'<(?:script|link)[^>]* (?:src|href)="([^"]+)"', page.text)
    assert len(loaded) == 3
    assert not re.search(r"https?://", page.text)
    for address in set(loaded) - {"data:,"}:
        answer = await client.get(address)
        assert answer.status_code == 200
        assert len(answer.content) > 10_000
    assert (await client.get("/docs/assets/../../etc/passwd")).status_code == 404


async def test_the_runtime_role_cannot_rewrite_outbox_or_audit(probe: Database) -> None:
    async with probe.pool.acquire() as connection:
        for statement in ("UPDATE outbox SET data = '{}'", "DELETE FROM audit"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)


async def test_a_connection_that_dies_at_any_moment_is_answered_503(
    client: httpx.AsyncClient, probe: Database, probe_admin_dsn: str
) -> None:
    """Even between the server's last word on a connection and its end, where asyncpg refuses to work."""
    admin = await asyncpg.connect(probe_admin_dsn)
    told: set[int] = set()
    made = 0
    ended = False

    async def post(worker: int) -> None:
        nonlocal made
        number = 0
        while not ended:
            number += 1
            answer = await client.post(f"/v1/things/{worker}-{number}", json={})
            told.add(answer.status_code)
            made += answer.status_code == 201

    posters = [asyncio.create_task(post(worker)) for worker in range(12)]
    for _ in range(60):
        await asyncio.sleep(0.02)
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    ended = True
    await asyncio.gather(*posters)
    await admin.close()
    assert told == {201, 503}
    assert made <= await rows(probe, "thing")


@pytest.mark.parametrize(
    "fault",
    [
        asyncpg.DiskFullError,
        asyncpg.OutOfMemoryError,
        asyncpg.PostgresIOError,
        asyncpg.ReadOnlySQLTransactionError,
        asyncpg.QueryCanceledError,
    ],
)
async def test_a_database_that_cannot_take_anything_now_is_answered_503(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    async def refuse(*_: object) -> None:
        raise fault("no space left on device")

    monkeypatch.setattr("shared.persistence.unit_of_work.append_audit", refuse)
    answer = await client.post("/v1/things/1", json={}, headers={"Idempotency-Key": "full"})
    assert (answer.status_code, answer.json()["code"]) == (503, "dependency_unavailable")
    assert answer.headers["retry-after"] == "2"
    monkeypatch.undo()
    again = await client.post("/v1/things/1", json={}, headers={"Idempotency-Key": "full"})
    assert again.status_code == 201
