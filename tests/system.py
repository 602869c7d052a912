"""The whole system as `make run` starts it: PostgreSQL, three services, three workers, real processes."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import httpx
import psutil

from shared.persistence.schema import SERVICES
from shared.security.tokens import DEVELOPMENT_KEY_FILE, mint

READY_LIMIT_SECONDS = 600.0


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class System:
    """A run of `bac up` in a folder of its own. Use as a context manager."""

    def __init__(
        self,
        *,
        demonstration: bool = False,
        home: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._own_home = home is None
        self.home = home or Path(tempfile.mkdtemp(prefix="bac-system-"))
        self.home.chmod(0o711)
        self.ports = dict(zip(SERVICES, free_ports(len(SERVICES)), strict=True))
        self.urls = {name: f"http://127.0.0.1:{port}" for name, port in self.ports.items()}
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("BAC_") and name != "DATABASE_URL"
        }
        self.environment |= {
            "BAC_HOME": str(self.home),
            "BAC_DEMO": "1" if demonstration else "0",
            **{f"BAC_{name.upper()}_PORT": str(port) for name, port in self.ports.items()},
            **(settings or {}),
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.said = self.home / "supervisor.log"
        self.ready_after = 0.0

    def start(self) -> None:
        """Starts, and returns at the ready line. Raises RuntimeError with what was said instead."""
        began = time.monotonic()
        with self.said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services.command", "up"],
                env=self.environment,
                cwd=Path(__file__).parents[1],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        while "bac: ready" not in self.said.read_text(errors="replace"):
            if self.process.poll() is not None or time.monotonic() - began > READY_LIMIT_SECONDS:
                self.stop()
                raise RuntimeError(self.said.read_text(errors="replace")[-4000:])
            time.sleep(0.05)
        self.ready_after = time.monotonic() - began

    def stop(self) -> None:
        if self.process is not None:
            process, self.process = self.process, None
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        if self._own_home:
            shutil.rmtree(self.home, ignore_errors=True)

    def token(self, role: str = "admin", **who: str) -> str:
        return mint(self.home / DEVELOPMENT_KEY_FILE, role=role, **who)  # type: ignore[arg-type]

    def client(self, service: str, role: str = "admin", **who: str) -> httpx.Client:
        return httpx.Client(
            base_url=self.urls[service],
            headers={"Authorization": f"Bearer {self.token(role, **who)}"},
            timeout=60,
        )

    def async_client(self, service: str, role: str = "admin", **who: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self.urls[service],
            headers={"Authorization": f"Bearer {self.token(role, **who)}"},
            timeout=60,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=64),
        )

    # Which process is which, so that a fault can be aimed

    def pid_of_service(self, service: str) -> int:
        return self._child(f"services.{service}.app:create_app")

    def pid_of_worker(self, service: str) -> int:
        return self._child("services.command", "worker", service)

    def pid_of_postgres(self) -> int:
        """The postmaster's; 0 while there is none, or its file is only being written."""
        try:
            said = (self.home / "postgres/data/postmaster.pid").read_text().split()
        except FileNotFoundError:
            return 0
        return int(said[0]) if said else 0

    def _child(self, *words: str) -> int:
        assert self.process is not None
        for child in psutil.Process(self.process.pid).children(recursive=True):
            try:
                line = child.cmdline()
            except psutil.Error:
                continue
            if all(word in line for word in words):
                return int(child.pid)
        raise LookupError(f"no process runs {words}")

    def targets_caught_up(self, limit: float = 60.0) -> float:
        """Waits until targets has counted all of both feeds; returns how many seconds that took."""
        began = time.monotonic()
        with (
            self.client("enrolment") as enrolment,
            self.client("certification") as certification,
            self.client("targets") as targets,
        ):
            feeds = {"enrolment": enrolment, "certification": certification}
            while True:
                # Asked anew each time: enrolment's feed grows by what it hears from certification's.
                answer = targets.get("/v1/plans/hoanghoa-2021/progress").json()
                counted = answer.get("counted_at", {})
                pages = [
                    client.get("/v1/events", params={"after": counted.get(name), "limit": 1}).json()
                    for name, client in feeds.items()
                ]
                if counted and all(page["settled"] and not page["events"] for page in pages):
                    return time.monotonic() - began
                if time.monotonic() - began > limit:
                    heads = [page["head"] for page in pages]
                    raise TimeoutError(f"targets stands at {counted}, the feeds at {heads}")
                time.sleep(0.02)
