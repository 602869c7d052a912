"""The disk fills up under load: nobody is left without an answer, and with room again work goes on."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.making.people import ndjson, result
from tests.system import System

SIZE, LARGER = "320m", "2g"
BALLAST = 100 << 20
LONGEST_ANSWER_SECONDS = 30.0


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of its own that is soon full."""
    with tempfile.TemporaryDirectory(prefix="bac-disk-") as folder:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0755", "tmpfs", folder],
            check=False,
            capture_output=True,
        )
        if mounted.returncode:
            pytest.skip("only an administrator may mount a small disk")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


async def _upload(client: httpx.AsyncClient, number: int) -> int:
    body = b"".join(ndjson(result(row, f"UP-{number}") for row in range(15_000)))
    answer = await client.post(
        "/v1/results/batch", content=body, headers={"Content-Type": "application/x-ndjson"}
    )
    return answer.status_code


async def test_a_full_disk_is_told_and_room_again_is_enough(small_disk: Path) -> None:
    acknowledged: dict[int, str] = {}
    told: Counter[int] = Counter()
    longest = 0.0
    numbers = itertools.count()

    async def post(client: httpx.AsyncClient, number: int) -> int:
        nonlocal longest
        began = time.monotonic()
        answer = await client.post(
            "/v1/results", json=result(number, "SINGLE"), headers={"Idempotency-Key": str(number)}
        )
        longest = max(longest, time.monotonic() - began)
        told[answer.status_code] += 1
        if answer.status_code == 201:
            acknowledged[number] = answer.json()["result_id"]
        return answer.status_code

    home = small_disk / "home"
    home.mkdir()
    with System(home=home) as system:
        (small_disk / "ballast").write_bytes(bytes(BALLAST))
        async with system.async_client(
            "certification", "institution", institution="VINH"
        ) as client:
            for upload in range(20):
                status, *_ = await asyncio.gather(
                    _upload(client, upload), *(post(client, next(numbers)) for _ in range(40))
                )
                if status != 200:
                    break
            assert status == 503
            while await post(client, next(numbers)) == 201:
                pass
            # A server that ended for want of room may find some when it recovers, and take a few more.
            for _ in range(20):
                await post(client, next(numbers))
            await asyncio.sleep(15)  # workers, too, meet the full disk
            subprocess.run(["mount", "-o", f"remount,size={LARGER}", small_disk], check=True)
            for _ in range(120):
                if await post(client, next(numbers)) == 201:
                    break
                await asyncio.sleep(0.5)
            for number, result_id in acknowledged.items():
                again = await client.post("/v1/results", json=result(number, "SINGLE"))
                assert (again.status_code, again.json()["result_id"]) == (200, result_id)
            last = await client.post("/v1/results", json=result(6, "AFTERWARDS"))
            book = await client.get("/v1/register-books/VINH/KNLNN/2026")
            assert int(last.json()["certificate"]["register_number"]) == book.json()["lines"]
        system.targets_caught_up(120)
    assert set(told) == {201, 503}
    assert longest < LONGEST_ANSWER_SECONDS
