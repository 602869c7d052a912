"""`make run`: an embedded PostgreSQL, the three services and their workers, watched until told to stop.

Everything here runs on one thread; the kernel ends our children when that thread ends, so even
`kill -9` of the supervisor leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import importlib.util
import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from rich.console import Console

from deploy.local.addresses import port_of, service_ports
from deploy.local.child_process import Child, die_with_parent, stop_children
from deploy.local.children import make_children
from deploy.local.embedded_postgres.errors import DiskFullError
from deploy.local.embedded_postgres.ports import port_is_free
from deploy.local.embedded_postgres.server import EmbeddedPostgres
from deploy.local.errors import CannotRunError
from deploy.local.home import ensure_secrets, home_folder, usable_folder
from deploy.local.migrating import migrate_all, migrations_digest
from deploy.local.readiness import DEGRADED, what_is_missing
from shared.persistence.migrations import role_connections

ANSWER_LIMIT_SECONDS = 120.0
WORKERS_LATER_SECONDS = 3.0
NO_ROOM_PAUSE_SECONDS = 5.0
PORT_PATIENCE_SECONDS = 2.0
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
        services, workers = make_children(self.environment, self.home, self.ports, admin_dsn, own)
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
        """Whether this run would make a data folder. A run that cannot begin makes none. Where a folder exists,
        another run that uses it is reported first, and then the ports that are taken."""
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

    def _wait_until_ready(self) -> None:
        """Wait for all services. One that answers that it is not ready yet has all the time it needs
        (a projection may be made anew); one that does not answer has not."""
        until = time.monotonic() + ANSWER_LIMIT_SECONDS
        reported_at = time.monotonic()
        waiting = dict(self.ports)
        while waiting:
            self._keep_alive()
            for service, port in list(waiting.items()):
                missing = what_is_missing(port)
                if missing == "":
                    del waiting[service]
                elif missing == DEGRADED:
                    del waiting[service]
                    self._say(f"{service} is degraded; `bac feed faults` says why")
                elif missing is not None:
                    until = time.monotonic() + ANSWER_LIMIT_SECONDS
                    if time.monotonic() - reported_at > 5:
                        reported_at = time.monotonic()
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
            [sys.executable, "-m", "services.command", "load", "demonstration"],
            self.children[0].environment,
            self.home / "logs" / "demonstration.log",
        )
        loader.start()
        assert loader.process is not None
        shown, shown_at = "", time.monotonic()
        try:
            while loader.process.poll() is None:
                self._keep_alive()
                words = loader.last_words()
                if words != shown and time.monotonic() - shown_at > 1:
                    shown, shown_at = words, time.monotonic()
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


def _says(marker: Path, text: str) -> bool:
    return marker.exists() and marker.read_text().strip() == text
