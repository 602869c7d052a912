"""Workers give way to the processes that answer."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_REPORT = """
import os
from pathlib import Path
from shared.process.worker import give_way
give_way()
give_way()
group = Path("/proc/self/autogroup")
told = group.read_text().split() if group.exists() else []
print(os.nice(0), told[-1] if told else "none")
"""


def _said(*, own_session: bool) -> list[str]:
    return subprocess.run(
        [sys.executable, "-c", _REPORT],
        check=True,
        capture_output=True,
        text=True,
        start_new_session=own_session,
    ).stdout.split()


def _niceness_of_this_session() -> str | None:
    """None where the kernel does not share by session: it has no such file, or leaves the file empty
    because a control group already decides."""
    group = Path("/proc/self/autogroup")
    told = group.read_text().split() if group.exists() else []
    return told[-1] if told else None


def test_a_worker_is_nicer_than_what_answers_however_often_it_says_so() -> None:
    assert _said(own_session=False)[0] == str(max(5, os.nice(0)))


@pytest.mark.skipif(
    _niceness_of_this_session() is None, reason="this kernel shares by process or control group"
)
def test_the_session_of_a_worker_is_as_nice_but_never_one_it_shares() -> None:
    before = _niceness_of_this_session()
    assert _said(own_session=True)[1] == "5"
    assert _said(own_session=False)[1] == before
