"""The dated tree of agencies: who stands below whom on which days, and where a body comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final, NamedTuple

from services.targets.plans.schemas import Plan, Provinces
from services.targets.population.days import CUT, until_after
from shared.contracts.blocs import WITHOUT_ANY, own_bloc
from shared.contracts.events import AgencyChanged

EVERY_ORIGIN: Final = ""
"""Origin of nobody in particular: everybody of a subtree."""


class BodyVersion(NamedTuple):
    first: int
    until: int
    parent: str | None
    level: str
    system: str
    province_code: str
    rural: bool
    """``commune_kind`` is xa."""
    central_vertical: bool
    predecessors: tuple[str, ...]
    bloc: str | None
    """As declared."""


class BlocSpan(NamedTuple):
    bloc: str
    first: int
    until: int


class Span(NamedTuple):
    """``ancestor`` (the body itself included) on the days ``[first, until)``."""

    ancestor: str
    first: int
    until: int


class Target(NamedTuple):
    """A series that people of one body and origin belong to on the days ``[first, until)``."""

    agency_code: str
    origin: str
    first: int
    until: int


def versions_of(changed: AgencyChanged) -> tuple[BodyVersion, ...]:
    """Versions in order; each ends at the latest where the next begins."""
    ordered = sorted(changed.versions, key=lambda version: version.valid_from)
    starts = [version.valid_from.toordinal() for version in ordered]
    return tuple(
        BodyVersion(
            first=start,
            until=min(until_after(version.valid_to), next_start),
            parent=version.parent_code,
            level=version.level,
            system=version.system,
            province_code=version.province_code,
            rural=version.commune_kind == "xa",
            central_vertical=version.central_vertical,
            predecessors=version.predecessor_codes,
            bloc=version.bloc,
        )
        for version, start, next_start in zip(
            ordered, starts, [*starts[1:], until_after(None)], strict=True
        )
    )


@dataclass(slots=True)
class Tree:
    """Every known agency with its versions. Treated as immutable: :meth:`with_changes` copies."""

    provinces: Provinces
    versions: Mapping[str, tuple[BodyVersion, ...]] = field(default_factory=dict)
    _children: dict[str, set[str]] = field(default_factory=dict)
    _spans: dict[str, tuple[Span, ...]] = field(default_factory=dict)
    _origins: dict[str, str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for code, versions in self.versions.items():
            for version in versions:
                if version.parent is not None:
                    self._children.setdefault(version.parent, set()).add(code)

    def with_changes(self, changed: Mapping[str, tuple[BodyVersion, ...]]) -> Tree:
        """The tree after some agencies changed; what is known of untouched bodies is kept."""
        after = Tree(self.provinces, {**self.versions, **changed})
        stale = self.below(changed) | after.below(changed)
        after._spans = {code: spans for code, spans in self._spans.items() if code not in stale}
        return after

    def in_force(self, code: str, day: int) -> BodyVersion | None:
        for version in self.versions.get(code, ()):
            if version.first <= day < version.until:
                return version
        return None

    def below(self, codes: Iterable[str]) -> set[str]:
        """These agencies and all that ever stood below them."""
        found: set[str] = set()
        waiting = list(codes)
        while waiting:
            code = waiting.pop()
            if code not in found:
                found.add(code)
                waiting.extend(self._children.get(code, ()))
        return found

    def spans(self, code: str) -> tuple[Span, ...]:
        """The body and everything above it, each with its days, in order of ancestor and day."""
        waiting, begun = [code], set[str]()
        while waiting:
            at = waiting[-1]
            if at in self._spans:
                waiting.pop()
                continue
            above = {version.parent for version in self.versions.get(at, ()) if version.parent}
            unknown = [each for each in above if each not in self._spans]
            if unknown and at not in begun and not begun.intersection(unknown):
                begun.add(at)
                waiting += unknown
                continue
            # On a way that leads back to itself nobody comes first: there each walks alone.
            found = None if unknown else self._below_known(at)
            self._spans[at] = _joined(self._walk(at) if found is None else found)
            waiting.pop()
        return self._spans[code]

    def _below_known(self, code: str) -> list[Span] | None:
        """From the spans of those above; null where the body would stand above itself."""
        found: list[Span] = []
        for version in self.versions.get(code, ()):
            if version.first >= version.until:
                continue
            found.append(Span(code, version.first, version.until))
            for span in self._spans[version.parent] if version.parent else ():
                start, end = max(version.first, span.first), min(version.until, span.until)
                if start < end:
                    if span.ancestor == code:
                        return None
                    found.append(Span(span.ancestor, start, end))
        return found

    def _walk(self, code: str) -> Iterator[Span]:
        waiting: list[tuple[tuple[str, ...], int, int]] = [((code,), 0, until_after(None))]
        while waiting:
            path, first, until = waiting.pop()
            for version in self.versions.get(path[-1], ()):
                start, end = max(first, version.first), min(until, version.until)
                if start < end:
                    yield Span(path[-1], start, end)
                    # The directory refuses cycles; a walk must end even so.
                    if version.parent is not None and version.parent not in path:
                        waiting.append(((*path, version.parent), start, end))

    def blocs(self, code: str) -> tuple[BlocSpan, ...]:
        """The reporting bloc of the body, on the days it is in the tree."""
        found: list[BlocSpan] = []
        waiting: list[tuple[tuple[str, ...], int, int]] = [((code,), 0, until_after(None))]
        while waiting:
            path, first, until = waiting.pop()
            reached = first
            for version in self.versions.get(path[-1], ()):
                start, end = max(first, version.first), min(until, version.until)
                if start >= end:
                    continue
                if len(path) > 1 and reached < start:
                    found.append(BlocSpan(WITHOUT_ANY, reached, start))
                reached = end
                own = own_bloc(version.bloc, version.system)
                if own is None and version.parent is not None and version.parent not in path:
                    waiting.append(((*path, version.parent), start, end))
                else:
                    found.append(BlocSpan(own or WITHOUT_ANY, start, end))
            if len(path) > 1 and reached < until:
                found.append(BlocSpan(WITHOUT_ANY, reached, until))
        return tuple(sorted(found, key=itemgetter(1)))

    def origin(self, code: str) -> str | None:
        """Old code of the province the body comes from; null where its people decide (L2)."""
        begun: set[str] = set()
        waiting = [code]
        while waiting:
            at = waiting[-1]
            if at in self._origins:
                waiting.pop()
                continue
            province = self._stood_in(at)
            before = self._predecessors(at) if province is None and at not in begun else ()
            # A body on the way back to itself has no origin of its own.
            open_ones = [each for each in before if each not in self._origins and each not in begun]
            begun.add(at)
            if open_ones:
                waiting += open_ones
                continue
            if province is None:
                origins = {self._origins.get(each) for each in self._predecessors(at)}
                province = origins.pop() if len(origins) == 1 else None
            self._origins[at] = province
            waiting.pop()
        return self._origins[code]

    def _stood_in(self, code: str) -> str | None:
        """Province of the body on 2025-06-30, else where it last stood before."""
        standing = self.in_force(code, CUT - 1)
        if standing is not None:
            return standing.province_code
        earlier = [version for version in self.versions.get(code, ()) if version.first < CUT]
        return earlier[-1].province_code if earlier else None

    def _predecessors(self, code: str) -> set[str]:
        return {each for version in self.versions.get(code, ()) for each in version.predecessors}

    def origin_of_newcomers(self, version: BodyVersion) -> str | None:
        """Old code of the province that kept the name of the one the body stands in."""
        return self.provinces.named_like(version.province_code)


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for span in sorted(spans):
        last = joined[-1] if joined else None
        if last and last.ancestor == span.ancestor and last.until == span.first:
            joined[-1] = Span(span.ancestor, last.first, span.until)
        else:
            joined.append(span)
    return tuple(joined)


def bodies_counted_by_origin(tree: Tree, plans: Iterable[Plan]) -> dict[str, frozenset[str]]:
    """Per agency the origins counted apart: plans' own bodies and all that ever stood above them
    from 2025-07-01 on, each for the provinces of those plans."""
    found: dict[str, set[str]] = {}
    for plan in plans:
        body, origin = plan.body.agency_code, plan.province.code_until_2025_06_30
        for code in {body, *(span.ancestor for span in tree.spans(body) if span.until > CUT)}:
            found.setdefault(code, set()).add(origin)
    return {code: frozenset(origins) for code, origins in found.items()}


def targets(
    tree: Tree, by_origin: Mapping[str, frozenset[str]], code: str, origin: str
) -> tuple[Target, ...]:
    """The series that people of this body and origin are counted in."""
    found: list[Target] = []
    for span in tree.spans(code):
        found.append(Target(span.ancestor, EVERY_ORIGIN, span.first, span.until))
        if origin and span.until > CUT and origin in by_origin.get(span.ancestor, ()):
            found.append(Target(span.ancestor, origin, max(CUT, span.first), span.until))
    return tuple(found)
