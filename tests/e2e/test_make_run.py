"""One newcomer's machine through a bad day: everything is killed once, and it always comes back."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from deploy.local.embedded_postgres.server import EmbeddedPostgres
from shared.persistence.schema import SERVICES
from tests.system import System

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def own() -> Iterator[System]:
    """A run that these tests may break."""
    system = System()
    try:
        system.start()
        yield system
    finally:
        system.__exit__()


def family(system: System) -> list[psutil.Process]:
    assert system.process is not None
    parent = psutil.Process(system.process.pid)
    return [parent, *parent.children(recursive=True)]


def all_ready(system: System) -> bool:
    for url in system.urls.values():
        try:
            if httpx.get(f"{url}/health/ready", timeout=2).status_code != 200:
                return False
        except httpx.TransportError:
            return False
    return True


def wait_for(condition: Callable[[], bool], seconds: float = 30.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_the_ready_line_names_three_services_that_answer(own: System) -> None:
    lines = own.said.read_text().splitlines()
    (ready,) = (line for line in lines if line.startswith("bac: ready"))
    for name, url in own.urls.items():
        assert f"{name}={url}" in ready
    assert all_ready(own)
    assert any("migrating enrolment" in line for line in lines), "progress is shown"


def test_six_processes_work_beside_postgres_and_none_knows_anothers_address(own: System) -> None:
    for name in SERVICES:
        for pid in (own.pid_of_service(name), own.pid_of_worker(name)):
            environment = psutil.Process(pid).environ()
            addresses = {key for key in environment if key.endswith("DATABASE_URL")}
            assert addresses == {f"BAC_{name.upper()}_DATABASE_URL"}
            assert "BAC_ROLE_SECRET" not in environment
            assert environment["BAC_DEV_KEYS"] == "1"


def bac(system: System, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.command", *words],
        env=system.environment,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def test_a_printed_token_opens_every_service(own: System) -> None:
    token = bac(own, "token", "--role", "admin").stdout.strip()
    for url in own.urls.values():
        asked = f"{url}/v1/events?limit=1"
        assert httpx.get(asked).status_code == 401
        assert httpx.get(asked, headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_a_running_system_can_be_migrated_read_and_checked(own: System) -> None:
    for words in (
        ("migrate",),
        ("feed", "tail", "enrolment", "--from-start", "--no-follow"),
        ("targets", "check"),
    ):
        done = bac(own, *words)
        assert done.returncode == 0, done.stderr
    assert "0 differences" in done.stdout


def test_a_second_run_in_the_same_folder_is_refused_in_one_sentence(own: System) -> None:
    again = bac(own, "up")
    assert again.returncode == 1
    assert "already uses" in again.stderr
    assert "Traceback" not in again.stderr
    assert all_ready(own)


@pytest.mark.parametrize("service", SERVICES)
def test_a_killed_service_and_its_worker_come_back(own: System, service: str) -> None:
    for find in (own.pid_of_service, own.pid_of_worker):
        before = find(service)
        os.kill(before, signal.SIGKILL)

        def came_back(before: int = before, find: Callable[[str], int] = find) -> bool:
            try:
                return find(service) != before
            except LookupError:
                return False

        assert wait_for(came_back)
    assert wait_for(lambda: all_ready(own))


def test_a_killed_postgres_comes_back_by_itself(own: System) -> None:
    before = own.pid_of_postgres()
    os.kill(before, signal.SIGKILL)
    assert wait_for(lambda: "PostgreSQL ended; starting it again" in own.said.read_text())
    assert wait_for(lambda: own.pid_of_postgres() not in (0, before) and all_ready(own))


def test_kill_9_of_the_supervisor_leaves_nothing_and_the_next_run_starts(own: System) -> None:
    processes = family(own)
    assert own.process is not None
    own.process.kill()
    own.process.wait()
    own.process = None
    own.start()
    assert all_ready(own)
    _, alive = psutil.wait_procs(processes, timeout=5)
    assert alive == []


def test_sigterm_stops_everything_cleanly_and_a_restart_migrates_nothing(own: System) -> None:
    processes = family(own)
    assert own.process is not None
    own.process.send_signal(signal.SIGTERM)
    assert own.process.wait(30) == 0
    own.process = None
    _, alive = psutil.wait_procs(processes, timeout=5)
    assert alive == []
    log = (own.home / "postgres" / "server.log").read_text()
    assert "database system is shut down" in log.splitlines()[-1]
    own.start()
    assert "migrating" not in own.said.read_text()


def test_a_port_in_use_is_refused_in_one_sentence(own: System) -> None:
    own.stop()
    with socket.socket() as other:
        other.bind(("127.0.0.1", own.ports["targets"]))
        other.listen()
        with pytest.raises(RuntimeError) as refused:
            own.start()
    said = str(refused.value)
    assert f"Port {own.ports['targets']} for targets is in use" in said
    assert "Cổng" in said
    assert "Traceback" not in said
    own.start()
    assert all_ready(own)


def test_make_run_stops_with_the_make_that_started_it(own: System) -> None:
    own.stop()
    make = subprocess.Popen(
        ["make", "run"],
        env=own.environment,
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        assert make.stdout is not None
        assert any(line.startswith("bac: ready") for line in make.stdout)
        processes = psutil.Process(make.pid).children(recursive=True)
        assert len(processes) > 7
    finally:
        make.kill()
        make.wait()
        assert make.stdout is not None
        make.stdout.close()
    _, alive = psutil.wait_procs(processes, timeout=30)
    assert alive == []


def test_database_url_names_another_postgres_and_none_is_started(short_folder: Path) -> None:
    # Not the tests' own server: a run sets the passwords of roles, which belong to a whole server.
    other = EmbeddedPostgres(short_folder / "other")
    system = System()
    try:
        system.environment["DATABASE_URL"] = other.start()
        with system:
            assert all_ready(system)
            assert not (system.home / "postgres").exists()
            assert "postgres" not in [process.name() for process in family(system)]
            environment = psutil.Process(system.pid_of_service("targets")).environ()
            assert "bac_targets:" in environment["BAC_TARGETS_DATABASE_URL"]
            assert "DATABASE_URL" not in environment
    finally:
        other.stop()
