"""Heavy requests: a share of each caller and of all, told by 429."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from shared.persistence.database import Database
from shared.security.tokens import (
    DEVELOPMENT_KEY_FILE,
    TokenVerifier,
    make_development_key,
    mint,
)
from shared.web.application import build_app
from shared.web.shares import Shares, hold_share


def heavy(go: asyncio.Event) -> APIRouter:
    router = APIRouter()

    @router.get("/v1/file")
    async def file(request: Request, broken: bool = False) -> StreamingResponse:
        hold_share(request, "export")

        async def pieces() -> AsyncIterator[bytes]:
            yield b"begins"
            await go.wait()
            if broken:
                raise RuntimeError("the file breaks off")

        return StreamingResponse(pieces())

    return router


class World:
    def __init__(self, key: Path, transport: httpx.ASGITransport, go: asyncio.Event) -> None:
        self.key, self.transport, self.go = key, transport, go

    def client(self, subject: str) -> httpx.AsyncClient:
        token = mint(self.key, role="admin", subject=subject)
        return httpx.AsyncClient(
            transport=self.transport,
            base_url="http://probe",
            headers={"Authorization": f"Bearer {token}"},
        )


@pytest.fixture
def world(probe: Database, tmp_path: Path) -> World:
    key = tmp_path / DEVELOPMENT_KEY_FILE
    make_development_key(key)
    go = asyncio.Event()
    app = build_app(
        service="probe",
        summary="Probe",
        description="",
        database=probe,
        verifier=TokenVerifier.from_environment({"BAC_DEV_KEYS": "1", "BAC_HOME": str(tmp_path)}),
        routers=[heavy(go)],
        environment={"BAC_EXPORTS_AT_ONCE": "2/3"},
    )
    return World(key, httpx.ASGITransport(app, raise_app_exceptions=False), go)


async def statuses(running: list[asyncio.Task[httpx.Response]]) -> list[int]:
    return sorted(answer.status_code for answer in await asyncio.gather(*running))


async def test_a_caller_is_told_when_its_share_is_used_up_and_others_go_on(world: World) -> None:
    one, other, third = (world.client(name) for name in ("one", "other", "third"))
    running = [asyncio.create_task(one.get("/v1/file")) for _ in range(2)]
    await asyncio.sleep(0.05)
    refused = await one.get("/v1/file")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert int(refused.headers["retry-after"]) > 0
    running.append(asyncio.create_task(other.get("/v1/file")))
    await asyncio.sleep(0.05)
    assert (await third.get("/v1/file")).status_code == 429, "three in all"
    world.go.set()
    assert await statuses(running) == [200, 200, 200]
    assert (await one.get("/v1/file")).status_code == 200


async def test_a_share_comes_back_from_a_file_that_breaks_off_and_from_a_reader_that_leaves(
    world: World,
) -> None:
    one = world.client("one")
    for _ in range(4):
        reading = asyncio.create_task(one.get("/v1/file"))
        await asyncio.sleep(0.02)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    world.go.set()
    for _ in range(2):
        with pytest.raises(RuntimeError, match="breaks off"):
            transport: Any = httpx.ASGITransport(world.transport.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://probe") as raw:
                await raw.get("/v1/file?broken=true", headers=dict(one.headers))
    assert (await one.get("/v1/file")).status_code == 200


@pytest.mark.parametrize("given", ["4", "0/4", "5/4", "many", "-1/4"])
def test_a_setting_that_is_no_share_stops_the_start(given: str) -> None:
    with pytest.raises(ValueError, match="BAC_UPLOADS_AT_ONCE"):
        Shares.read({"BAC_UPLOADS_AT_ONCE": given})
