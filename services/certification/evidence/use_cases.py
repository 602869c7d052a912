"""Filing evidence and reading it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from services.certification.directory.errors import unknown_agency
from services.certification.directory.use_cases.visibility import (
    known_visible_bodies,
    visible_bodies,
)
from services.certification.evidence import repository
from services.certification.evidence.authorities import Acceptance, telling
from services.certification.evidence.errors import EvidenceConflict, evidence_conflict
from services.certification.evidence.filing import Paper, paper_of, stated_in
from services.certification.evidence.reach import (
    Seen,
    scope_of,
    seen_of,
)
from services.certification.evidence.schemas import (
    AcceptanceView,
    DecisionView,
    EquivalenceUsed,
    EvidenceAnswer,
    EvidenceBody,
    EvidenceStatus,
    EvidenceView,
    FilingAnswer,
    FilingWarning,
    PersonView,
)
from services.certification.framework.documents import Languages, Rulebook
from services.certification.names import folded_name
from shared.contracts.problem import FieldError, Language, NotFound
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.person_key import PersonKeys
from shared.security.principal import Principal

Filed = Literal["new", "known"] | EvidenceConflict

NAME_DIFFERS: Final = FieldError(
    "/person/full_name",
    "name_differs",
    "họ tên khác với minh chứng khác của cùng người; hãy kiểm tra",
    "the name differs from that in other evidence of the same person; please check",
)


async def file_evidence(
    work: UnitOfWork,
    keys: PersonKeys,
    languages: Languages,
    body: EvidenceBody,
    language: Language,
) -> tuple[FilingAnswer, bool]:
    """The evidence, and whether it is new: one paper of one person, filed by one body, is one."""
    filer = body.agency_code or work.principal.agency
    if filer is not None and not await known_visible_bodies(work, [filer]):
        raise unknown_agency()
    paper = paper_of(body, filer, keys, languages, work.clock.today())
    (outcome,) = await file_papers(work, [paper])
    if isinstance(outcome, EvidenceConflict):
        raise outcome
    doubted = await otherwise_named(work, [paper])
    warnings = [FilingWarning(**NAME_DIFFERS.as_json(language))] if doubted else []
    if outcome == "known":
        known = await repository.find_by_natural_keys(work.connection, [paper.natural_key])
        before = (await answers(work, list(known.values())))[0]
        return FilingAnswer(**before.model_dump(), warnings=warnings), False
    work.audit("evidence.file", str(paper.evidence_id))
    answer = FilingAnswer(
        evidence_id=paper.evidence_id,
        status="recorded",
        kind=body.kind,
        language=body.language,
        dated=body.dated,
        filed_by=filer,
        level=None,
        warnings=warnings,
    )
    return answer, True


async def file_papers(work: UnitOfWork, papers: Sequence[Paper]) -> list[Filed]:
    """What became of each; a paper that stands twice in the list is held against its first."""
    firsts: dict[bytes, Paper] = {}
    for paper in papers:
        firsts.setdefault(paper.natural_key, paper)
    now = work.clock.now()
    added = await repository.add_evidence(
        work.connection, [paper.as_row(now) for paper in firsts.values()]
    )
    known = await repository.find_by_natural_keys(
        work.connection, [key for key in firsts if key not in added]
    )
    outcomes: list[Filed] = []
    for paper in papers:
        key = paper.natural_key
        if key in added and firsts[key] is paper:
            outcomes.append("new")
            work.emit(paper.as_event(), subject=str(paper.evidence_id))
            continue
        before = firsts[key].stated if key in added else stated_in(known[key])
        differing = [pointer for pointer, said in paper.stated.items() if before[pointer] != said]
        outcomes.append(evidence_conflict(differing) if differing else "known")
    return outcomes


async def otherwise_named(work: UnitOfWork, papers: Sequence[Paper]) -> set[str]:
    """Those persons whom evidence that the caller may see names differently, this file's included. What
    it may not see is not compared: a warning would tell that it exists."""
    rows = await repository.names_filed(work.connection, {paper.person_key for paper in papers})
    visible = await visible_bodies(work, {row["filed_by"] for row in rows})
    names: dict[str, set[str]] = {}
    for row in rows:
        if row["filed_by"] in visible:
            names.setdefault(row["person_key"], set()).add(folded_name(row["full_name"]))
    return {person_key for person_key, known in names.items() if len(known) > 1}


async def view_evidence(
    work: UnitOfWork, rulebook: Rulebook, evidence_id: UUID
) -> tuple[EvidenceView, str]:
    """The evidence, and a tag that changes with what the caller sees of it."""
    seen = await find_visible(work, evidence_id)
    work.audit("evidence.read", str(evidence_id))
    known = sum(1 if each.stands else 2 for each in seen.shown)
    return _view(work.principal, rulebook, seen), f'"{known + 1}"'


async def list_evidence(
    work: UnitOfWork, rulebook: Rulebook, *, kind: str | None, after: UUID | None, limit: int
) -> tuple[list[EvidenceView], UUID | None]:
    """A page, oldest first, of what the caller may see; and the id it ends at when there is more."""
    rows = await repository.list_evidence(
        work.connection, scope=await scope_of(work), kind=kind, after=after, limit=limit + 1
    )
    page = rows[:limit]
    ids = [row["evidence_id"] for row in page]
    work.audit("evidence.list", kind or "*", {"evidence": [str(each) for each in ids]})
    seen = await seen_of(work, page)
    items = [_view(work.principal, rulebook, seen[each]) for each in ids if each in seen]
    return items, ids[-1] if len(rows) > limit else None


async def find_visible(work: UnitOfWork, evidence_id: UUID, *, lock: bool = False) -> Seen:
    if lock:
        await repository.lock_decisions(work.connection, [evidence_id])
    rows = await repository.find_evidence(work.connection, [evidence_id])
    seen = (await seen_of(work, rows.values())).get(evidence_id)
    if seen is None:
        raise NotFound
    return seen


async def answers(work: UnitOfWork, rows: Sequence[asyncpg.Record]) -> list[EvidenceAnswer]:
    seen = await seen_of(work, rows)
    return [EvidenceAnswer(**_answer(seen[row["evidence_id"]])) for row in rows]


def _status(shown: Sequence[Acceptance]) -> EvidenceStatus:
    if not shown:
        return "recorded"
    return "accepted" if any(each.stands for each in shown) else "withdrawn"


def _answer(seen: Seen) -> dict[str, Any]:
    row, shown = seen.row, seen.shown
    first = telling(shown)
    return {
        "evidence_id": row["evidence_id"],
        "status": _status(shown),
        "kind": row["kind"],
        "language": row["language"],
        "dated": row["dated"],
        "filed_by": row["filed_by"],
        "level": None if first is None else first.level,
    }


def _view(principal: Principal, rulebook: Rulebook, seen: Seen) -> EvidenceView:
    row = seen.row
    first = telling(seen.shown)
    accepted = None if first is None else first.decision
    return EvidenceView(
        **_answer(seen),
        person=PersonView(
            full_name=principal.shown(row["full_name"]),
            birth_date=principal.shown(row["birth_date"]),
            identity_type=row["identity_type"],
            identity_number=principal.shown_number(row["identity_number"]),
        ),
        test=row["test"],
        certificate_number=row["certificate_number"],
        issued_by=row["issued_by"],
        expires_on=row["expires_on"],
        scores=None if row["scores"] is None else msgspec.json.decode(row["scores"]),
        degree=row["degree"],
        field=row["field"],
        acceptance=_decision(accepted),
        equivalence=_equivalence(rulebook, accepted),
        withdrawal=_decision(None if first is None else first.withdrawal),
        acceptances=[
            AcceptanceView(
                acceptance_id=each.acceptance_id,
                decision_number=each.decision["decision_number"],
                decided_on=each.decision["decided_on"],
                accepted_by=each.decision["accepted_by"],
                bloc=each.decision["bloc"],
                level=each.level,
                withdrawal=_decision(each.withdrawal),
            )
            for each in seen.shown
        ],
    )


def _decision(row: Mapping[str, Any] | None) -> DecisionView | None:
    if row is None:
        return None
    return DecisionView(decision_number=row["decision_number"], decided_on=row["decided_on"])


def _equivalence(rulebook: Rulebook, accepted: Mapping[str, Any] | None) -> EquivalenceUsed | None:
    table_id = None if accepted is None else accepted["equivalence_table"]
    table = rulebook.equivalence_tables.get(table_id) if table_id is not None else None
    if table is None:
        return None
    return EquivalenceUsed(
        id=table.id,
        source=table.source,
        purpose_vi=table.purpose_vi,
        confidence=table.confidence,
    )
