"""A path that a document names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = (
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "docs/architecture.md",
    "docs/migrations.md",
)
PATH = re.compile(r"`((?:services|shared|deploy|tests|docs)/[^`\s]*)`|\]\(([^)#:\s]+)\)")


def named(text: str) -> set[str]:
    """Paths in a document; those with a part to fill in (`<service>`) are patterns."""
    return {re.sub(r"<\w+>", "*", code or link) for code, link in PATH.findall(text)}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_is_named_is_there(document: str) -> None:
    path = ROOT / document
    for each in named(path.read_text()):
        places = [ROOT, path.parent]
        assert any(list(place.glob(each.rstrip("/"))) for place in places), each


def test_a_path_that_is_not_there_would_be_found() -> None:
    assert named("`tests/house/x.py`, [a](docs/y.md), `services/<service>/app.py`, `make`") == {
        *("tests/house/x.py", "docs/y.md", "services/*/app.py"),
    }
