"""The dated tree of agencies: who stands below whom on which days, and where a body comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final, NamedTuple

from services.targets.plans.schemas import Plan, Provinces
from services.targets.population.days import CUT, until_after
from shared.contracts.events import AgencyChanged

WHOLE: Final = ""
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
    """As declared; null: the nearest ancestor's."""


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


def _bloc_of(system: str) -> str:
    """Where no bloc is declared up to the top: the Party's with party and socio-political bodies."""
    return "party" if system in ("party", "socio_political") else "state"


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
        known = self._spans.get(code)
        if known is None:
            walked = sorted(self._walk(code, 0, until_after(None), ()))
            joined: list[Span] = []
            for span in walked:
                last = joined[-1] if joined else None
                if last and last.ancestor == span.ancestor and last.until == span.first:
                    joined[-1] = Span(span.ancestor, last.first, span.until)
                else:
                    joined.append(span)
            known = self._spans[code] = tuple(joined)
        return known

    def _walk(self, code: str, first: int, until: int, path: tuple[str, ...]) -> Iterator[Span]:
        for version in self.versions.get(code, ()):
            start, end = max(first, version.first), min(until, version.until)
            if start < end:
                yield Span(code, start, end)
                # The directory refuses cycles; a walk must end even so.
                if version.parent is not None and version.parent not in (*path, code):
                    yield from self._walk(version.parent, start, end, (*path, code))

    def blocs(self, code: str) -> tuple[BlocSpan, ...]:
        """The reporting bloc of the body, on the days it is in the tree."""
        return tuple(sorted(self._blocs(code, 0, until_after(None), (), None), key=itemgetter(1)))

    def _blocs(
        self, code: str, first: int, until: int, path: tuple[str, ...], top: str | None
    ) -> Iterator[BlocSpan]:
        """``top`` is the system of the body one step below: the top when nobody stands above it."""
        reached = first
        for version in self.versions.get(code, ()):
            start, end = max(first, version.first), min(until, version.until)
            if start >= end:
                continue
            if top is not None and reached < start:
                yield BlocSpan(_bloc_of(top), reached, start)
            reached = end
            if version.bloc is not None:
                yield BlocSpan(version.bloc, start, end)
            elif version.parent is None or version.parent in (*path, code):
                yield BlocSpan(_bloc_of(version.system), start, end)
            else:
                yield from self._blocs(version.parent, start, end, (*path, code), version.system)
        if top is not None and reached < until:
            yield BlocSpan(_bloc_of(top), reached, until)

    def origin(self, code: str) -> str | None:
        """Old code of the province the body comes from; null where its people decide (L2)."""
        if code not in self._origins:
            self._origins[code] = self._follow(code, frozenset())
        return self._origins[code]

    def _follow(self, code: str, seen: frozenset[str]) -> str | None:
        versions = self.versions.get(code, ())
        if not versions or code in seen:
            return None
        standing = self.in_force(code, CUT - 1)
        if standing is not None:
            return standing.province_code
        earlier = [version for version in versions if version.first < CUT]
        if earlier:
            return earlier[-1].province_code
        predecessors = {each for version in versions for each in version.predecessors}
        origins = {self._follow(each, seen | {code}) for each in predecessors}
        return origins.pop() if len(origins) == 1 else None

    def origin_of_newcomers(self, version: BodyVersion) -> str | None:
        """Old code of the province that kept the name of the one the body stands in."""
        return self.provinces.named_like(version.province_code)


def crowned(tree: Tree, plans: Iterable[Plan]) -> dict[str, frozenset[str]]:
    """Per agency the origins counted apart: plans' own bodies and all that ever stood above them
    from 2025-07-01 on, each for the provinces of those plans."""
    found: dict[str, set[str]] = {}
    for plan in plans:
        body, origin = plan.body.agency_code, plan.province.code_until_2025_06_30
        for code in {body, *(span.ancestor for span in tree.spans(body) if span.until > CUT)}:
            found.setdefault(code, set()).add(origin)
    return {code: frozenset(origins) for code, origins in found.items()}


def targets(
    tree: Tree, crowns: Mapping[str, frozenset[str]], code: str, origin: str
) -> tuple[Target, ...]:
    """The series that people of this body and origin are counted in."""
    found: list[Target] = []
    for span in tree.spans(code):
        found.append(Target(span.ancestor, WHOLE, span.first, span.until))
        if origin and span.until > CUT and origin in crowns.get(span.ancestor, ()):
            found.append(Target(span.ancestor, origin, max(CUT, span.first), span.until))
    return tuple(found)
