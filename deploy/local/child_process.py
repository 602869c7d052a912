"""A process that is kept running, and that the kernel ends together with its parent."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Say = Callable[[str], None]

STOP_LIMIT_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 10.0
STEADY_AFTER_SECONDS = 30.0
LARGEST_LOG = 64 * 1024 * 1024
_PR_SET_PDEATHSIG = 1
_C_LIBRARY = ctypes.CDLL(None)


def _private(path: str, flags: int) -> int:
    """Opens a log that only its owner may read, also one that an older version made; a device, such as
    ``/dev/null``, belongs to the whole machine and stays as it is."""
    handle = os.open(path, flags, 0o600)
    if stat.S_ISREG(os.fstat(handle).st_mode):
        os.fchmod(handle, 0o600)
    return handle


def die_with_parent(number: int) -> None:
    """Ask the kernel for signal `number` when the thread that started this process ends (Linux)."""
    if sys.platform == "linux":
        _C_LIBRARY.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)


@dataclass
class Child:
    """A process that is to be running for as long as we are."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    not_before: float = 0.0
    log_seen_at: float = 0.0

    def start(self) -> None:
        parent = os.getpid()

        def bind_to_parent() -> None:
            die_with_parent(signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)

        self.turn_log_over()
        with open(self.log, "ab", opener=_private) as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=bind_to_parent,  # noqa: PLW1509 - this process has one thread
            )
        self.started_at = time.monotonic()

    def watch(self, say: Say) -> None:
        """Start the process again if it ended, later and later while it keeps failing."""
        now = time.monotonic()
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                if now - self.started_at > STEADY_AFTER_SECONDS:
                    self.failures = 0
                if now - self.log_seen_at > 10:
                    self.turn_log_over()
                return
            self.process = None
            pause = min(0.1 * 2 ** min(self.failures, 10), LONGEST_PAUSE_SECONDS)
            self.failures += 1
            self.not_before = now + pause
            say(f"{self.name} ended ({_how(code)}); starting it again in {pause:.1f} s")
        if now >= self.not_before:
            self.start()

    def turn_log_over(self) -> None:
        """Keep a log from filling the disk. The process goes on writing to the same, emptied file;
        what it writes during the copy may be lost."""
        self.log_seen_at = time.monotonic()
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            # On a full disk the lines of now matter more than those of then.
            with contextlib.suppress(OSError):
                shutil.copy(self.log, self.log.with_suffix(".log.old"))
            os.truncate(self.log, 0)

    def last_words(self) -> str:
        """The last line of the log, empty if there is none."""
        return "".join(self.last_lines(1))

    def last_lines(self, count: int) -> list[str]:
        """At most `count` lines, each shortened to fit on a console."""
        with contextlib.suppress(OSError), self.log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 65536))
            lines = log.read().decode("utf-8", "replace").strip().splitlines()
            return [line[:300] for line in lines[-count:]]
        return []


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def stop_children(children: list[Child], patience: float = STOP_LIMIT_SECONDS) -> None:
    """SIGTERM to all at once; SIGKILL to what is left when `patience` seconds are over."""
    running = [child.process for child in children if child.process is not None]
    for process in running:
        if process.poll() is None:
            process.terminate()
    until = time.monotonic() + patience
    for process in running:
        try:
            process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
