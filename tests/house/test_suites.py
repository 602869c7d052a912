"""What suites share stands in plain modules: no suite leans on another, and none on a module's private names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
SUITES = frozenset({"unit", "contract", "integration", "e2e", "house", "slow", "bench"})


def faults(path: str, source: str) -> Iterator[str]:
    """``path`` is relative to the folder of the tests."""
    own = path.split("/", maxsplit=1)[0]
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        parts = node.module.split(".")
        of_a_suite = parts[0] == "tests" and len(parts) > 1 and parts[1] in SUITES
        alone = parts[-1] == "conftest" or parts[-1].startswith("test_")
        if of_a_suite and (alone or parts[1] != own):
            yield f"{path}:{node.lineno}: imports {node.module}"
        for name in node.names:
            if name.name.startswith("_"):
                yield f"{path}:{node.lineno}: imports the private name {name.name}"


def test_no_suite_leans_on_another_and_none_on_private_names() -> None:
    files = [path for path in TESTS.rglob("*.py") if "__pycache__" not in path.parts]
    assert len(files) > 200
    found = [
        fault
        for path in sorted(files)
        for fault in faults(path.relative_to(TESTS).as_posix(), path.read_text())
    ]
    assert found == [], "\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("contract/test_a.py", "from tests.integration.targets.conftest import counted"),
        ("integration/targets/test_a.py", "from tests.integration.targets.test_b import figure"),
        ("slow/test_a.py", "from tests.slow.test_b import operations"),
        ("unit/test_a.py", "from shared.web.edge import _attempt"),
    ],
)
def test_a_planted_import_is_found(path: str, source: str) -> None:
    assert list(faults(path, source))


def test_plain_modules_may_be_imported() -> None:
    assert not list(faults("slow/test_a.py", "from tests.slow.generated_requests import strict"))
    assert not list(faults("unit/test_a.py", "from tests.worlds.events import agency"))
