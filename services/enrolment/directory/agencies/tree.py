"""The dated tree of agencies: what is in force when, who stands above whom, and what may not be.

Days are whole and ``last`` is the last day in force; ``dt.date.max`` stands for an open end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

OPEN = dt.date.max
DAY = dt.timedelta(days=1)

FaultKind = Literal["parent_unknown", "child_outlives_parent", "agency_cycle"]


@dataclass(frozen=True, slots=True)
class Version:
    """One dated version as it was given; ``valid_to`` null: until the next one begins."""

    valid_from: dt.date
    valid_to: dt.date | None
    parent_code: str | None
    system: str
    bloc: str | None


History = Mapping[str, Sequence[Version]]
"""Versions by agency code, in any order."""


@dataclass(frozen=True, slots=True)
class InForce:
    version: Version
    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True)
class Segment:
    """Days on which one agency had the same bodies above it. ``path`` begins with the agency itself and
    ends with the top; ``bloc`` is that of the nearest body of the path that declares one, else the top's
    by its system."""

    first: dt.date
    last: dt.date
    path: tuple[str, ...]
    bloc: str


@dataclass(frozen=True, slots=True)
class Fault:
    """``code``'s version of ``valid_from`` cannot stand because of ``other``."""

    kind: FaultKind
    code: str
    valid_from: dt.date
    other: str


class NotATree(ValueError):
    """Raised by :func:`segments` for a history that :func:`faults` would have refused."""


def in_force(versions: Iterable[Version]) -> list[InForce]:
    """Each version with its real end: never later than the day before the next one begins."""
    ordered = sorted(versions, key=lambda version: version.valid_from)
    found = []
    for index, version in enumerate(ordered):
        last = version.valid_to or OPEN
        if index + 1 < len(ordered):
            last = min(last, ordered[index + 1].valid_from - DAY)
        if last >= version.valid_from:
            found.append(InForce(version, version.valid_from, last))
    return found


def faults(changed: Collection[str], history: History) -> list[Fault]:
    """What the changed agencies break, in themselves or in those below them.

    ``history`` must hold the changed agencies, all agencies that name them as parent, and everything
    above both.
    """
    spans = {code: in_force(versions) for code, versions in history.items()}
    below: dict[str, list[str]] = {}
    for code, versions in history.items():
        for parent in {version.parent_code for version in versions if version.parent_code}:
            below.setdefault(parent, []).append(code)
    suspects = dict.fromkeys(changed)
    for code in changed:
        suspects.update(dict.fromkeys(below.get(code, ())))
    found: list[Fault] = []
    for code in suspects:
        found += _orphaned(code, spans)
    for code in changed:
        found += _cycles(code, spans)
    return list(dict.fromkeys(found))


def _orphaned(code: str, spans: Mapping[str, Sequence[InForce]]) -> Iterator[Fault]:
    for span in spans.get(code, ()):
        parent = span.version.parent_code
        if parent is None:
            continue
        if not spans.get(parent):
            yield Fault("parent_unknown", code, span.first, parent)
        elif not _covered(span.first, span.last, spans[parent]):
            yield Fault("child_outlives_parent", code, span.first, parent)


def _covered(first: dt.date, last: dt.date, by: Sequence[InForce]) -> bool:
    """Whether every day from first to last is in one of the spans, which are in order."""
    reached = first
    for span in by:
        if span.first > reached:
            return False
        if span.last >= reached:
            if span.last >= last:
                return True
            reached = span.last + DAY
    return False


def _cycles(code: str, spans: Mapping[str, Sequence[InForce]]) -> list[Fault]:
    found: list[Fault] = []

    def climb(at: str, first: dt.date, last: dt.date, trail: tuple[str, ...]) -> None:
        for span in spans.get(at, ()):
            low, high = max(first, span.first), min(last, span.last)
            parent = span.version.parent_code
            if low > high or parent is None:
                continue
            if parent == code:
                begun = next(each.version.valid_from for each in spans[code] if each.last >= low)
                found.append(Fault("agency_cycle", code, begun, at))
            elif parent not in trail:
                climb(parent, low, high, (*trail, parent))

    climb(code, dt.date.min, OPEN, (code,))
    return found


def segments(code: str, history: History) -> list[Segment]:
    """The agency's paths over all its days, in order, equal neighbours joined."""
    found: list[Segment] = []

    def climb(
        at: str, first: dt.date, last: dt.date, path: tuple[str, ...], bloc: str | None
    ) -> None:
        for span in in_force(history.get(at, ())):
            low, high = max(first, span.first), min(last, span.last)
            if low > high:
                continue
            declared = bloc or span.version.bloc
            parent = span.version.parent_code
            if parent is None:
                found.append(
                    Segment(low, high, path, declared or bloc_of_system(span.version.system))
                )
            elif parent in path:
                raise NotATree(code)
            else:
                climb(parent, low, high, (*path, parent), declared)

    climb(code, dt.date.min, OPEN, (code,), None)
    return _joined(sorted(found, key=lambda segment: segment.first))


def _joined(ordered: Sequence[Segment]) -> list[Segment]:
    joined: list[Segment] = []
    for segment in ordered:
        before = joined[-1] if joined else None
        if (
            before is not None
            and before.last != OPEN
            and before.last + DAY == segment.first
            and (before.path, before.bloc) == (segment.path, segment.bloc)
        ):
            joined[-1] = Segment(before.first, segment.last, before.path, before.bloc)
        else:
            joined.append(segment)
    return joined


def bloc_of_system(system: str) -> str:
    return "party" if system in ("party", "socio_political") else "state"


def affected(changed: Collection[str], history: History) -> set[str]:
    """The changed agencies and everything that ever stood below them."""
    below: dict[str, set[str]] = {}
    for code, versions in history.items():
        for version in versions:
            if version.parent_code is not None:
                below.setdefault(version.parent_code, set()).add(code)
    found: set[str] = set()
    waiting = list(changed)
    while waiting:
        code = waiting.pop()
        if code not in found:
            found.add(code)
            waiting += below.get(code, ())
    return found


def standing_on(ordered: Sequence[Segment], day: dt.date) -> Segment | None:
    """The segment that says where a body belongs on ``day``: the one in force, else the last that was,
    else the first to come. A body that has ended still belongs where it last stood."""
    best: Segment | None = None
    for segment in ordered:
        if best is None or segment.first <= day:
            best = segment
    return best
