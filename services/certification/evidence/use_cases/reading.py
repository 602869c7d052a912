"""Reading evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from services.certification.evidence import repository
from services.certification.evidence.authorities import Acceptance, leading_acceptance
from services.certification.evidence.papers import scores_in
from services.certification.evidence.rows import Decision, EvidenceRow
from services.certification.evidence.schemas import (
    AcceptanceView,
    DecisionView,
    EquivalenceUsed,
    EvidenceAnswer,
    EvidenceStatus,
    EvidenceView,
    PersonView,
)
from services.certification.evidence.use_cases.visibility import (
    VisiblePaper,
    scope_of,
    visible_papers,
)
from services.certification.framework.documents import Rulebook
from shared.contracts.events import EvidenceKind
from shared.contracts.problem import NotFound
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal


async def view_evidence(
    work: UnitOfWork, rulebook: Rulebook, evidence_id: UUID
) -> tuple[EvidenceView, str]:
    """The evidence, and a tag that changes with what the caller sees of it."""
    seen = await find_visible(work, evidence_id)
    work.audit("evidence.read", str(evidence_id))
    known = sum(1 if each.in_force else 2 for each in seen.shown)
    return _view(work.principal, rulebook, seen), f'"{known + 1}"'


class AskedPapers(NamedTuple):
    """``kind`` null: of all kinds."""

    rulebook: Rulebook
    kind: EvidenceKind | None


async def list_evidence(
    work: UnitOfWork, asked: AskedPapers, after: tuple[UUID] | None, limit: int
) -> tuple[list[EvidenceView], tuple[UUID] | None]:
    """A page, oldest first, of what the caller may see; and the id it ends at when there is more."""
    rows = await repository.list_evidence(
        work.connection,
        scope=await scope_of(work),
        kind=asked.kind,
        after=None if after is None else after[0],
        limit=limit + 1,
    )
    page = rows[:limit]
    ids = [row.evidence_id for row in page]
    work.audit("evidence.list", asked.kind or "*", {"evidence": [str(each) for each in ids]})
    visible = await visible_papers(work, page)
    items = [
        _view(work.principal, asked.rulebook, visible[each]) for each in ids if each in visible
    ]
    return items, (ids[-1],) if len(rows) > limit else None


async def find_visible(work: UnitOfWork, evidence_id: UUID, *, lock: bool = False) -> VisiblePaper:
    if lock:
        await repository.lock_decisions(work.connection, [evidence_id])
    rows = await repository.find_evidence(work.connection, [evidence_id])
    seen = (await visible_papers(work, rows.values())).get(evidence_id)
    if seen is None:
        raise NotFound
    return seen


async def answers(work: UnitOfWork, rows: Sequence[EvidenceRow]) -> list[EvidenceAnswer]:
    seen = await visible_papers(work, rows)
    return [EvidenceAnswer(**_answer(seen[row.evidence_id])) for row in rows]


def _status(shown: Sequence[Acceptance]) -> EvidenceStatus:
    if not shown:
        return "recorded"
    return "accepted" if any(each.in_force for each in shown) else "withdrawn"


def _answer(seen: VisiblePaper) -> dict[str, Any]:
    row, shown = seen.row, seen.shown
    first = leading_acceptance(shown)
    return {
        "evidence_id": row.evidence_id,
        "status": _status(shown),
        "kind": row.kind,
        "language": row.language,
        "dated": row.dated,
        "filed_by": row.filed_by,
        "level": None if first is None else first.level,
    }


def _view(principal: Principal, rulebook: Rulebook, seen: VisiblePaper) -> EvidenceView:
    row = seen.row
    first = leading_acceptance(seen.shown)
    accepted = None if first is None else first.decision
    return EvidenceView(
        **_answer(seen),
        person=PersonView(
            full_name=principal.shown(row.full_name),
            birth_date=principal.shown(row.birth_date),
            identity_type=row.identity_type,
            identity_number=principal.shown_number(row.identity_number),
        ),
        test=row.test,
        certificate_number=row.certificate_number,
        issued_by=row.issued_by,
        expires_on=row.expires_on,
        scores=None if row.scores is None else scores_in(row),
        degree=row.degree,
        field=row.field,
        acceptance=_decision(accepted),
        equivalence=_equivalence(rulebook, accepted),
        withdrawal=_decision(None if first is None else first.withdrawal),
        acceptances=[
            AcceptanceView(
                acceptance_id=each.acceptance_id,
                decision_number=each.decision.decision_number,
                decided_on=each.decision.decided_on,
                accepted_by=each.decision.accepted_by,
                bloc=each.decision.bloc,
                level=each.level,
                withdrawal=_decision(each.withdrawal),
            )
            for each in seen.shown
        ],
    )


def _decision(row: Decision | None) -> DecisionView | None:
    if row is None:
        return None
    return DecisionView(decision_number=row.decision_number, decided_on=row.decided_on)


def _equivalence(rulebook: Rulebook, accepted: Decision | None) -> EquivalenceUsed | None:
    table_id = None if accepted is None else accepted.equivalence_table
    table = rulebook.equivalence_tables.get(table_id) if table_id is not None else None
    if table is None:
        return None
    return EquivalenceUsed(
        id=table.id,
        source=table.source,
        purpose_vi=table.purpose_vi,
        confidence=table.confidence,
    )
