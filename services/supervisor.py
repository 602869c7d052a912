"""`make run`: an embedded PostgreSQL, the three services and their workers, watched until told to stop.

Everything here runs on one thread; the kernel ends our children when that thread ends, so even
`kill -9` of the supervisor leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import http.client
import importlib.util
import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from rich.console import Console

from services.child_process import Child, die_with_parent, stop_children
from services.embedded_postgres import EmbeddedPostgres, port_is_free
from services.embedded_postgres_errors import DiskFullError
from services.home import (
    CannotRunError,
    ensure_secrets,
    home_folder,
    migrate_all,
    migrations_digest,
    port_of,
    service_ports,
    usable_folder,
)
from shared.persistence.migrations import role_connections, role_dsn
from shared.persistence.schema import runtime_role_of

ANSWER_LIMIT_SECONDS = 120.0
WORKERS_LATER_SECONDS = 3.0
NO_ROOM_PAUSE_SECONDS = 5.0
PORT_PATIENCE_SECONDS = 2.0
DEGRADED = "degraded"
KEEPERS_OF_PERSON_KEYS = frozenset({"enrolment", "certification"})
"""Who computes ``person_key``; targets knows people by it and by nothing else."""
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """SIGINT or SIGTERM arrived."""


class Supervisor:
    """One run of the whole system. `run` returns when it was told to stop."""

    def __init__(self, environment: Mapping[str, str], console: Console) -> None:
        self.environment = dict(environment)
        self.home = home_folder(environment)
        self.ports = service_ports(environment)
        self.console = console
        self.postgres: EmbeddedPostgres | None = None
        self.children: list[Child] = []
        self._postgres_not_before = 0.0
        self._began = time.monotonic()

    def run(self) -> None:
        """Raises CannotRunError or EmbeddedPostgresError; leaves no process behind in any case."""
        for number in STOP_SIGNALS:
            # `nohup` asked for SIGHUP to be ignored; a background job's ignored SIGINT is no wish.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._on_signal)
        if self.environment.get("BAC_STOP_WITH_PARENT") == "1":
            die_with_parent(signal.SIGTERM)
        try:
            self._start()
            self._watch()
        except StopRequested:
            self._say("stopping")
        except OSError as error:
            raise CannotRunError(
                f"The system stopped itself because of its folder {self.home}: {error.strerror}.",
                f"Hệ thống tự dừng vì thư mục {self.home}: {error.strerror}.",
            ) from error
        finally:
            for number in STOP_SIGNALS:
                signal.signal(number, signal.SIG_IGN)
            stop_children(self.children)
            if self.postgres is not None:
                self.postgres.stop()
        self._say("stopped")

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        raise StopRequested

    def _say(self, text: str) -> None:
        # Where nobody can be told (a full disk, a closed pipe), what runs is not to end for it.
        with contextlib.suppress(OSError):
            self.console.print(f"bac: {text}", highlight=False, markup=False, soft_wrap=True)

    def _start(self) -> None:
        usable_folder(usable_folder(self.home) / "logs")
        if self._is_new():
            self._check_ports()
        admin_dsn = self._database()
        own = ensure_secrets(self.home, self.environment)
        self._check_ports()
        self._migrate(admin_dsn, own["BAC_ROLE_SECRET"])
        services, workers = self._make_children(admin_dsn, own)
        self._say("starting three services and their workers")
        # Services first: on a small machine workers would only make people wait for the ready line.
        for worker in workers:
            worker.not_before = time.monotonic() + WORKERS_LATER_SECONDS
        for service in services:
            service.start()
        self.children = [*services, *workers]
        self._wait_until_ready()
        for worker in workers:
            worker.not_before = 0.0
        self._keep_alive()
        self._load_demonstration()
        urls = " ".join(f"{name}=http://127.0.0.1:{port}" for name, port in self.ports.items())
        took = time.monotonic() - self._began
        print(f"bac: ready {urls} ({took:.1f} s)", flush=True)  # noqa: T201 - the promised line

    def _is_new(self) -> bool:
        """Whether a data folder would be made: not for a run that cannot be. Where one exists, a run
        that holds it is told of before the ports it holds."""
        data = self.home / "postgres" / "data"
        return not self.environment.get("DATABASE_URL") and not data.exists()

    def _database(self) -> str:
        given = self.environment.get("DATABASE_URL")
        if given:
            return given
        for environment in (self.environment, os.environ):
            # On loopback there is nothing to encrypt, and no look for keys in a home of others.
            environment.setdefault("PGSSLMODE", "disable")
        self._say("starting PostgreSQL")
        self.postgres = EmbeddedPostgres(self.home, port=port_of(self.environment, "postgres", 0))
        return self.postgres.start(self._say)

    def _check_ports(self) -> None:
        """A port may still be held for a moment by a run that was killed just now."""
        until = time.monotonic() + PORT_PATIENCE_SECONDS
        for service, port in self.ports.items():
            while not port_is_free(port):
                if time.monotonic() > until:
                    raise CannotRunError(
                        f"Port {port} for {service} is in use by another program; stop it, or set "
                        f"BAC_{service.upper()}_PORT to a free one.",
                        f"Cổng {port} dành cho {service} đang bị chương trình khác dùng; hãy dừng "
                        f"nó, hoặc đặt BAC_{service.upper()}_PORT sang cổng trống.",
                    )
                time.sleep(0.05)

    def _migrate(self, admin_dsn: str, role_secret: str) -> None:
        marker = self.home / "migrated"
        connections = role_connections(self.environment)
        digest = migrations_digest(f"{self._cluster()} {connections}")
        if self.postgres is not None and _says(marker, digest):
            return
        asyncio.run(migrate_all(admin_dsn, role_secret, connections, self._say))
        marker.write_text(digest + "\n")

    def _cluster(self) -> str:
        if self.postgres is not None:
            return self.postgres.cluster()
        return hashlib.sha256(self.environment["DATABASE_URL"].encode()).hexdigest()

    def _make_children(
        self, admin_dsn: str, own: dict[str, str]
    ) -> tuple[list[Child], list[Child]]:
        services: list[Child] = []
        workers: list[Child] = []
        for kind in ("service", "worker"):
            for service, port in self.ports.items():
                environment = {
                    **self.environment,
                    "BAC_HOME": str(self.home),
                    "BAC_DEV_KEYS": "1",
                    "BAC_PERSON_KEY": own["BAC_PERSON_KEY"],
                    "PYTHONUNBUFFERED": "1",
                    # `bac` looks for its code in its own place only, and so do its children.
                    **({"PYTHONSAFEPATH": "1"} if sys.flags.safe_path else {}),
                }
                # A service gets its own role's address and nobody else's.
                for other in self.ports.keys() - {service}:
                    environment.pop(f"BAC_{other.upper()}_DATABASE_URL", None)
                environment.pop("DATABASE_URL", None)
                environment.pop("BAC_ROLE_SECRET", None)
                if service not in KEEPERS_OF_PERSON_KEYS:
                    environment.pop("BAC_PERSON_KEY")
                environment.setdefault(
                    f"BAC_{service.upper()}_DATABASE_URL",
                    role_dsn(
                        admin_dsn, runtime_role_of(service), bytes.fromhex(own["BAC_ROLE_SECRET"])
                    ),
                )
                for other, number in self.ports.items():
                    environment[f"BAC_{other.upper()}_URL"] = f"http://127.0.0.1:{number}"
                name = service if kind == "service" else f"{service}-worker"
                command = (
                    service_command(service, port)
                    if kind == "service"
                    else [sys.executable, "-m", "services.cli", "worker", service]
                )
                log = self.home / "logs" / f"{name}.log"
                kept = services if kind == "service" else workers
                kept.append(Child(name, command, environment, log))
        return services, workers

    def _wait_until_ready(self) -> None:
        """Wait for all services. One that answers that it is not ready yet has all the time it needs
        (a projection may be made anew); one that does not answer has not."""
        until = time.monotonic() + ANSWER_LIMIT_SECONDS
        told_at = time.monotonic()
        waiting = dict(self.ports)
        while waiting:
            self._keep_alive()
            for service, port in list(waiting.items()):
                missing = _what_is_missing(port)
                if missing == "":
                    del waiting[service]
                elif missing == DEGRADED:
                    del waiting[service]
                    self._say(f"{service} is degraded; `bac feed faults` says why")
                elif missing is not None:
                    until = time.monotonic() + ANSWER_LIMIT_SECONDS
                    if time.monotonic() - told_at > 5:
                        told_at = time.monotonic()
                        self._say(f"{service}: {missing}")
            failing = next((child for child in self.children if child.failures > 4), None)
            if failing is not None or time.monotonic() > until:
                name = failing.name if failing else next(iter(waiting))
                child = next(child for child in self.children if child.name == name)
                raise CannotRunError(
                    f"{name} does not start; its last words in {child.log}: {child.last_words()}",
                    f"{name} không khởi động được; dòng cuối trong {child.log}: "
                    f"{child.last_words()}",
                )
            if waiting:
                time.sleep(0.05)

    def _load_demonstration(self) -> None:
        if self.environment.get("BAC_DEMO") == "0":
            return
        if importlib.util.find_spec("services.demonstration") is None:
            return
        marker = self.home / "demonstration"
        if _says(marker, self._cluster()):
            return
        self._say("loading invented demonstration data (BAC_DEMO=0 leaves it out)")
        loader = Child(
            "demonstration",
            [sys.executable, "-m", "services.cli", "load", "demonstration"],
            self.children[0].environment,
            self.home / "logs" / "demonstration.log",
        )
        loader.start()
        assert loader.process is not None
        told, told_at = "", time.monotonic()
        try:
            while loader.process.poll() is None:
                self._keep_alive()
                words = loader.last_words()
                if words != told and time.monotonic() - told_at > 1:
                    told, told_at = words, time.monotonic()
                    self._say(words)
                time.sleep(0.1)
        finally:
            stop_children([loader])
        if loader.process.returncode:
            # The command ends with its reason in English and then in Vietnamese.
            english, vietnamese = (*loader.last_lines(2), "", "")[:2]
            raise CannotRunError(
                f"The demonstration data could not be loaded ({english.removeprefix('bac: ')}); "
                f"see {loader.log}, or start with BAC_DEMO=0.",
                f"Không nạp được dữ liệu minh họa ({vietnamese.removeprefix('bac: ')}); xem "
                f"{loader.log}, hoặc chạy với BAC_DEMO=0.",
            )
        marker.write_text(self._cluster() + "\n")

    def _watch(self) -> None:
        while True:
            self._keep_alive()
            time.sleep(0.1)

    def _keep_alive(self) -> None:
        if self.postgres is not None and not self.postgres.alive():
            self._start_again(self.postgres)
        for child in self.children:
            child.watch(self._say)

    def _start_again(self, postgres: EmbeddedPostgres) -> None:
        """On a full disk the services go on, answer what they can and refuse the rest, until there is room
        again."""
        if time.monotonic() < self._postgres_not_before:
            return
        if not self._postgres_not_before:
            self._say("PostgreSQL ended; starting it again")
        try:
            postgres.start(self._say)
        except DiskFullError as error:
            self._say(f"{error.english} Looking again every {NO_ROOM_PAUSE_SECONDS:.0f} s.")
            self._postgres_not_before = time.monotonic() + NO_ROOM_PAUSE_SECONDS
        else:
            self._postgres_not_before = 0.0


def service_command(service: str, port: int, host: str = "127.0.0.1") -> list[str]:
    """How a service is run; `deploy/` says the same."""
    return [
        *(sys.executable, "-m", "uvicorn", f"services.{service}.app:create_app", "--factory"),
        *("--host", host, "--port", str(port), "--loop", "uvloop"),
        *("--http", "shared.web.http_protocol:BoundedHttp", "--ws", "none"),
        *("--no-access-log", "--no-server-header", "--no-proxy-headers", "--log-level", "warning"),
        *("--timeout-graceful-shutdown", "5"),
    ]


def _says(marker: Path, text: str) -> bool:
    return marker.exists() and marker.read_text().strip() == text


def _what_is_missing(port: int) -> str | None:
    """What the service says it waits for, empty when it is ready, None when it does not answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/ready", headers={"Accept-Language": "en"})
        answer = connection.getresponse()
        said = json.loads(answer.read())
        if answer.status == 200:
            return DEGRADED if said.get("status") == DEGRADED else ""
        return str(said.get("detail", f"not ready ({answer.status})"))
    except (OSError, http.client.HTTPException, ValueError, AttributeError):
        return None
    finally:
        connection.close()
