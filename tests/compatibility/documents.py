"""The documents that are compared: what the code publishes and what the landed version published.

``python -m tests.compatibility.documents FOLDER`` writes the shapes of what the code publishes there.
"""

from __future__ import annotations

import json
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from shared.persistence.schema import SERVICES
from tests.catalogues import event_schemas, openapi, written

HERE: Final = Path(__file__).parent
LANDED: Final = HERE / "landed"
ACCEPTED: Final = HERE / "accepted_breaks.toml"
WORDS_FOR_PEOPLE: Final = frozenset(
    {"description", "summary", "title", "example", "examples", "info", "tags"}
)
"""Members of a document that no client depends on; a field of a body may bear such a name nevertheless."""


@dataclass(frozen=True)
class AcceptedBreak:
    """A break that was decided: `what` is the sentence of the test, `reason` says why, `version` since when."""

    what: str
    reason: str
    version: str


def published() -> dict[str, dict[str, Any]]:
    """By name of its file, each document as the code publishes it."""
    return {**{service: openapi(service) for service in SERVICES}, "events": event_schemas()}


def shape(node: Any, *, names: bool = False) -> Any:
    """A document without its words for people. ``names``: the members of this node are names, not keywords."""
    if isinstance(node, list):
        return [shape(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: shape(
            value, names=key in ("properties", "paths", "schemas", "parts", "headers", "events")
        )
        for key, value in node.items()
        if names or key not in WORDS_FOR_PEOPLE
    }


def landed(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((LANDED / f"{name}.json").read_text())
    return found


def landed_commit() -> str:
    return (LANDED / "COMMIT").read_text().strip()


def accepted_breaks() -> list[AcceptedBreak]:
    return [AcceptedBreak(**each) for each in tomllib.loads(ACCEPTED.read_text()).get("break", ())]


def write_shapes(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in published().items():
        (folder / f"{name}.json").write_text(written(shape(document)))


if __name__ == "__main__":
    write_shapes(Path(sys.argv[1]))
