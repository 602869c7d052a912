"""Nothing that was published is broken without a decision."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import pytest

from shared.persistence.schema import SERVICES
from tests.compatibility import documents
from tests.compatibility.breaks import api_breaks, event_breaks

ROOT = Path(__file__).parents[2]


@cache
def breaks() -> dict[str, list[str]]:
    """By document, each break against the landed version."""
    published = documents.published()
    found = {name: api_breaks(documents.landed(name), published[name]) for name in SERVICES}
    return {**found, "events": event_breaks(documents.landed("events"), published["events"])}


@pytest.mark.parametrize("name", [*SERVICES, "events"])
def test_a_breaking_change_is_a_decision(name: str) -> None:
    accepted = {each.what for each in documents.accepted_breaks()}
    undecided = [each for each in breaks()[name] if f"{name}: {each}" not in accepted]
    assert undecided == [], "published documents break clients; see CONTRIBUTING.md, Compatibility"


def test_no_break_is_accepted_that_is_not_there() -> None:
    found = {f"{name}: {each}" for name, sentences in breaks().items() for each in sentences}
    assert [each.what for each in documents.accepted_breaks() if each.what not in found] == []


def test_every_accepted_break_has_its_reason_and_this_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for each in documents.accepted_breaks():
        assert each.reason.strip()
        assert each.version == project["version"]


def test_the_landed_documents_are_of_every_service() -> None:
    assert {path.stem for path in documents.LANDED.glob("*.json")} == {*SERVICES, "events"}
    for name in SERVICES:
        assert len(documents.landed(name)["paths"]) > 10
