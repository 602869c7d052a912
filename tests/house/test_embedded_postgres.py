"""The launcher keeps its promises when things around it go wrong."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from deploy.local.embedded_postgres import server as embedded_server
from deploy.local.embedded_postgres.binaries import postgres_binary
from deploy.local.embedded_postgres.errors import (
    AlreadyRunningError,
    BrokenDataFolderError,
    DiskFullError,
    EmbeddedPostgresError,
    NoAccessError,
    PortInUseError,
)
from deploy.local.embedded_postgres.server import EmbeddedPostgres

REPOSITORY = Path(__file__).parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to change the account")


@pytest.fixture
def home(short_folder: Path) -> Path:
    return short_folder / "bac"


@pytest.fixture
def server(home: Path) -> Iterator[EmbeddedPostgres]:
    running = EmbeddedPostgres(home)
    running.start()
    yield running
    running.stop()


async def ask(dsn: str, query: str) -> object:
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def assert_one_sentence_each(error: EmbeddedPostgresError) -> None:
    for sentence in (error.english, error.vietnamese):
        assert sentence.endswith(".")
        assert "\n" not in sentence
        assert "Traceback" not in sentence


async def test_a_new_server_answers_on_loopback_and_is_durable(server: EmbeddedPostgres) -> None:
    assert "@127.0.0.1:" in server.dsn
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert await ask(server.dsn, f"SHOW {setting}") == "on"
    assert await ask(server.dsn, "SHOW listen_addresses") == "127.0.0.1"
    assert await ask(server.dsn, "SELECT pg_encoding_to_char(6) || lower('ĐẮK')") == "UTF8đắk"


async def test_durability_cannot_be_switched_off(home: Path) -> None:
    server = EmbeddedPostgres(home, settings={"fsync": "off", "synchronous_commit": "off"})
    try:
        assert await ask(server.start(), "SHOW fsync") == "on"
        assert await ask(server.dsn, "SHOW synchronous_commit") == "on"
    finally:
        server.stop()


async def test_the_socket_answers_too_and_a_wrong_password_never_does(
    server: EmbeddedPostgres,
) -> None:
    password = (server.home / "postgres.password").read_text().strip()
    connection = await asyncpg.connect(
        host=str(server.socket_folder),
        port=server.port,
        user="postgres",
        password=password,
        database="bac",
    )
    assert await connection.fetchval("SELECT 1") == 1
    await connection.close()
    for host in (str(server.socket_folder), "127.0.0.1"):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(
                host=host, port=server.port, user="postgres", password="x", database="bac"
            )


def test_secrets_are_readable_by_their_owner_only(server: EmbeddedPostgres) -> None:
    mode = (server.home / "postgres.password").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert stat.S_IMODE(server.folder.stat().st_mode) == 0o700
    assert not (server.folder / "initial-password").exists()


@as_root
def test_root_never_runs_the_server_itself(server: EmbeddedPostgres) -> None:
    assert server.pid is not None
    assert Path(f"/proc/{server.pid}").stat().st_uid != 0


@as_root
async def test_root_works_below_a_folder_that_is_closed_to_others(
    short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As in a checkout below /root: the environment with the binaries is closed to others too.
    closed = short_folder / "closed"
    closed.mkdir(mode=0o700)
    packages = postgres_binary("postgres").parents[3]
    for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(packages / name, closed / name, symlinks=True)
    monkeypatch.setattr(
        embedded_server,
        "postgres_binary",
        lambda name: closed / "embedded_postgres" / "pginstall" / "bin" / name,
    )
    server = EmbeddedPostgres(closed / "bac")
    try:
        assert await ask(server.start(), "SELECT 1") == 1
    finally:
        server.stop()


@as_root
def test_an_ordinary_user_runs_it_and_root_may_step_in(short_folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(short_folder, nobody.pw_uid, nobody.pw_gid)
    home = short_folder / "bac"
    packages = Path(asyncpg.__file__).parents[1]
    program = (
        f"import sys; sys.path[:0] = [{str(REPOSITORY)!r}, {str(packages)!r}]\n"
        "from pathlib import Path; from deploy.local.embedded_postgres.server import EmbeddedPostgres\n"
        f"server = EmbeddedPostgres(Path({str(home)!r})); server.start(); server.stop()\n"
    )
    python = "/usr/bin/python3"
    able = subprocess.run(
        ["setpriv", "--reuid=nobody", "--clear-groups", python, "-c", f"open({__file__!r})"],
        capture_output=True,
        check=False,
    )
    if able.returncode:
        pytest.skip("no Python and checkout that an ordinary user can read")

    def as_nobody() -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["setpriv", "--reuid=nobody", "--clear-groups", python, "-c", program],
            capture_output=True,
            check=False,
        )

    first = as_nobody()
    assert first.returncode == 0, first.stderr
    assert (home / "postgres" / "data").stat().st_uid == nobody.pw_uid
    root = EmbeddedPostgres(home)
    try:
        root.start()
        assert Path(f"/proc/{root.pid}").stat().st_uid == nobody.pw_uid
    finally:
        root.stop()
    again = as_nobody()
    assert again.returncode == 0, again.stderr


async def test_a_row_acknowledged_before_kill_9_is_there_after_the_restart(
    server: EmbeddedPostgres,
) -> None:
    await ask(server.dsn, "CREATE TABLE kept (n int)")
    await ask(server.dsn, "INSERT INTO kept VALUES (7)")
    before = server.dsn
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    until = time.monotonic() + 5
    while server.alive() and time.monotonic() < until:
        time.sleep(0.01)
    assert not server.alive()
    assert server.start() == before
    assert await ask(server.dsn, "SELECT n FROM kept") == 7


async def test_a_zombie_postmaster_counts_as_dead(home: Path) -> None:
    # A run in a child process that is never waited for leaves its postmaster to us as a zombie.
    first = EmbeddedPostgres(home)
    first.start()
    pid = first.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 5
    while _state(pid) != "Z" and time.monotonic() < until:
        time.sleep(0.01)
    assert _state(pid) == "Z"
    os.close(first._lock or -1)
    second = EmbeddedPostgres(home)
    try:
        assert await ask(second.start(), "SELECT 1") == 1
        assert _state(pid) == "Z"
    finally:
        second.stop()
        first._lock = None
        first.stop()


async def test_stale_locks_that_name_a_living_process_are_removed(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    port = server.port
    server.stop()
    stale = (
        f"{os.getpid()}\n{server.data}\n1\n{port}\n{server.socket_folder}\n127.0.0.1\n1 1\nready\n"
    )
    (server.data / "postmaster.pid").write_text(stale)
    (server.socket_folder / f".s.PGSQL.{port}").touch()
    (server.socket_folder / f".s.PGSQL.{port}.lock").write_text(stale)
    try:
        assert await ask(server.start(), "SELECT 1") == 1
    finally:
        server.stop()


async def test_a_server_dies_with_its_run_and_the_next_run_starts(home: Path) -> None:
    program = (
        "import os, time; from pathlib import Path\n"
        "from deploy.local.embedded_postgres.server import EmbeddedPostgres\n"
        f"server = EmbeddedPostgres(Path({str(home)!r})); server.start()\n"
        "print(server.pid, flush=True); time.sleep(600)\n"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    assert run.stdout is not None
    postmaster = int(run.stdout.readline())
    with pytest.raises(AlreadyRunningError) as refused:
        EmbeddedPostgres(home).start()
    assert_one_sentence_each(refused.value)
    assert str(run.pid) in refused.value.english
    run.kill()
    run.wait()
    run.stdout.close()
    following = EmbeddedPostgres(home)
    try:
        assert await ask(following.start(), "SELECT 1") == 1
        assert not Path(f"/proc/{postmaster}").exists() or _state(postmaster) == "Z"
    finally:
        following.stop()


def test_a_configured_port_in_use_is_said_in_one_sentence(home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortInUseError) as refused:
            EmbeddedPostgres(home, port=port).start()
    assert str(port) in refused.value.english
    assert_one_sentence_each(refused.value)


async def test_a_remembered_port_in_use_is_replaced(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    port = server.port
    server.stop()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        following = EmbeddedPostgres(home)
        try:
            assert await ask(following.start(), "SELECT 1") == 1
            assert following.port != port
        finally:
            following.stop()


def test_a_full_disk_is_said_in_one_sentence(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_server, "SMALLEST_FREE_DISK", 2**62)
    with pytest.raises(DiskFullError) as refused:
        EmbeddedPostgres(home).start()
    assert_one_sentence_each(refused.value)


@as_root
async def test_a_server_that_ended_on_a_full_disk_comes_back_with_its_rows_once_there_is_room(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask(server.dsn, "CREATE TABLE kept AS SELECT 1 AS one")
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    while server.alive():
        time.sleep(0.01)
    with monkeypatch.context() as full:
        full.setattr(embedded_server, "SMALLEST_FREE_TO_RECOVER", 2**62)
        for _ in range(2):
            with pytest.raises(DiskFullError) as raised:
                server.start()
            assert_one_sentence_each(raised.value)
    assert await ask(server.start(), "SELECT one FROM kept") == 1


def test_a_disk_that_fills_up_during_the_start_is_said_too(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(home)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("no right to mount a small disk here")
    monkeypatch.setattr(embedded_server, "SMALLEST_FREE_DISK", 1)
    try:
        with pytest.raises(DiskFullError) as refused:
            EmbeddedPostgres(home).start()
        assert_one_sentence_each(refused.value)
    finally:
        subprocess.run(["umount", str(home)], check=True)


def test_a_broken_data_folder_is_said_in_one_sentence(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    server.stop()
    control = server.data / "global" / "pg_control"
    control.write_bytes(b"\0" * control.stat().st_size)
    with pytest.raises(BrokenDataFolderError) as refused:
        EmbeddedPostgres(home).start()
    assert_one_sentence_each(refused.value)
    shutil.rmtree(server.data / "global")
    with pytest.raises(BrokenDataFolderError) as refused:
        EmbeddedPostgres(home).start()
    assert_one_sentence_each(refused.value)


def test_a_data_folder_of_another_major_version_is_refused(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    server.stop()
    (server.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(BrokenDataFolderError, match="PostgreSQL 17"):
        EmbeddedPostgres(home).start()


def test_a_lost_password_is_a_broken_folder_not_a_new_password(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    server.stop()
    (home / "postgres.password").unlink()
    with pytest.raises(BrokenDataFolderError, match=r"postgres\.password"):
        EmbeddedPostgres(home).start()


async def test_a_broken_off_first_start_leaves_nothing_in_the_way(home: Path) -> None:
    unfinished = home / "postgres" / "data.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    server = EmbeddedPostgres(home)
    try:
        assert await ask(server.start(), "SELECT 1") == 1
        assert not unfinished.exists()
    finally:
        server.stop()


def test_a_folder_that_cannot_be_made_is_said_in_one_sentence(short_folder: Path) -> None:
    (short_folder / "file").touch()
    with pytest.raises(NoAccessError) as refused:
        EmbeddedPostgres(short_folder / "file" / "bac").start()
    assert_one_sentence_each(refused.value)


async def test_a_path_too_long_for_a_socket_still_serves_tcp(short_folder: Path) -> None:
    server = EmbeddedPostgres(short_folder / ("x" * 110))
    try:
        assert await ask(server.start(), "SELECT 1") == 1
    finally:
        server.stop()


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
