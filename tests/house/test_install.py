"""`deploy/install.sh` sets a machine up once, and says in a sentence what it lacks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
NEEDED = ("sh", "sha256sum", "cut", "dirname", "grep", "rm", "cat", "chmod", "readlink")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose locks ask for nothing, so that nothing is fetched."""
    folder = tmp_path / "checkout"
    (folder / "deploy").mkdir(parents=True)
    shutil.copy(REPOSITORY / "deploy" / "install.sh", folder / "deploy")
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-clients.lock"):
        (folder / name).write_text("# nothing\n")
    (folder / "services" / "command").mkdir(parents=True)
    (folder / "services" / "command" / "__main__.py").write_text(
        "import sys; print('ran', *sys.argv[1:])\n"
    )
    return folder


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A PATH with what every Debian has, and no Python."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in NEEDED:
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    return folder


def install(checkout: Path, path: Path, lock: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [checkout / "deploy" / "install.sh", lock],
        env={"PATH": str(path), "HOME": str(checkout), "PIP_NO_INDEX": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def offer_python(tools: Path, script: str) -> None:
    wrapper = tools / "python3"
    wrapper.write_text(f"#!/bin/sh\n{script}\n")
    wrapper.chmod(0o755)


def test_without_a_new_enough_python_one_sentence_says_what_to_install(
    checkout: Path, tools: Path
) -> None:
    for script in (None, "exit 1"):
        if script:
            offer_python(tools, script)
        said = install(checkout, tools, "requirements.lock")
        assert said.returncode == 1
        english, vietnamese = said.stderr.splitlines()
        assert "Python 3.11 or newer is needed" in english
        assert "apt-get install" in vietnamese


def test_a_python_that_cannot_make_environments_is_named(checkout: Path, tools: Path) -> None:
    offer_python(
        tools,
        f'case "$*" in *ensurepip*) exit 1;; esac\nexec {sys.executable} "$@"',
    )
    said = install(checkout, tools, "requirements.lock")
    assert said.returncode == 1
    assert len(said.stderr.splitlines()) == 2
    assert "install python3-venv" in said.stderr
    assert not (checkout / ".venv").exists()


def test_it_installs_once_and_again_only_when_a_lock_changed(checkout: Path, tools: Path) -> None:
    offer_python(tools, f'exec {os.path.realpath(sys.executable)} "$@"')
    first = install(checkout, tools, "requirements-dev.lock")
    assert first.returncode == 0, first.stderr
    assert "installing requirements-dev.lock" in first.stdout
    for lock in ("requirements-dev.lock", "requirements.lock"):
        again = install(checkout, tools, lock)
        assert again.returncode == 0
        assert again.stdout == "", "the development lock contains the product's"
    clients = install(checkout, tools, "requirements-clients.lock")
    assert "installing requirements-clients.lock" in clients.stdout
    for lock in ("requirements-clients.lock", "requirements-dev.lock", "requirements.lock"):
        assert install(checkout, tools, lock).stdout == "", "the clients' lock adds to the others"
    (checkout / "requirements-dev.lock").write_text("# something else\n")
    assert "installing" in install(checkout, tools, "requirements-dev.lock").stdout
    assert install(checkout, tools, "requirements.lock").stdout == ""

    moved = checkout.rename(checkout.with_name("moved"))
    assert install(moved, tools, "requirements.lock").returncode == 0
    ran = subprocess.run(
        [moved / ".venv" / "bin" / "bac", "version"], capture_output=True, text=True, check=False
    )
    assert ran.stdout == "ran version\n", ran.stderr


def test_without_java_the_slow_checks_say_what_to_install_before_they_begin(
    checkout: Path, tools: Path
) -> None:
    shutil.copy(REPOSITORY / "Makefile", checkout)
    offer_python(tools, f'exec {os.path.realpath(sys.executable)} "$@"')
    make = shutil.which("make")
    assert make
    (tools / "echo").symlink_to(shutil.which("echo") or "/bin/echo")
    said = subprocess.run(
        [make, "check-all"],
        cwd=checkout,
        env={"PATH": str(tools), "HOME": str(checkout), "PIP_NO_INDEX": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert said.returncode == 2
    assert "bac: openapi-generator needs Java 11 or newer" in said.stderr
    assert "bac: Cần Java 11 trở lên" in said.stderr
    assert "pytest" not in said.stdout
