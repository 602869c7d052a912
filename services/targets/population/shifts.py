"""What one batch of events changes: standings that go and come, and the cells of every series."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from services.targets.plans.schemas import Language, Plan
from services.targets.population.people import People
from services.targets.population.profiles import Profile, ProfileScheme
from services.targets.population.rollup import Counted, Group, Series, regrouped, rolled_up
from services.targets.population.series import Cells, merged
from services.targets.population.standing import StandingRules
from services.targets.population.tree import (
    BodyVersion,
    Target,
    Tree,
    bodies_counted_by_origin,
    targets,
)


class Row(NamedTuple):
    """A standing as it is kept: its profile is a number."""

    first: int
    until: int
    body: str
    origin: str
    profile: int


@dataclass(frozen=True, slots=True)
class CountingContext:
    """What does not belong to one person: the tree, and which origins are counted apart where."""

    plans: tuple[Plan, ...]
    tree: Tree
    by_origin: Mapping[str, frozenset[str]]

    @staticmethod
    def of(plans: Iterable[Plan], tree: Tree) -> CountingContext:
        known = tuple(plans)
        return CountingContext(known, tree, bodies_counted_by_origin(tree, known))

    def targets(self, group: Group) -> tuple[Target, ...]:
        return targets(self.tree, self.by_origin, *group)


@dataclass(frozen=True, slots=True)
class ContextChange:
    """A change of agencies and what follows from it."""

    before: CountingContext
    after: CountingContext
    bodies: frozenset[str]
    """Bodies whose people are counted elsewhere than before."""
    regraded: frozenset[str]
    """Bodies whose people's profile or origin may differ: those who ever worked there are judged anew."""
    replaced: frozenset[str] = frozenset()
    """Bodies that stand below others than before, or in the other bloc: it may be another authority that
    decides for the people who ever worked there."""


def context_change(
    before: CountingContext, changed: Mapping[str, tuple[BodyVersion, ...]]
) -> ContextChange:
    """Effect of new versions of some agencies; agencies given unchanged have none."""
    changed = {
        code: versions
        for code, versions in changed.items()
        if before.tree.versions.get(code) != versions
    }
    if not changed:
        return ContextChange(before, before, frozenset(), frozenset())
    after = CountingContext.of(before.plans, before.tree.with_changes(changed))
    counted_otherwise = [
        code
        for code in before.by_origin.keys() | after.by_origin.keys()
        if before.by_origin.get(code) != after.by_origin.get(code)
    ]
    stale = before.tree.below(changed) | after.tree.below(changed)
    bodies = {code for code in stale if before.tree.spans(code) != after.tree.spans(code)}
    bodies |= before.tree.below(counted_otherwise) | after.tree.below(counted_otherwise)
    origins = {
        code
        for code, versions in after.tree.versions.items()
        if any(version.predecessors for version in versions)
        and before.tree.origin(code) != after.tree.origin(code)
    }
    regraded = {
        code
        for code, versions in changed.items()
        if _graded(before.tree.versions.get(code, ())) != _graded(versions)
    }
    sided = {
        code
        for code, versions in changed.items()
        if _sided(before.tree.versions.get(code, ())) != _sided(versions)
    }
    replaced = bodies | before.tree.below(sided) | after.tree.below(sided)
    return ContextChange(
        before, after, frozenset(bodies), frozenset(regraded | origins), frozenset(replaced)
    )


def _sided(versions: Iterable[BodyVersion]) -> list[tuple[object, ...]]:
    """What versions say of the reporting bloc."""
    return [(each.first, each.until, each.bloc, each.system) for each in versions]


def _graded(versions: Iterable[BodyVersion]) -> list[tuple[object, ...]]:
    """What versions say of the people in the body: a change of parent alone says nothing."""
    found: list[tuple[object, ...]] = []
    for version in versions:
        says = (
            version.level,
            version.system,
            version.province_code,
            version.rural,
            version.central_vertical,
        )
        if found and found[-1][1] == version.first and found[-1][2:] == says:
            found[-1] = (found[-1][0], version.until, *says)
        else:
            found.append((version.first, version.until, *says))
    return found


@dataclass(slots=True)
class Shift:
    """What a batch takes away from the kept standings and adds to them."""

    removed: list[tuple[str, Row]] = field(default_factory=list)
    added: list[tuple[str, Row]] = field(default_factory=list)
    cells: dict[Series, Cells] = field(default_factory=dict)


class Shifter:
    """Computes shifts by one profile scheme. ``number`` gives each profile its lasting id."""

    def __init__(
        self,
        scheme: ProfileScheme,
        languages: Mapping[str, Language],
        number: Callable[[Profile], int],
    ) -> None:
        self._scheme = scheme
        self._languages = languages
        self._number = number

    def shift(
        self,
        change: ContextChange,
        standing: Mapping[Group, Iterable[Counted]],
        people: People,
        kept: Mapping[str, Iterable[Row]],
    ) -> Shift:
        """``standing``: who stood in ``change.bodies`` before the batch; ``kept``: the rows of every
        touched official before the batch."""
        shift = Shift()
        parts = regrouped(standing, change.before.targets, change.after.targets)
        judge = StandingRules(self._scheme, change.after.tree, self._languages)
        counted: list[Counted] = []
        for code in sorted(people.touched):
            before = set(kept.get(code, ()))
            after = self._rows(judge, people, code)
            for row in sorted(before - after):
                shift.removed.append((code, row))
                counted.append(_counted(row, -1))
            for row in sorted(after - before):
                shift.added.append((code, row))
                counted.append(_counted(row, 1))
        parts.append(rolled_up(counted, change.after.targets))
        for series in {series for part in parts for series in part}:
            cells = merged(part[series] for part in parts if series in part)
            if len(cells):
                shift.cells[series] = cells
        return shift

    def _rows(self, judge: StandingRules, people: People, code: str) -> set[Row]:
        state = people.officials.get(code)
        if state is None:
            return set()
        return {
            Row(each.first, each.until, each.body, each.origin, self._number(each.profile))
            for each in judge.standings(state, people.credentials_of(code))
        }


def _counted(row: Row, sign: int) -> Counted:
    return Counted((row.body, row.origin), row.first, row.until, row.profile, sign)
