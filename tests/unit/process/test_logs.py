"""A log that cannot be written must not cost an answer."""

import subprocess
import sys
from pathlib import Path

_LOGGING = """
import sys
import structlog
from shared.process.logs import configure_logs
configure_logs()
log = structlog.get_logger("results")
for number in range(3):
    log.warning("batch failed", number=number)
print("answered", file=sys.stderr)
"""


def test_a_full_disk_behind_the_log_stops_nobody() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", _LOGGING],
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.stderr.splitlines()[0] == "answered"


def test_lines_reach_standard_output_at_once() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOGGING + "import os; os._exit(0)"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert [line.count("batch failed") for line in done.stdout.splitlines()] == [1, 1, 1]
