"""The serving path without a database: its own rules over whole event lists, held against the recount."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np

from services.targets.plans.loading import load_languages, load_plans, load_provinces
from services.targets.plans.readings import default_readings
from services.targets.plans.schemas import OTHER_TERRITORY, Language, Plan, Provinces
from services.targets.population.assignments import primary_assignments
from services.targets.population.credentials import proved_on
from services.targets.population.days import CUT, END
from services.targets.population.deciding import Places, counting
from services.targets.population.people import People
from services.targets.population.profiles import Profile, ProfileScheme, columns
from services.targets.population.rollup import Counted, Group, Series
from services.targets.population.series import Cells, Page, consolidated, counts_on, folded, paged
from services.targets.population.shifts import CountingContext, Row, Shift, Shifter, context_change
from services.targets.population.tree import EVERY_ORIGIN, Tree, versions_of
from services.targets.progress.counting import IndicatorFigure, PlanEvaluation
from services.targets.progress.members import reason_of
from shared.contracts.events import AgencyChanged, Envelope, Payload, decode

State = Literal["achieved", "missing", "excluded"]


class Listed(NamedTuple):
    official_code: str
    reason: str
    level: int | None
    specialised: bool | None


class InMemoryFigures:
    """Figures and member lists after the events applied so far, in batches or all at once."""

    def __init__(
        self,
        plans: Mapping[str, Plan] | None = None,
        languages: Mapping[str, Language] | None = None,
        provinces: Provinces | None = None,
        *,
        scheme: ProfileScheme | None = None,
        smallest_page: int = 8,
    ) -> None:
        """``scheme`` of the same plans spares making it again for each of many small worlds."""
        self.plans = load_plans() if plans is None else plans
        self.languages = load_languages() if languages is None else languages
        self.scheme = scheme or ProfileScheme(self.plans.values())
        self.context = CountingContext.of(self.plans.values(), Tree(provinces or load_provinces()))
        self.people = People()
        self.rows: dict[str, set[Row]] = defaultdict(set)
        self.pages: dict[Series, list[Page]] = {}
        self.known_agencies: set[str] = set()
        self._versions: dict[str, int] = {}
        self._numbers: dict[Profile, int] = {}
        self._smallest_page = smallest_page

    @staticmethod
    def from_events(
        events: Iterable[Mapping[str, Any]], *, batch: int | None = None
    ) -> InMemoryFigures:
        """Figures after all ``events``, CloudEvents as decoded from JSON."""
        figures = InMemoryFigures()
        listed = list(events)
        size = batch or max(1, len(listed))
        for start in range(0, len(listed), size):
            figures.apply(listed[start : start + size])
        return figures

    def apply(self, events: Iterable[Mapping[str, Any]]) -> Shift:
        payloads: list[Payload] = [decode(msgspec.convert(event, Envelope)) for event in events]
        changed = {}
        for payload in payloads:
            if isinstance(payload, AgencyChanged):
                if payload.version >= self._versions.get(payload.agency_code, 0):
                    self._versions[payload.agency_code] = payload.version
                    changed[payload.agency_code] = versions_of(payload)
            else:
                self.people.apply(payload)
        self.known_agencies |= changed.keys()
        change = context_change(self.context, changed)
        for code, state in self.people.officials.items():
            stirred = change.regraded | change.replaced
            if any(each.agency_code in stirred for each in state.assignments):
                self.people.touched.add(code)
        standing: dict[Group, list[Counted]] = defaultdict(list)
        for rows in self.rows.values():
            for row in rows:
                if row.body in change.bodies:
                    group = (row.body, row.origin)
                    standing[group].append(Counted(group, row.first, row.until, row.profile, 1))
        shifter = Shifter(self.scheme, self.languages, self._number)
        shift = shifter.shift(change, standing, self.people, self.rows)
        for code, row in shift.removed:
            self.rows[code].discard(row)
        for code, row in shift.added:
            self.rows[code].add(row)
        for series, cells in shift.cells.items():
            self.pages[series] = self._folded(self.pages.get(series, []), cells)
        self.context = change.after
        self.people.touched.clear()
        return shift

    def _folded(self, pages: list[Page], cells: Cells) -> list[Page]:
        """As the worker folds: pages before the first changed day stay as they are."""
        day = int(cells.days[0])
        kept = max((n for n, page in enumerate(pages) if page.from_day <= day), default=0)
        return pages[:kept] + folded(pages[kept:], [cells], self._smallest_page)

    def _number(self, profile: Profile) -> int:
        return self._numbers.setdefault(profile, len(self._numbers))

    def question(self, plan: Plan, readings: Mapping[str, str]) -> PlanEvaluation:
        fields = columns(self._numbers, len(self.scheme.fields))
        return PlanEvaluation(self.scheme, plan, readings, fields)

    def series_of(
        self, plan: Plan, agency: str, day: int, readings: Mapping[str, str]
    ) -> Series | None:
        """The series that answers for this body and day; null when it is not in the tree."""
        tree = self.context.tree
        if tree.in_force(agency, day) is None:
            return None
        if (
            readings["L2_merged_province"] == "origin_plan"
            and day >= CUT
            and _is_within(tree, plan.body.agency_code, agency, day)
        ):
            return agency, plan.province.code_until_2025_06_30
        return agency, EVERY_ORIGIN

    def figures(
        self,
        plan: Plan,
        agency: str | None,
        as_of: dt.date,
        readings: Mapping[str, str] | None = None,
    ) -> list[IndicatorFigure]:
        readings = default_readings(plan) if readings is None else readings
        day = as_of.toordinal()
        series = self.series_of(plan, agency or plan.body.agency_code, day, readings)
        question = self.question(plan, readings)
        if series is None:
            return question.figures(np.zeros(question.width, dtype=np.int64))
        pages = [page for page in self.pages.get(series, ()) if page.from_day <= day]
        return question.figures(counts_on(day, pages[-1] if pages else None, (), question.width))

    def members(
        self,
        plan: Plan,
        indicator_id: str,
        agency: str | None,
        as_of: dt.date,
        state: State,
        readings: Mapping[str, str] | None = None,
    ) -> list[Listed]:
        """One list of one indicator, by official code."""
        readings = default_readings(plan) if readings is None else readings
        day = as_of.toordinal()
        series = self.series_of(plan, agency or plan.body.agency_code, day, readings)
        if series is None:
            return []
        body, origin = series
        question = self.question(plan, readings)
        chosen = {int(each) for each in question.profiles_in(indicator_id, state)}
        found: list[Listed] = []
        for code in sorted(self.rows):
            row = next((each for each in self.rows[code] if each.first <= day < each.until), None)
            if row is None or not _is_within(self.context.tree, row.body, body, day):
                continue
            elsewhere = bool(origin) and row.origin != origin
            if elsewhere:
                if state == "excluded":
                    staff = question.excluding_reason(row.profile)
                    reason = staff if staff == "not_cbccvc" else OTHER_TERRITORY
                    found.append(Listed(code, reason, None, None))
                continue
            if row.profile not in chosen:
                continue
            tree = self.context.tree
            counted = counting(
                self.people.credentials_of(code),
                primary_assignments(self.people.officials[code]),
                Places(tree.spans, tree.blocs),
            )
            proved = proved_on(counted, self.languages, plan, readings, day)
            found.append(
                Listed(code, *reason_of(question, indicator_id, state, row.profile, proved))
            )
        return found

    def rebuilt(self) -> dict[Series, list[Page]]:
        """Pages made from nothing but the kept standings, to compare with those grown by batches."""
        cells: dict[Series, list[tuple[int, int, int]]] = defaultdict(list)
        for rows in self.rows.values():
            for row in rows:
                for target in self.context.targets((row.body, row.origin)):
                    first = max(row.first, target.first)
                    until = min(row.until, target.until)
                    if first < until:
                        series = target.agency_code, target.origin
                        cells[series].append((first, row.profile, 1))
                        if until < END:
                            cells[series].append((until, row.profile, -1))
        return {
            series: paged(consolidated(*np.array(changes, dtype=np.int64).T), self._smallest_page)
            for series, changes in cells.items()
        }


def _is_within(tree: Tree, code: str, ancestor: str, day: int) -> bool:
    return any(
        span.ancestor == ancestor and span.first <= day < span.until for span in tree.spans(code)
    )
