"""Traces of a server that ended without tidying up. Only who holds the lock of the folder may touch them."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path


def clear_leftovers(data: Path, sockets: Path, progress: Callable[[str], None]) -> None:
    """End a server that outlived its run and remove the locks of one that did not."""
    pid_file = data / "postmaster.pid"
    waiting = False
    for number, patience in ((signal.SIGINT, 20.0), (signal.SIGKILL, 10.0)):
        until = time.monotonic() + patience
        running = processes_in(data)
        postmaster = first_number(pid_file)
        targets = [postmaster] if postmaster in running else running
        for pid in running if number == signal.SIGKILL else targets:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        while processes_in(data) and time.monotonic() < until:
            if not waiting:
                progress("waiting for the server of an earlier run to end")
                waiting = True
            time.sleep(0.05)
    pid_file.unlink(missing_ok=True)
    for path in sockets.iterdir():
        path.unlink(missing_ok=True)


def processes_in(data: Path) -> list[int]:
    """Living processes that work in the data folder; every PostgreSQL process does."""
    wanted = data.resolve()
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208 - names are all we want
        with contextlib.suppress(OSError):
            if Path(f"/proc/{name}/cwd").readlink() == wanted and not _is_zombie(name):
                found.append(int(name))
    return found


def _is_zombie(pid: str) -> bool:
    state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return state in "ZX"


def first_number(path: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(path.read_text().split()[0])
    return None
