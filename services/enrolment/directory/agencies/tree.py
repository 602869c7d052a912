"""The dated tree of agencies: what is in force when, who stands above whom, and what may not be.

Days are whole and ``last`` is the last day in force; ``dt.date.max`` stands for an open end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from shared.contracts.blocs import WITHOUT_ANY, own_bloc

OPEN = dt.date.max
DAY = dt.timedelta(days=1)

LEVELS: Final = 32
"""Bodies from the top of the tree down to its lowest, at most, on any day."""

FaultKind = Literal[
    "parent_unknown", "child_outlives_parent", "agency_cycle", "tree_too_deep", "bloc_border"
]


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
    ends with the top; ``bloc`` follows from the path as ``shared.contracts.blocs`` says."""

    first: dt.date
    last: dt.date
    path: tuple[str, ...]
    bloc: str


_Climb = tuple[tuple[str, ...], dt.date, dt.date]
"""A path upwards that goes on, and the days for which it does."""


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


def faults(
    changed: Collection[str], history: History, before: History | None = None
) -> list[Fault]:
    """What the changed agencies break, in themselves or in those below them.

    ``history`` must hold the changed agencies, all that ever stood below them, and everything above both;
    ``before`` is the same without the changes. What was too deep before may stay as deep as it was.
    """
    spans = _spans(history)
    below = _below(history)
    suspects = dict.fromkeys(changed)
    for code in changed:
        suspects.update(dict.fromkeys(below.get(code, ())))
    found: list[Fault] = []
    for code in suspects:
        found += _orphaned(code, spans)
    for code in changed:
        found += _cycles(code, spans)
    found += _depths(changed, spans, _spans(before or {}), below)
    return list(dict.fromkeys(found))


def _spans(history: History) -> dict[str, list[InForce]]:
    return {code: in_force(versions) for code, versions in history.items()}


def _below(history: History) -> dict[str, list[str]]:
    """By agency: those that name it as their parent in any version."""
    below: dict[str, list[str]] = {}
    for code, versions in history.items():
        for parent in {version.parent_code for version in versions if version.parent_code}:
            below.setdefault(parent, []).append(code)
    return below


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
    """Longer cycles than the tree has levels are found as too deep."""
    found: list[Fault] = []
    waiting: list[_Climb] = [((code,), dt.date.min, OPEN)]
    while waiting:
        trail, first, last = waiting.pop()
        for span in spans.get(trail[-1], ()):
            low, high = max(first, span.first), min(last, span.last)
            parent = span.version.parent_code
            if low > high or parent is None:
                continue
            if parent == code:
                begun = next(each.version.valid_from for each in spans[code] if each.last >= low)
                found.append(Fault("agency_cycle", code, begun, trail[-1]))
            elif parent not in trail and len(trail) < LEVELS:
                waiting.append(((*trail, parent), low, high))
    return found


def _depths(
    changed: Collection[str],
    spans: Mapping[str, Sequence[InForce]],
    before: Mapping[str, Sequence[InForce]],
    below: Mapping[str, Sequence[str]],
) -> list[Fault]:
    """Bodies that come to stand below the lowest level, each with the version that brings them there: their
    own where that is new, else the highest one above them that stands lower than before."""
    moved = {
        code for code in changed if _links(spans.get(code, ())) != _links(before.get(code, ()))
    }
    found: list[Fault] = []
    for code in _downwards(moved, below):
        was_deep = any(True for _ in _too_deep(code, before, LEVELS + 1))
        for path, day, is_ring in _too_deep(code, spans, None if was_deep else LEVELS + 1):
            if was_deep and not is_ring and len(path) <= _depth_on(code, before, day):
                continue
            blamed = code
            if code not in moved:
                blamed = next(
                    (
                        each
                        for place, each in reversed(list(enumerate(path)))
                        if each in moved and len(path) - place > _depth_on(each, before, day)
                    ),
                    next(each for each in path if each in moved),
                )
            begun = next(
                (each.version.valid_from for each in spans[blamed] if each.last >= day), day
            )
            found.append(Fault("tree_too_deep", blamed, begun, code))
    return found


def _links(spans: Iterable[InForce]) -> list[tuple[dt.date, dt.date, str | None]]:
    return [(each.first, each.last, each.version.parent_code) for each in spans]


def _too_deep(
    code: str, spans: Mapping[str, Sequence[InForce]], limit: int | None
) -> Iterator[tuple[tuple[str, ...], dt.date, bool]]:
    """Paths upwards that are longer than the tree may be deep, each with its first day and whether it leads
    back to itself; at most ``limit`` bodies of each path are walked."""
    waiting: list[_Climb] = [((code,), dt.date.min, OPEN)]
    while waiting:
        path, first, last = waiting.pop()
        ended = len(path) == limit
        for span in () if ended else spans.get(path[-1], ()):
            low, high = max(first, span.first), min(last, span.last)
            if low > high:
                continue
            parent = span.version.parent_code
            if parent is not None and parent not in path:
                waiting.append(((*path, parent), low, high))
            elif len(path) > LEVELS:
                yield path, low, parent is not None
        if ended:
            yield path, first, False


def _depth_on(code: str, spans: Mapping[str, Sequence[InForce]], day: dt.date) -> int:
    """Bodies from this one up to the top on the day; 0 where it is not in the tree."""
    path: list[str] = []
    at: str | None = code
    while at is not None and at not in path:
        here = next((each for each in spans.get(at, ()) if each.first <= day <= each.last), None)
        if here is None:
            break
        path.append(at)
        at = here.version.parent_code
    return len(path)


def _downwards(codes: Collection[str], below: Mapping[str, Collection[str]]) -> set[str]:
    """The agencies and everything that ever stood below them."""
    found: set[str] = set()
    waiting = list(codes)
    while waiting:
        code = waiting.pop()
        if code not in found:
            found.add(code)
            waiting += below.get(code, ())
    return found


def segments(code: str, history: History) -> list[Segment]:
    """The agency's paths over all its days, in order, equal neighbours joined."""
    return segments_of([code], history)[code]


def segments_of(codes: Iterable[str], history: History) -> dict[str, list[Segment]]:
    """The same of many. Raises :class:`NotATree`."""
    spans = _spans(history)
    return {code: _climbed(code, spans) for code in codes}


def _climbed(code: str, spans: Mapping[str, Sequence[InForce]]) -> list[Segment]:
    found: list[Segment] = []
    waiting: list[tuple[tuple[str, ...], dt.date, dt.date, str | None]] = [
        ((code,), dt.date.min, OPEN, None)
    ]
    while waiting:
        path, first, last, nearest = waiting.pop()
        for span in spans.get(path[-1], ()):
            low, high = max(first, span.first), min(last, span.last)
            if low > high:
                continue
            bloc = nearest or own_bloc(span.version.bloc, span.version.system)
            parent = span.version.parent_code
            if parent is None:
                found.append(Segment(low, high, path, bloc or WITHOUT_ANY))
            elif parent in path:
                raise NotATree(code)
            else:
                waiting.append(((*path, parent), low, high, bloc))
    return _joined(sorted(found, key=lambda segment: segment.first))


def crossings(
    changed: Collection[str], history: History, before: History, bloc: str
) -> list[Fault]:
    """Bodies that the changes of a caller confined to ``bloc`` would bring over the border between the blocs,
    whichever way, or set up on its other side; each with the nearest changed body above it."""
    moved = affected(changed, history)
    after = segments_of(moved, history)
    segments_before = segments_of([code for code in moved if code in before], before)
    found: list[Fault] = []
    for code in sorted(moved):
        for segment in after[code]:
            stood = [
                each
                for each in segments_before.get(code, ())
                if each.first <= segment.last and segment.first <= each.last
            ]
            days = [InForce(_EVER, each.first, each.last) for each in stood]
            new_days = not _covered(segment.first, segment.last, days)
            if any(each.bloc != segment.bloc for each in stood) or (
                new_days and segment.bloc != bloc
            ):
                blamed = next(each for each in segment.path if each in changed or each == code)
                found.append(Fault("bloc_border", blamed, segment.first, code))
    return found


_EVER: Final = Version(dt.date.min, None, None, "", None)


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


def affected(changed: Collection[str], history: History) -> set[str]:
    """The changed agencies and everything that ever stood below them."""
    return _downwards(changed, _below(history))


def segment_on(ordered: Sequence[Segment], day: dt.date) -> Segment | None:
    """The segment that says where a body belongs on ``day``: the one in force, else the last that was,
    else the first to come. A body that has ended still belongs where it last stood."""
    best: Segment | None = None
    for segment in ordered:
        if best is None or segment.first <= day:
            best = segment
    return best
