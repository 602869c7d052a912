"""What this machine can do at all: the bare ASGI rate and pgbench's own rate, in the same run."""

from __future__ import annotations

import asyncio
import itertools
import re
import socket
import subprocess
import sys

from deploy.local.embedded_postgres.binaries import postgres_binary
from tests.bench.figures import Figure
from tests.bench.wire import get, run_load
from tests.system import System

_BARE = """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
"""


async def bare_asgi() -> Figure:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [
            *(sys.executable, "-c"),
            _BARE + f"\nimport uvicorn; uvicorn.run(app, port={port}, log_level='error')",
        ]
    )
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(100):
            try:
                load = await run_load(
                    url, itertools.repeat(get("/", "none")), clients=32, seconds=3
                )
                break
            except OSError:
                await asyncio.sleep(0.1)
        else:
            raise RuntimeError("the bare ASGI server did not start")
    finally:
        server.terminate()
        server.wait()
    return Figure("probe", "bare ASGI under uvicorn, 32 clients", load.rate, "requests/s")


def plain_pgbench(admin_dsn: str) -> Figure:
    """pgbench's built-in TPC-B-like transaction, 32 clients, 2 threads."""
    tool = postgres_binary("pgbench")
    subprocess.run([tool, "-i", "-q", "-s", "10", admin_dsn], check=True, capture_output=True)
    said = subprocess.run(
        [tool, "-c", "32", "-j", "2", "-T", "5", "-n", admin_dsn],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    subprocess.run([tool, "-i", "-I", "d", admin_dsn], check=True, capture_output=True)
    found = re.search(r"tps = ([\d.]+)", said)
    assert found, said
    return Figure("probe", "pgbench TPC-B, 32 clients", float(found.group(1)), "transactions/s")


def admin_dsn_of(system: System) -> str:
    from deploy.local.embedded_postgres.server import EmbeddedPostgres

    dsn: str = EmbeddedPostgres(system.home).dsn_of_another_run()
    return dsn
