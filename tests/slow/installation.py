"""The processes of one version of the code, on a database that is given: services, workers, migration."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final, Self

import httpx

from deploy.local.children import make_children
from shared.persistence.schema import SERVICES
from shared.security.tokens import DEVELOPMENT_KEY_FILE, make_development_key, mint
from tests.running import PERSON_KEY, ROLE_SECRET
from tests.system import free_ports

READY_SECONDS: Final = 120.0


class Installation:
    """A context manager: the processes run inside it. ``code`` is the folder whose ``services/`` they are of."""

    def __init__(self, code: Path, admin_dsn: str, home: Path) -> None:
        self.code = code
        self.home = home
        self.ports = dict(zip(SERVICES, free_ports(len(SERVICES)), strict=True))
        make_development_key(home / DEVELOPMENT_KEY_FILE)
        (home / "logs").mkdir(exist_ok=True)
        self._admin_dsn = admin_dsn
        self._running: list[subprocess.Popen[bytes]] = []
        # The folder comes before the checkout on Python's path.
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("BAC_")},
            "PYTHONPATH": str(code),
            "PYTHONSAFEPATH": "1",
        }

    @property
    def _command(self) -> str:
        """The module of `bac`: older versions have it elsewhere."""
        return "services.command" if (self.code / "services/command").is_dir() else "services.cli"

    def migrate(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", self._command, "migrate"],
            env={
                **self._environment,
                "BAC_HOME": str(self.home),
                "DATABASE_URL": self._admin_dsn,
                "BAC_ROLE_SECRET": ROLE_SECRET.hex(),
            },
            cwd=self.code,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def __enter__(self) -> Self:
        secrets = {"BAC_PERSON_KEY": PERSON_KEY, "BAC_ROLE_SECRET": ROLE_SECRET.hex()}
        services, workers = make_children(
            self._environment, self.home, self.ports, self._admin_dsn, secrets
        )
        for worker in workers:
            worker.command[2] = self._command
        for child in (*services, *workers):
            with child.log.open("ab") as log:
                self._running.append(
                    subprocess.Popen(
                        child.command,
                        env=child.environment,
                        cwd=self.code,
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                    )
                )
        try:
            for service in SERVICES:
                self._wait_for(service)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        for process in self._running:
            process.terminate()
        for process in self._running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()

    def client(self, service: str, role: str = "admin", **who: Any) -> httpx.Client:
        token = mint(self.home / DEVELOPMENT_KEY_FILE, role=role, **who)
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.ports[service]}",
            headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"},
            timeout=60,
        )

    def _wait_for(self, service: str) -> None:
        until = time.monotonic() + READY_SECONDS
        with self.client(service) as client:
            while True:
                try:
                    if client.get("/health/ready").status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                if time.monotonic() > until:
                    raise TimeoutError((self.home / "logs" / f"{service}.log").read_text()[-3000:])
                time.sleep(0.1)
