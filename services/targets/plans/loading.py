"""Reads plan documents and refuses, with every fault named, what does not hold together.

A sixth province's plan is one more YAML file in ``documents/``: nothing here knows the five by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from services.targets.plans.readings import CATALOGUE
from services.targets.plans.schemas import Indicator, Language, Plan, Provinces
from shared.documents import parse

DOCUMENTS = Path(__file__).parent / "documents"
LANGUAGES = Path(__file__).parent / "languages.yaml"
PROVINCES = Path(__file__).parent / "provinces.yaml"

_PLAN_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*-\d{4}")
_INDICATOR_ID = re.compile(r"I\d{1,2}-\d{4}")
_AGENCY_CODE = re.compile(r"[A-Z]\d{2}(\.[0-9A-Z]+)*")
_CLAUSE_CODE = re.compile(r"[A-Z][A-Z0-9_]*")

_Parsed = TypeVar("_Parsed")


class DocumentError(ValueError):
    """A document cannot be used; ``faults`` says all that is wrong with it."""

    def __init__(self, name: str, faults: Iterable[str]) -> None:
        self.name = name
        self.faults = tuple(faults)
        super().__init__(f"{name}: " + "; ".join(self.faults))


def _parse(name: str, text: str, as_type: type[_Parsed]) -> _Parsed:
    try:
        return parse(text, as_type)
    except ValueError as error:
        raise DocumentError(name, [str(error)]) from error


def load_plan(text: str, provinces: Provinces, name: str = "plan") -> Plan:
    """One plan from the text of its document. Raises :class:`DocumentError`."""
    plan = _parse(name, text, Plan)
    faults = list(_faults(plan, provinces))
    if faults:
        raise DocumentError(name, faults)
    return plan


def load_plans(directory: Path = DOCUMENTS) -> dict[str, Plan]:
    """Every plan of a directory by id, ids in order. Raises :class:`DocumentError`."""
    provinces = load_provinces()
    plans: dict[str, Plan] = {}
    for path in sorted(directory.glob("*.yaml")):
        plan = load_plan(path.read_text(encoding="utf-8"), provinces, path.name)
        if plan.id != path.stem:
            raise DocumentError(path.name, [f"id {plan.id} differs from the file's name"])
        plans[plan.id] = plan
    return plans


def load_languages(path: Path = LANGUAGES) -> dict[str, Language]:
    """Languages by code. A code that is not listed is not a foreign language. Raises :class:`DocumentError`."""
    languages = _parse(path.name, path.read_text(encoding="utf-8"), tuple[Language, ...])
    repeated = _repeated(each.code for each in languages)
    if repeated:
        raise DocumentError(path.name, [f"language {code} stands twice" for code in repeated])
    return {each.code: each for each in languages}


def load_provinces(path: Path = PROVINCES) -> Provinces:
    """Both code lists of the provinces. Raises :class:`DocumentError`."""
    provinces = _parse(path.name, path.read_text(encoding="utf-8"), Provinces)
    old = {each.code for each in provinces.old}
    new = {each.code for each in provinces.new}
    faults = [
        f"old code {code} stands twice" for code in _repeated(each.code for each in provinces.old)
    ]
    faults += [
        f"new code {code} stands twice" for code in _repeated(each.code for each in provinces.new)
    ]
    faults += [
        f"old province {each.code}: no successor {each.successor_code}"
        for each in provinces.old
        if each.successor_code not in new
    ]
    faults += [
        f"new province {each.code}: no old province {each.same_name_old_code}"
        for each in provinces.new
        if each.same_name_old_code not in old
    ]
    if faults:
        raise DocumentError(path.name, faults)
    return provinces


def _repeated(values: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    repeated: list[str] = []
    for value in values:
        if value in seen and value not in repeated:
            repeated.append(value)
        seen.add(value)
    return repeated


def _faults(plan: Plan, provinces: Provinces) -> Iterator[str]:
    if not _PLAN_ID.fullmatch(plan.id):
        yield f"id {plan.id!r} is not of the form name-year"
    for field in ("version", "title"):
        if not str(getattr(plan, field)).strip():
            yield f"{field} is empty"
    if plan.valid_to < plan.valid_from:
        yield "valid_to lies before valid_from"
    if not _AGENCY_CODE.fullmatch(plan.body.agency_code):
        yield f"body.agency_code {plan.body.agency_code!r} is not an agency code"
    yield from _province_faults(plan, provinces)
    yield from _scope_faults(plan)
    if not plan.indicators:
        yield "indicators: none"
    for repeated in _repeated(each.id for each in plan.indicators):
        yield f"indicators: id {repeated} stands twice"
    for indicator in plan.indicators:
        for fault in _indicator_faults(plan, indicator):
            yield f"indicator {indicator.id}: {fault}"
    yield from _reading_faults(plan)
    for repeated in _repeated(each.test for each in plan.validity):
        yield f"validity: test {repeated} stands twice"
    for validity in plan.validity:
        if not 1 <= validity.months <= 600:
            yield f"validity: {validity.test}: months must lie in 1..600"


def _province_faults(plan: Plan, provinces: Provinces) -> Iterator[str]:
    old_code = plan.province.code_until_2025_06_30
    old = next((each for each in provinces.old if each.code == old_code), None)
    if old is None:
        yield f"province: no province {old_code} in the list in force to 2025-06-30"
    elif old.successor_code != plan.province.code_from_2025_07_01:
        yield (
            f"province: {old_code} became {old.successor_code}, "
            f"not {plan.province.code_from_2025_07_01}"
        )


def _scope_faults(plan: Plan) -> Iterator[str]:
    if not plan.applies:
        yield "applies: no rule"
    rules = list(plan.applies)
    if plan.cadre_scope is not None:
        rules += [*plan.cadre_scope.all_commune_cadres, *plan.cadre_scope.all_cadres]
    for rule in rules:
        if not rule.status:
            yield "applies: a rule names no status"
        if rule.system == () or rule.admin_level == ():
            yield "applies: an empty list covers nobody; leave the key out for 'any'"
        if not rule.text.strip():
            yield "applies: a rule lacks its text"
    for repeated in _repeated(each.code for each in plan.excludes):
        yield f"excludes: clause {repeated} stands twice"
    for clause in plan.excludes:
        if not _CLAUSE_CODE.fullmatch(clause.code):
            yield f"excludes: {clause.code!r} is not a clause code"
        if not clause.status:
            yield f"excludes {clause.code}: no status"
        if not clause.text.strip():
            yield f"excludes {clause.code}: the text of the clause is missing"


def _indicator_faults(plan: Plan, indicator: Indicator) -> Iterator[str]:
    if not _INDICATOR_ID.fullmatch(indicator.id):
        yield "id is not of the form I1-2025"
    elif not indicator.id.endswith(f"-{indicator.milestone.year}"):
        yield f"milestone {indicator.milestone} is not of the id's year"
    if not plan.valid_from <= indicator.milestone <= plan.valid_to:
        yield f"milestone {indicator.milestone} lies outside the plan's period"
    if not 1 <= indicator.required_percent <= 100:
        yield f"required_percent {indicator.required_percent} must lie in 1..100"
    if not 1 <= indicator.required_level <= 6:
        yield f"required_level {indicator.required_level} must lie in 1..6"
    if not indicator.cohort.status:
        yield "cohort names no status"
    if indicator.cohort.admin_level == ():
        yield "cohort: an empty admin_level covers nobody; leave the key out for 'any'"
    for age in (indicator.cohort.age_below, indicator.focus.age_below if indicator.focus else None):
        if age is not None and not 18 <= age <= 70:
            yield f"age_below {age} must lie in 18..70"
    sentence = indicator.source.sentence
    if not sentence.strip() or not indicator.source.section.strip():
        yield "the source sentence and its section must be given"
    elif not re.search(rf"\b{indicator.required_percent} ?%", sentence):
        yield f"the source sentence does not say {indicator.required_percent}%"
    elif f"bậc {indicator.required_level}" not in sentence:
        yield f"the source sentence does not say bậc {indicator.required_level}"
    elif indicator.specialised != ("ngoại ngữ chuyên ngành" in sentence):
        yield "specialised and the source sentence differ on 'ngoại ngữ chuyên ngành'"
    if indicator.focus is not None and indicator.focus.words not in sentence:
        yield "the words of the focus do not stand in the source sentence"
    for field in ("qualifiers_may_extend_from", "leaders_indicator"):
        named = getattr(indicator, field)
        if named is not None and (named == indicator.id or plan.indicator(named) is None):
            yield f"{field} names {named}, which is no other indicator of this plan"


def _reading_faults(plan: Plan) -> Iterator[str]:
    for key, declared in plan.readings.items():
        reading = CATALOGUE.get(key)
        if reading is None:
            yield f"readings: no switch {key}"
            continue
        for option in declared.options:
            if option not in reading.options or option in reading.unavailable:
                yield f"readings {key}: no option {option}"
        if declared.default not in declared.options:
            yield f"readings {key}: default {declared.default} is not among its options"
        for indicator_id in declared.applies_to or ():
            if plan.indicator(indicator_id) is None:
                yield f"readings {key}: no indicator {indicator_id}"
        acting = _acts_on(plan, key)
        if acting is not None and acting != declared.applies_to:
            yield f"readings {key}: the indicators make it act on {', '.join(acting) or 'nothing'}"
    for key in CATALOGUE:
        if key not in plan.readings and _acts_on(plan, key):
            yield f"readings: {key} acts on this plan and must be declared"
    if ("R11_cadre_scope" in plan.readings) != (plan.cadre_scope is not None):
        yield "readings R11_cadre_scope and cadre_scope go together"


def _acts_on(plan: Plan, key: str) -> tuple[str, ...] | None:
    """Indicators a switch acts on by the document's own structure; null for switches of the whole plan."""
    structure: dict[str, Callable[[Indicator], bool]] = {
        "R1_focus_clause": lambda i: i.focus is not None and i.focus.kind == "emphasis",
        "R2_no_focus_verb": lambda i: i.focus is not None and i.focus.kind == "definition",
        "R3_leader_bracket_scope": lambda i: i.qualifiers_may_extend_from is not None,
        "R4_leader_subset": lambda i: i.leaders_indicator is not None,
        "R5_specialised_language": lambda i: i.specialised,
        "R10_xa_wording": lambda i: i.xa_wording,
    }
    acting = structure.get(key)
    if acting is None:
        return None
    return tuple(each.id for each in plan.indicators if acting(each))
