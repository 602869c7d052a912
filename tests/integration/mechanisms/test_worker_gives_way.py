"""Workers give way to the processes that answer."""

import subprocess
import sys
from pathlib import Path

import pytest

_REPORT = """
import os
from pathlib import Path
from shared.web.worker import give_way
give_way()
give_way()
group = Path("/proc/self/autogroup")
print(os.nice(0), group.read_text().split()[-1] if group.exists() else "none")
"""


def _said(*, own_session: bool) -> list[str]:
    return subprocess.run(
        [sys.executable, "-c", _REPORT],
        check=True,
        capture_output=True,
        text=True,
        start_new_session=own_session,
    ).stdout.split()


def test_a_worker_is_nicer_than_what_answers_however_often_it_says_so() -> None:
    assert _said(own_session=False)[0] == "5"


@pytest.mark.skipif(
    not Path("/proc/self/autogroup").exists(), reason="this kernel shares by process only"
)
def test_the_session_of_a_worker_is_as_nice_but_never_one_it_shares() -> None:
    before = Path("/proc/self/autogroup").read_text().split()[-1]
    assert _said(own_session=True)[1] == "5"
    assert _said(own_session=False)[1] == before
