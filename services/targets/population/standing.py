"""From one person's facts to the intervals during which the person stands somewhere with one profile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple

from services.targets.plans.schemas import Language
from services.targets.population.assignments import primary_assignments
from services.targets.population.clauses import LEADERSHIPS, LEVELS, STATUSES, SYSTEMS
from services.targets.population.credentials import Credential, expiry, is_foreign
from services.targets.population.days import CUT, END, birthday
from services.targets.population.deciding import Places, counting
from services.targets.population.profiles import Profile, ProfileScheme
from services.targets.population.tree import EVERY_ORIGIN, BodyVersion, Tree
from shared.contracts.events import Assignment, OfficialState

_STATUS = {name: STATUSES.index(name) for name in STATUSES}
_SYSTEM = {name: SYSTEMS.index(name) for name in SYSTEMS}
_LEVEL = {name: LEVELS.index(name) for name in LEVELS}
_LEADERSHIP = {name: LEADERSHIPS.index(name) for name in LEADERSHIPS}


class Standing(NamedTuple):
    """The person's primary assignment lies in ``body`` on the days ``[first, until)``."""

    first: int
    until: int
    body: str
    origin: str
    """Old code of the province counted as the person's (L2) from 2025-07-01 on; else empty."""
    profile: Profile


class _Paper(NamedTuple):
    first: int
    until: int
    english: bool
    level_class: int
    specialised: bool
    expiries: tuple[int, ...]
    """First day expired, under each distinct validity."""


def born_on(birth_date: str | None) -> dt.date:
    """A bare year is taken as 1 January."""
    assert birth_date is not None, "a follower's events are whole"
    return (
        dt.date(int(birth_date), 1, 1)
        if len(birth_date) == 4
        else dt.date.fromisoformat(birth_date)
    )


class StandingRules:
    """Makes standings by one profile scheme, one tree and one list of languages."""

    def __init__(
        self, scheme: ProfileScheme, tree: Tree, languages: Mapping[str, Language]
    ) -> None:
        self._scheme = scheme
        self._tree = tree
        self._languages = languages
        self._places = Places(tree.spans, tree.blocs)
        self._months = tuple(dict(validity) for validity in scheme.validities)
        ages = [_age(name) for name in scheme.age_fields]
        self._limits = sorted({years for years, _ in ages})
        self._ages = ages
        self._nothing: Profile = (0,) * len(scheme.evidence_fields)

    def standings(self, state: OfficialState, credentials: Iterable[Credential]) -> list[Standing]:
        """Standings of an official with the credentials that are the official's, in order of days. Evidence that
        another authority than the official's own accepted proves nothing."""
        primaries = primary_assignments(state)
        if not primaries:
            return []
        born = born_on(state.birth_date)
        birthdays = {years: birthday(born, years) for years in self._limits}
        papers = self._papers(counting(credentials, primaries, self._places))
        points = self._points(state, birthdays, papers)
        frozen, home = self._on_cut(primaries)
        found: list[Standing] = []
        for start, end, assignment in primaries:
            for version in self._tree.versions.get(assignment.agency_code, ()):
                first, until = max(start, version.first), min(end, version.until)
                if first >= until:
                    continue
                person = self._person(state, assignment, version, frozen, birthdays)
                origin = self._origin(assignment, version, home) if until > CUT else EVERY_ORIGIN
                cuts = [first, *(point for point in points if first < point < until), until]
                for day, next_day in pairwise(cuts):
                    profile = self._scheme.shortest(person(day), self._evidence(papers, day))
                    place = assignment.agency_code, EVERY_ORIGIN if day < CUT else origin
                    _append(found, Standing(day, next_day, *place, profile))
        return found

    def _papers(self, credentials: Iterable[Credential]) -> list[_Paper]:
        return [
            _Paper(
                first=each.first,
                until=each.until,
                english=each.language == "en",
                level_class=self._scheme.level_class(each.level),
                specialised=each.specialised,
                expiries=tuple(expiry(each, months) for months in self._months),
            )
            for each in credentials
            if each.first < each.until and is_foreign(each, self._languages)
        ]

    @staticmethod
    def _points(
        state: OfficialState, birthdays: Mapping[int, int], papers: Iterable[_Paper]
    ) -> list[int]:
        """Days on which the profile may change other than by assignment and body."""
        points = {CUT, *birthdays.values()}
        for awarded in (
            state.attributes.language_degree_awarded_on,
            state.attributes.foreign_taught_degree_awarded_on,
        ):
            if awarded is not None:
                points.add(awarded.toordinal())
        for paper in papers:
            points.update((paper.first, paper.until, *paper.expiries))
        return sorted(points)

    def _on_cut(
        self, primaries: Iterable[tuple[int, int, Assignment]]
    ) -> tuple[int | None, str | None]:
        """Level and province of the primary assignment on 2025-06-30, where its body stood that day."""
        for start, end, assignment in primaries:
            if start <= CUT - 1 < end:
                version = self._tree.in_force(assignment.agency_code, CUT - 1)
                if version is not None:
                    return _LEVEL[version.level], version.province_code
        return None, None

    def _origin(self, assignment: Assignment, version: BodyVersion, home: str | None) -> str:
        return (
            self._tree.origin(assignment.agency_code)
            or home
            or self._tree.origin_of_newcomers(version)
            or EVERY_ORIGIN
        )

    def _person(
        self,
        state: OfficialState,
        assignment: Assignment,
        version: BodyVersion,
        frozen: int | None,
        birthdays: Mapping[int, int],
    ) -> Callable[[int], Profile]:
        """The fields before those of evidence, by day, while this assignment and version last."""
        own, stated = state.attributes, assignment.attributes
        level = _LEVEL[version.level]
        post = (
            _STATUS.get(assignment.status, _STATUS["other"]),
            _SYSTEM[version.system],
            level,
        )
        work = (
            int(version.rural),
            _LEADERSHIP[assignment.leadership],
            int(assignment.requires_language),
            _stated(stated.language_teacher, own.language_teacher),
            _stated(stated.foreign_affairs, own.foreign_affairs),
            _stated(stated.language_qualified_post, own.language_qualified_post),
        )
        language_degree = _degree_from(own.language_degree, own.language_degree_awarded_on)
        foreign_degree = _degree_from(
            own.foreign_taught_degree, own.foreign_taught_degree_awarded_on
        )
        vertical = int(own.central_vertical or version.central_vertical)
        began = assignment.valid_from.toordinal()
        ages = [
            (birthdays[years], began if on == "start" else on if isinstance(on, int) else None)
            for years, on in self._ages
        ]

        def on_day(day: int) -> Profile:
            return (
                *post,
                frozen if frozen is not None and day >= CUT else level,
                *work,
                int(language_degree <= day),
                int(foreign_degree <= day),
                vertical,
                *[int((day if on is None else on) < born) for born, on in ages],
            )

        return on_day

    def _evidence(self, papers: list[_Paper], day: int) -> Profile:
        """Fields of evidence in the scheme's order: scope, then time, then level and specialised."""
        if not papers:
            return self._nothing
        values = list(self._nothing)
        english = len(values) // 2
        for paper in papers:
            if paper.first <= day < paper.until:
                for number, expiry_day in enumerate((END, *paper.expiries)):
                    if day < expiry_day:
                        _raise(values, 2 * number, paper)
                        if paper.english:
                            _raise(values, english + 2 * number, paper)
        return tuple(values)


def _raise(values: list[int], place: int, paper: _Paper) -> None:
    values[place] = max(values[place], paper.level_class)
    if paper.specialised:
        values[place + 1] = 1


def _stated(stated: bool | None, own: bool) -> int:
    """What stands on the assignment wins over the official's own."""
    return int(own if stated is None else stated)


def _degree_from(has_degree: bool, awarded_on: dt.date | None) -> int:
    """First day of a degree; an undated one is held on every day."""
    if not has_degree:
        return END
    return 0 if awarded_on is None else awarded_on.toordinal()


def _age(field: str) -> tuple[int, str | int]:
    """Years and reference (``day``, ``start`` or the ordinal of a milestone) of an age field."""
    name, _, on = field.partition(".")
    years = int(name.removeprefix("below_"))
    return years, on if on in ("day", "start") else dt.date.fromisoformat(on).toordinal()


def _append(found: list[Standing], standing: Standing) -> None:
    if found:
        last = found[-1]
        if last.until == standing.first and last[2:] == standing[2:]:
            found[-1] = Standing(last.first, standing.until, *standing[2:])
            return
    found.append(standing)
