"""What tests share is checked by mypy like the product."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_shared_module_of_the_tests_is_checked() -> None:
    configured = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]
    modules = {f"tests.{path.stem}" for path in (ROOT / "tests").glob("*.py")} - {"tests.__init__"}
    assert modules <= set(configured["modules"])
    assert {"tests.making", "tests.worlds", "tests.compatibility"} <= set(configured["packages"])
