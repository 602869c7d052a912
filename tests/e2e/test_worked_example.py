"""README's worked example is run as it is printed, and says what README says it says."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from tests.system import System

ROOT = Path(__file__).parents[2]
BEGIN, END = "<!-- worked example -->", "<!-- /worked example -->"
_BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NEXT = "---- next block ----"


def steps() -> list[tuple[str, str]]:
    """Commands of the example, each with the output that README prints below them."""
    readme = (ROOT / "README.md").read_text()
    example = readme[readme.index(BEGIN) + len(BEGIN) : readme.index(END)]
    found: list[tuple[str, str]] = []
    for kind, text in _BLOCK.findall(example):
        if kind == "sh":
            found.append((text, ""))
        else:
            found[-1] = (found[-1][0], text)
    return found


def run(system: System) -> list[str]:
    script = "set -euo pipefail\n"
    for commands, _ in steps():
        script += f"{commands}\necho '{_NEXT}'\n"
    for port, service in ((8001, "enrolment"), (8002, "certification"), (8003, "targets")):
        script = script.replace(f"http://127.0.0.1:{port}", system.urls[service])
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=ROOT,
        env=os.environ | {"BAC_HOME": str(system.home)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split(f"{_NEXT}\n")[:-1]


def figures(printed: str) -> dict[str, tuple[int, int]]:
    return {
        indicator: (int(achieved), int(eligible))
        for indicator, achieved, eligible in re.findall(
            r"^(I\d-\d{4}): (\d+) of (\d+)", printed, re.MULTILINE
        )
    }


def test_the_example_prints_what_readme_prints(demonstration_system: System):
    assert steps()
    printed = run(demonstration_system)
    assert printed == [output for _, output in steps()]

    before, after, *_, at_last = [figures(one) for one in printed if figures(one)]
    assert before.keys() == after.keys() == {"I2-2025", "I3-2025", "I2-2030", "I3-2030"}
    # Ten people reach level 4, four of them with specialised evidence; one is taken back.
    assert after["I2-2025"] == (before["I2-2025"][0] + 10, before["I2-2025"][1])
    assert after["I2-2030"][0] == before["I2-2030"][0] + 4
    assert at_last["I2-2025"][0] == after["I2-2025"][0] - 1
