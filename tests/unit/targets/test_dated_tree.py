"""Walks of the tree that targets and the recount keep: of any depth, ended by a ring, and agreeing."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest

from services.targets.plans.loading import load_provinces
from services.targets.population.tree import Tree, versions_of
from services.targets.recount.counting import Recount
from shared.contracts.events import AgencyChanged, AgencyVersion

FROM = dt.date(2015, 1, 1)
LATER = dt.date(2025, 8, 1)


def version(parent: str | None, **changes: Any) -> AgencyVersion:
    values: dict[str, Any] = {
        "valid_from": FROM,
        "valid_to": None,
        "parent_code": parent,
        "level": "province",
        "system": "state",
        "province_code": "38",
    }
    return AgencyVersion(**values | changes)


def both(bodies: dict[str, list[AgencyVersion]]) -> tuple[Tree, Recount]:
    changed = [
        AgencyChanged(version=1, agency_code=code, versions=tuple(versions))
        for code, versions in bodies.items()
    ]
    tree = Tree(load_provinces(), {each.agency_code: versions_of(each) for each in changed})
    events = [
        {
            "type": "vn.bac.agency.changed.v1",
            "data": {
                "version": 1,
                "agency_code": code,
                "versions": [
                    {
                        **{name: getattr(each, name) for name in each.__struct_fields__},
                        "valid_from": each.valid_from.isoformat(),
                        "valid_to": each.valid_to and each.valid_to.isoformat(),
                    }
                    for each in versions
                ],
            },
        }
        for code, versions in bodies.items()
    ]
    return tree, Recount(events)


def bloc_on(tree: Tree, code: str, day: dt.date) -> str:
    ordinal = day.toordinal()
    return next(s.bloc for s in tree.blocs(code) if s.first <= ordinal < s.until)


def test_a_chain_of_any_depth_is_walked_to_its_top() -> None:
    tree, recount = both({f"c{n}": [version(f"c{n - 1}" if n else None)] for n in range(1500)})
    assert len(tree.spans("c1499")) == 1500
    assert len(recount.path_up("c1499", LATER)) == 1500
    units = {
        f"c{n}": [version(f"c{n - 1}" if n else None, system="public_service" if n else "party")]
        for n in range(1500)
    }
    tree, recount = both(units)
    assert bloc_on(tree, "c1499", LATER) == recount.bloc_on("c1499", LATER) == "party"


def test_a_ring_ends_every_walk() -> None:
    ring = {"a": [version("b")], "b": [version("c")], "c": [version("a")]}
    tree, recount = both(ring)
    assert {span.ancestor for span in tree.spans("a")} == set(ring)
    assert bloc_on(tree, "a", LATER) == recount.bloc_on("a", LATER) == "state"


def test_long_and_branching_lines_of_predecessors_are_followed_once() -> None:
    bodies = {"old": [version(None, valid_to=dt.date(2025, 6, 30))]}
    for n in range(2000):
        bodies[f"n{n}"] = [
            version(None, valid_from=LATER, predecessor_codes=(f"n{n - 1}" if n else "old",))
        ]
    # Sixty floors of two bodies that both come from both below: 2^60 ways up.
    for n in range(60):
        before = (f"l{n - 1}", f"r{n - 1}") if n else ("n1999", "old")
        for side in "lr":
            bodies[f"{side}{n}"] = [version(None, valid_from=LATER, predecessor_codes=before)]
    bodies["x"] = [version(None, valid_from=LATER, predecessor_codes=("y", "old"))]
    bodies["y"] = [version(None, valid_from=LATER, predecessor_codes=("x",))]
    tree, recount = both(bodies)
    for code, origin in (("n1999", "38"), ("l59", "38"), ("x", None), ("y", None)):
        assert tree.origin(code) == recount._origin_of_body(code) == origin, code


@pytest.mark.parametrize("seed", range(30))
def test_blocs_and_origins_agree_with_the_recount_in_any_tree(seed: int) -> None:
    """Rings, missing parents and predecessors, versions that come and go: whatever events may say."""
    drawn = random.Random(seed)
    codes = [f"b{n}" for n in range(12)]
    bodies = {
        code: [
            version(
                drawn.choice([None, *codes, "nobody"]),
                valid_from=dt.date(year, 3, 1),
                valid_to=drawn.choice([None, None, dt.date(year + 1, 1, 31)]),
                system=drawn.choice(
                    ["party", "state", "socio_political", "public_service", "public_service"]
                ),
                bloc=drawn.choice([None, None, None, "party", "state"]),
                province_code=drawn.choice(["38", "40"]),
                predecessor_codes=tuple(drawn.sample(codes, drawn.randint(0, 2))),
            )
            for year in sorted(drawn.sample([2018, 2022, 2025, 2026], drawn.randint(1, 3)))
        ]
        for code in codes
    }
    tree, recount = both(bodies)
    for code in codes:
        assert tree.origin(code) == recount._origin_of_body(code), code
        for day in (dt.date(2020, 1, 1), dt.date(2023, 1, 1), dt.date(2025, 6, 30), LATER):
            if recount.version_on(code, day) is not None:
                assert bloc_on(tree, code, day) == recount.bloc_on(code, day), (code, day)


@pytest.mark.parametrize("seed", range(30))
def test_spans_from_those_above_are_what_walking_upwards_finds(seed: int) -> None:
    drawn = random.Random(1000 + seed)
    codes = [f"b{n}" for n in range(8)]
    bodies = {
        code: [
            version(
                drawn.choice([None, *codes, "nobody"]),
                valid_from=dt.date(year, 3, 1),
                valid_to=drawn.choice([None, None, dt.date(year + 1, 1, 31)]),
            )
            for year in sorted(drawn.sample([2018, 2022, 2025, 2026], drawn.randint(1, 3)))
        ]
        for code in codes
    }
    tree, _ = both(bodies)
    for code in drawn.sample(codes, len(codes)):
        found: dict[int, list[str]] = {}
        for span in tree.spans(code):
            for day in range(max(span.first, 736000), min(span.until, 740000)):
                if (day - 736000) % 50 == 0:
                    found.setdefault(day, []).append(span.ancestor)
        walked: dict[int, list[str]] = {}
        for span in tree._walk(code):
            for day in range(736000, 740000, 50):
                if span.first <= day < span.until:
                    walked.setdefault(day, []).append(span.ancestor)
        assert {d: sorted(a) for d, a in found.items()} == {d: sorted(a) for d, a in walked.items()}
