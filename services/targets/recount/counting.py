"""Counts every figure again from raw events, one person after the other.

Written to be read beside ``docs/counting.md``, not to be fast. It shares nothing with the path that serves figures
but the plan documents and the list of switches, so that the two can be held against each other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from services.targets.plans.loading import load_languages, load_provinces
from services.targets.plans.readings import default_readings
from services.targets.plans.schemas import (
    LAST_DAY_OF_DISTRICTS,
    NOT_CBCCVC,
    NOT_COVERED,
    OTHER_TERRITORY,
    Indicator,
    Language,
    Plan,
    Provinces,
)
from services.targets.recount.facts import AgencyVersion, Event, Facts, Official, Paper
from services.targets.recount.figures import Figure, Readings, Row, State, figure
from services.targets.recount.rules import (
    Judged,
    Present,
    attainment,
    covers,
    decisive_post,
    expired,
    hits,
    in_cohort,
    in_focus,
    in_force,
    primary_on,
)


class Recount:
    """The events, read once; then any number of questions."""

    def __init__(
        self,
        events: Iterable[Event],
        languages: Mapping[str, Language] | None = None,
        provinces: Provinces | None = None,
    ) -> None:
        self.facts = Facts(events)
        self._languages = load_languages() if languages is None else languages
        self._provinces = load_provinces() if provinces is None else provinces
        self._present: dict[dt.date, dict[str, list[Present]]] = {}
        self._origins: dict[str, str] | None = None
        self._matched = {
            official.official_code: self._papers_of(official)
            for official in self.facts.officials.values()
        }

    def figures(
        self, plan: Plan, agency: str | None, as_of: dt.date, readings: Readings | None = None
    ) -> list[Figure]:
        """Every indicator of the plan. ``readings`` must name every switch; null means the defaults."""
        readings = default_readings(plan) if readings is None else readings
        judged = self._judge(plan, agency, as_of, readings)
        return [
            figure(indicator, self._rows(plan, indicator, judged, as_of, readings), readings)
            for indicator in plan.indicators
        ]

    def members(
        self,
        plan: Plan,
        indicator_id: str,
        agency: str | None,
        as_of: dt.date,
        state: State,
        readings: Readings | None = None,
    ) -> list[Row]:
        """One list of one indicator, by official code."""
        readings = default_readings(plan) if readings is None else readings
        indicator = plan.indicator(indicator_id)
        if indicator is None:
            raise KeyError(indicator_id)
        judged = self._judge(plan, agency, as_of, readings)
        rows = self._rows(plan, indicator, judged, as_of, readings)
        return sorted(
            (row for row in rows if row.state == state), key=lambda row: row.official_code
        )

    # --- the tree and who stands in it ----------------------------------------------------------

    def version_on(self, code: str, day: dt.date) -> AgencyVersion | None:
        return in_force(self.facts.agencies.get(code, ()), day)

    def path_up(self, code: str, day: dt.date) -> list[str]:
        """The body and those above it on that day; empty when it is not in the tree."""
        path: list[str] = []
        here: str | None = code
        while here is not None and here not in path:
            version = self.version_on(here, day)
            if version is None:
                break
            path.append(here)
            here = version.parent_code
        return path

    def bloc_on(self, code: str, day: dt.date) -> str:
        """The body's reporting bloc (CONTRACT §1) by the tree of that day; of a body that is not in the tree
        then, or of none that says more, the State's."""
        for each in self.path_up(code, day):
            version = self.version_on(each, day)
            assert version is not None
            if version.bloc is not None:
                return version.bloc
            if version.system != "public_service":
                return "state" if version.system == "state" else "party"
        return "state"

    def _present_on(self, day: dt.date) -> dict[str, list[Present]]:
        """Everybody with a primary assignment that day, by body; bodies not in the tree have nobody."""
        if day not in self._present:
            by_body: dict[str, list[Present]] = {}
            for official in self.facts.officials.values():
                assignment = primary_on(official, day)
                if assignment is None:
                    continue
                body = self.version_on(assignment.agency_code, day)
                if body is not None:
                    present = Present(official, assignment, body)
                    by_body.setdefault(assignment.agency_code, []).append(present)
            self._present[day] = by_body
        return self._present[day]

    # --- membership -----------------------------------------------------------------------------

    def _judge(
        self, plan: Plan, agency: str | None, day: dt.date, readings: Readings
    ) -> list[Judged]:
        root = plan.body.agency_code if agency is None else agency
        rules = list(plan.applies)
        if plan.cadre_scope is not None and readings["R11_cadre_scope"] != "as_listed":
            rules += getattr(plan.cadre_scope, readings["R11_cadre_scope"])
        by_origin = (
            readings["L2_merged_province"] == "origin_plan"
            and day > LAST_DAY_OF_DISTRICTS
            and root in self.path_up(plan.body.agency_code, day)
        )
        judged = []
        for code, people in self._present_on(day).items():
            if root not in self.path_up(code, day):
                continue
            for present in people:
                level = self._level(present, day, readings)
                clause = None
                if present.assignment.status in ("contract_staff", "part_time_commune"):
                    out: str | None = NOT_CBCCVC
                elif by_origin and not self._is_of_territory(plan, present):
                    out = OTHER_TERRITORY
                elif not any(covers(rule, present, level) for rule in rules):
                    out = NOT_COVERED
                else:
                    clause = next(
                        (each for each in plan.excludes if hits(each, present, day)), None
                    )
                    out = None if clause is None else clause.code
                judged.append(Judged(present, level, out, clause))
        return judged

    def _level(self, present: Present, day: dt.date, readings: Readings) -> str:
        if (
            readings["L1_abolished_district"] == "level_on_2025_06_30"
            and day > LAST_DAY_OF_DISTRICTS
        ):
            then = primary_on(present.official, LAST_DAY_OF_DISTRICTS)
            body = then and self.version_on(then.agency_code, LAST_DAY_OF_DISTRICTS)
            if body:
                return body.level
        return present.body.level

    def _is_of_territory(self, plan: Plan, present: Present) -> bool:
        """L2: whether the person belongs to the province whose plan this was on 2025-06-30."""
        origin = self._origin_of_body(present.assignment.agency_code)
        if origin is None:
            then = primary_on(present.official, LAST_DAY_OF_DISTRICTS)
            body = then and self.version_on(then.agency_code, LAST_DAY_OF_DISTRICTS)
            code = present.body.province_code
            origin = body.province_code if body else self._provinces.named_like(code)
        return origin == plan.province.code_until_2025_06_30

    def _origin_of_body(self, code: str) -> str | None:
        """Province, in the old code list, that the body comes from; null where nobody can say.

        Bodies that existed before the districts ended have an answer. It goes to their successors, round after
        round: a successor has one when all its predecessors have the same.
        """
        if self._origins is None:
            self._origins = {}
            successors: dict[str, set[str]] = {}
            before: dict[str, set[str]] = {}
            for each, versions in self.facts.agencies.items():
                stood = [v for v in versions if v.valid_from <= LAST_DAY_OF_DISTRICTS]
                if stood:
                    last = max(stood, key=lambda version: version.valid_from)
                    self._origins[each] = last.province_code
                    continue
                before[each] = {p for version in versions for p in version.predecessor_codes}
                for predecessor in before[each]:
                    successors.setdefault(predecessor, set()).add(each)
            waiting = list(self._origins)
            while waiting:
                for each in successors.get(waiting.pop(), ()):
                    known = {self._origins.get(predecessor) for predecessor in before[each]}
                    if each not in self._origins and len(known) == 1 and None not in known:
                        self._origins[each] = known.pop() or ""
                        waiting.append(each)
        return self._origins.get(code)

    # --- one indicator --------------------------------------------------------------------------

    def _rows(
        self,
        plan: Plan,
        indicator: Indicator,
        judged: list[Judged],
        day: dt.date,
        readings: Readings,
    ) -> list[Row]:
        rows = []
        for person in judged:
            code = person.present.official.official_code
            counted_though_excluded = (
                person.clause is not None and readings["R6_exclusion_effect"] == "count_as_achieved"
            )
            if person.out is not None and not (
                counted_though_excluded and in_cohort(plan, indicator, person, day, readings)
            ):
                rows.append(Row(code, "excluded", person.out, None, None, False, False))
                continue
            if not in_cohort(plan, indicator, person, day, readings):
                continue
            level, specialised = self._holds(person.present.official, plan, day, readings)
            focused = indicator.focus is not None and in_focus(
                indicator, indicator.focus, person, day, readings
            )
            state: State
            if counted_though_excluded:
                assert person.clause is not None
                state, reason, level_met = "achieved", person.clause.code, True
            else:
                state, reason, level_met = attainment(indicator, level, specialised, readings)
            rows.append(Row(code, state, reason, level, specialised, focused, level_met))
        return rows

    def _holds(
        self, official: Official, plan: Plan, day: dt.date, readings: Readings
    ) -> tuple[int | None, bool]:
        """Best level and whether specialised evidence stands, on that day under the readings."""
        level: int | None = None
        specialised = False
        for paper in self._matched[official.official_code]:
            if not paper.stands_on(day):
                continue
            if readings["R8_language_scope"] == "english_only" and paper.language != "en":
                continue
            if readings["R9_achieved_at"] == "unexpired" and expired(paper, plan, day):
                continue
            if paper.level is not None and (level is None or paper.level > level):
                level = paper.level
            specialised = specialised or paper.specialised
        return level, specialised

    def _papers_of(self, official: Official) -> list[Paper]:
        """What was issued to any identity of this official, with an agreeing birth date, in a foreign language."""
        papers = []
        for person_key, birth_check in official.birth_checks.items():
            for paper in self.facts.papers.get(person_key, ()):
                mismatch = (
                    birth_check is not None
                    and paper.birth_check is not None
                    and birth_check != paper.birth_check
                )
                if not mismatch and self._is_foreign(paper) and self._is_settled(paper, official):
                    papers.append(paper)
        return papers

    def _is_settled(self, paper: Paper, official: Official) -> bool:
        """Whether whoever accepted the paper was to decide for this person; nobody need accept a certificate."""
        if paper.accepted_by is None and paper.accepting_bloc is None:
            return True
        assert paper.accepted_on is not None
        chosen = decisive_post(official, paper.accepted_on)
        if chosen is None:
            return False
        post, day = chosen
        path = self.path_up(post.agency_code, day)
        if not path or (paper.accepted_by is not None and paper.accepted_by not in path):
            return False
        bloc = paper.accepting_bloc
        return bloc is None or bloc == self.bloc_on(post.agency_code, day)

    def _is_foreign(self, paper: Paper) -> bool:
        language = self._languages.get(paper.language)
        if language is None or not language.foreign:
            return False
        return paper.proves_foreign_language or not language.minority


def recount(
    events: Iterable[Event],
    plan: Plan,
    agency: str | None,
    as_of: dt.date,
    readings: Readings | None = None,
) -> list[Figure]:
    """Every indicator of the plan for one body and day, from the raw events."""
    return Recount(events).figures(plan, agency, as_of, readings)


def members(
    events: Iterable[Event],
    plan: Plan,
    indicator_id: str,
    agency: str | None,
    as_of: dt.date,
    state: State,
    readings: Readings | None = None,
) -> list[Row]:
    """One list of one indicator for one body and day, from the raw events."""
    return Recount(events).members(plan, indicator_id, agency, as_of, state, readings)
