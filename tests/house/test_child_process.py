"""Children are kept running, stop when told to, and never outlive their parent."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import child_process
from deploy.local.child_process import LONGEST_PAUSE_SECONDS, Child, stop_children

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def children() -> Iterator[list[Child]]:
    made: list[Child] = []
    yield made
    stop_children(made, patience=0)


def child(tmp_path: Path, program: str) -> Child:
    return Child("planted", [sys.executable, "-c", program], dict(os.environ), tmp_path / "log")


def wait_for(condition: object, seconds: float = 10.0) -> bool:
    assert callable(condition)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return False


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_a_killed_child_is_started_again_and_its_end_is_told(
    tmp_path: Path, children: list[Child]
) -> None:
    one = child(tmp_path, "import time; time.sleep(60)")
    children.append(one)
    one.start()
    assert one.process is not None
    first = one.process.pid
    os.kill(first, signal.SIGKILL)
    told: list[str] = []

    def came_back() -> bool:
        one.watch(told.append)
        return one.process is not None and one.process.pid != first

    assert wait_for(came_back)
    assert told == ["planted ended (signal SIGKILL); starting it again in 0.1 s"]


def test_a_child_that_keeps_failing_is_started_later_and_later(
    tmp_path: Path, children: list[Child]
) -> None:
    one = child(tmp_path, "import sys; sys.exit('no reason')")
    children.append(one)
    one.start()
    told: list[str] = []

    def failed_thrice() -> bool:
        one.watch(told.append)
        return len(told) >= 3

    assert wait_for(failed_thrice)
    assert [line.rpartition(" in ")[2] for line in told] == ["0.1 s", "0.2 s", "0.4 s"]
    assert one.last_words() == "no reason"
    one.failures = 60_000

    def failed_again() -> bool:
        one.watch(told.append)
        return len(told) > 3

    assert wait_for(failed_again)
    assert one.not_before - time.monotonic() <= LONGEST_PAUSE_SECONDS


def test_a_log_that_grew_too_large_is_turned_over_while_it_is_written(
    tmp_path: Path, children: list[Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_process, "LARGEST_LOG", 10)
    one = child(tmp_path, "import time\nwhile True: print('x' * 20, flush=True); time.sleep(0.01)")
    children.append(one)
    one.start()
    assert wait_for(lambda: one.log.stat().st_size > 10)
    one.turn_log_over()
    assert (tmp_path / "log.log.old").read_text().startswith("x" * 20)
    assert wait_for(lambda: one.log.read_bytes().startswith(b"x"))


def test_stopping_asks_first_and_kills_what_does_not_listen(
    tmp_path: Path, children: list[Child]
) -> None:
    polite = child(tmp_path, "import time; time.sleep(60)")
    deaf = child(
        tmp_path,
        "import signal, time, pathlib; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"pathlib.Path({str(tmp_path / 'deaf')!r}).touch(); time.sleep(60)",
    )
    children += [polite, deaf]
    for one in children:
        one.start()
    assert wait_for((tmp_path / "deaf").exists)
    stop_children(children, patience=0.5)
    assert polite.process is not None
    assert deaf.process is not None
    assert polite.process.returncode == -signal.SIGTERM
    assert deaf.process.returncode == -signal.SIGKILL


def test_a_log_is_private_and_a_device_in_its_place_stays_everybodys(tmp_path: Path) -> None:
    """As root, a log at `/dev/null` once closed that device to every other account of the machine."""
    old = tmp_path / "old.log"
    old.touch(0o644)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    pipe.chmod(0o666)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    children = [Child("x", ["true"], dict(os.environ), log) for log in (old, pipe)]
    for one in children:
        one.start()
    stop_children(children)
    os.close(reader)
    assert [stat.S_IMODE(log.stat().st_mode) for log in (old, pipe)] == [0o600, 0o666]


def test_kill_9_of_the_parent_ends_the_child(tmp_path: Path) -> None:
    program = (
        "import os, time; from pathlib import Path; from deploy.local.child_process import Child\n"
        "one = Child('x', ['sleep', '600'], dict(os.environ), Path(os.devnull)); one.start()\n"
        "print(one.process.pid, flush=True); time.sleep(600)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert running(pid)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert wait_for(lambda: not running(pid))
