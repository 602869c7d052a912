"""Deciding about evidence: acceptance, one by one or a list by one decision, and withdrawal."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from services.certification.evidence import repository
from services.certification.evidence.acceptance import SPECIALISED, accepted_level, judge_decision
from services.certification.evidence.authorities import Acceptance, Authority
from services.certification.evidence.errors import (
    EvidenceNotAccepted,
    acceptance_not_named,
    acceptance_unknown,
    already_decided,
)
from services.certification.evidence.papers import scores_in
from services.certification.evidence.rows import Decision, EvidenceRow
from services.certification.evidence.schemas import (
    AcceptanceBody,
    AcceptancesBody,
    AcceptancesReport,
    EvidenceAnswer,
    RowFault,
    WithdrawalBody,
)
from services.certification.evidence.use_cases.reading import answers, find_visible
from services.certification.evidence.use_cases.visibility import (
    VisiblePaper,
    authority_of,
    visible_papers,
)
from services.certification.framework.documents import Rulebook
from shared.contracts.events import EvidenceAccepted, EvidenceWithdrawn
from shared.contracts.problem import Forbidden, Language, NotFound, Problem
from shared.persistence.keys import uuid7
from shared.persistence.unit_of_work import UnitOfWork


async def accept(
    work: UnitOfWork, rulebook: Rulebook, evidence_id: UUID, body: AcceptanceBody
) -> tuple[EvidenceAnswer, bool]:
    """The evidence afterwards, and whether anything changed."""
    seen = await find_visible(work, evidence_id, lock=True)
    said = _judge_acceptance(work, rulebook, seen, body)
    if said is not None:
        await _write_acceptances(work, [(seen, said)])
        work.audit("evidence.accept", str(evidence_id), {"level": said.level})
    return (await answers(work, [seen.row]))[0], said is not None


async def accept_list(
    work: UnitOfWork, rulebook: Rulebook, body: AcceptancesBody, language: Language
) -> AcceptancesReport:
    """Good items stand, refused ones are named; the same list again changes nothing."""
    wanted = [(item.evidence_id, item.level, item.equivalence_table) for item in body.items]
    wanted += [(evidence_id, None, None) for evidence_id in body.evidence_ids]
    report = AcceptancesReport(received=len(wanted), accepted=0, unchanged=0, rejected=0, errors=[])
    ids = {evidence_id for evidence_id, _, _ in wanted}
    await repository.lock_decisions(work.connection, list(ids))
    rows = await repository.find_evidence(work.connection, list(ids))
    visible = await visible_papers(work, rows.values())
    decided: dict[UUID, tuple[VisiblePaper, Decision]] = {}
    for place, (evidence_id, level, table) in enumerate(wanted, start=1):
        own = level is not None or table is not None
        item = AcceptanceBody.model_construct(
            decision_number=body.decision_number,
            decided_on=body.decided_on,
            level=level if own else body.level,
            equivalence_table=table if own else body.equivalence_table,
        )
        try:
            seen = visible.get(evidence_id)
            if seen is None:
                raise NotFound
            before = decided[evidence_id][1] if evidence_id in decided else None
            said = _judge_acceptance(work, rulebook, seen, item, before)
        except Problem as problem:
            report.rejected += 1
            report.errors += _row_faults(place, problem, language)
            continue
        if said is None:
            report.unchanged += 1
        else:
            decided[evidence_id] = (seen, said)
            report.accepted += 1
    await _write_acceptances(work, list(decided.values()))
    if decided:
        levels = {str(each): said.level for each, (_, said) in decided.items()}
        work.audit("evidence.accept", f"evidence:{len(decided)}", {"levels": levels})
    return report


async def withdraw(
    work: UnitOfWork, evidence_id: UUID, body: WithdrawalBody
) -> tuple[EvidenceAnswer, bool]:
    """The evidence afterwards, and whether anything changed."""
    seen = await find_visible(work, evidence_id, lock=True)
    acceptance = _to_withdraw(authority_of(work.principal), seen, body)
    if acceptance is None:
        return (await answers(work, [seen.row]))[0], False
    judge_decision(body.decided_on, acceptance.decision.decided_on, work.clock.today())
    authority = acceptance.authority or Authority(None, None)
    withdrawal = Decision(
        evidence_id=evidence_id,
        seq=seen.decisions + 1,
        kind="withdrawal",
        decision_number=body.decision_number,
        decided_on=body.decided_on,
        level=None,
        equivalence_table=None,
        recorded_at=work.clock.now(),
        acceptance_id=acceptance.acceptance_id,
        authority_named=acceptance.authority is not None,
        accepted_by=authority.agency,
        bloc=authority.bloc,
    )
    await repository.add_decisions(work.connection, [withdrawal])
    work.audit("evidence.withdraw", str(evidence_id))
    work.emit(
        EvidenceWithdrawn(
            version=withdrawal.seq + 1,
            evidence_id=evidence_id,
            person_key=seen.row.person_key,
            decision_number=body.decision_number,
            decided_on=body.decided_on,
            acceptance_id=acceptance.acceptance_id,
            accepted_by=authority.agency,
            bloc=acceptance.decision.bloc,
        ),
        subject=str(evidence_id),
    )
    return (await answers(work, [seen.row]))[0], True


def _to_withdraw(caller: Authority, seen: VisiblePaper, body: WithdrawalBody) -> Acceptance | None:
    """The acceptance that the decision is about; null where it is withdrawn by this decision already. Where
    none is named it is the caller's own, or the only one within its right."""
    shown = seen.shown
    if body.acceptance_id is not None:
        shown = [each for each in shown if each.acceptance_id == body.acceptance_id]
        if not shown:
            raise acceptance_unknown()
    if not shown:
        raise EvidenceNotAccepted
    allowed = [each for each in shown if seen.rights.may_withdraw(each)]
    if not allowed:
        raise Forbidden(
            "Chỉ cơ quan đã công nhận hoặc cấp trên của cơ quan đó được rút",
            "Only the authority that accepted it, or one above, may withdraw it",
        )
    in_force = [each for each in allowed if each.in_force]
    own = [each for each in allowed if each.authority == caller]
    again = [each for each in (own or allowed) if _is_withdrawn_by(each, body)]
    if again and (own or not in_force):
        return None
    if not in_force:
        withdrawal = allowed[-1].withdrawal
        assert withdrawal is not None
        raise already_decided(_differing(withdrawal, body))
    chosen = [each for each in own if each.in_force] or in_force
    if len(chosen) > 1:
        raise acceptance_not_named()
    return chosen[0]


def _is_withdrawn_by(acceptance: Acceptance, body: WithdrawalBody) -> bool:
    return acceptance.withdrawal is not None and not _differing(acceptance.withdrawal, body)


def _differing(known: Decision, body: WithdrawalBody) -> list[str]:
    return [
        field
        for field in ("decision_number", "decided_on")
        if getattr(known, field) != getattr(body, field)
    ]


def _accepted_level(rulebook: Rulebook, row: EvidenceRow, item: AcceptanceBody) -> int | None:
    return accepted_level(
        row.kind,
        row.language,
        row.test,
        scores_in(row),
        item.level,
        item.equivalence_table,
        rulebook.equivalence_tables,
    )


def _judge_acceptance(
    work: UnitOfWork,
    rulebook: Rulebook,
    seen: VisiblePaper,
    item: AcceptanceBody,
    before: Decision | None = None,
) -> Decision | None:
    """The decision to be written; null where the same was written before. ``before``: what this list says of
    the paper already. An authority decides once; another's acceptance is no obstacle."""
    level = _accepted_level(rulebook, seen.row, item)
    caller = authority_of(work.principal)
    said = Decision(
        evidence_id=seen.row.evidence_id,
        seq=seen.decisions + 1,
        kind="acceptance",
        decision_number=item.decision_number,
        decided_on=item.decided_on,
        level=level,
        equivalence_table=item.equivalence_table,
        recorded_at=work.clock.now(),
        acceptance_id=uuid7(),
        authority_named=True,
        accepted_by=caller.agency,
        bloc=caller.bloc,
    )
    own = [each for each in seen.acceptances if each.authority == caller]
    unnamed = [each for each in seen.acceptances if each.authority is None]
    if before is not None:
        if differing := _differing_acceptance(before, said):
            raise already_decided(differing)
        return None
    for each in own:
        differing = _differing_acceptance(each.decision, said)
        if differing or not each.in_force:
            raise already_decided(differing)
        return None
    if any(each.in_force and not _differing_acceptance(each.decision, said) for each in unnamed):
        return None
    judge_decision(item.decided_on, seen.row.dated, work.clock.today())
    return said


def _differing_acceptance(known: Decision, said: Decision) -> list[str]:
    return [
        field
        for field in ("decision_number", "decided_on", "level")
        if getattr(known, field) != getattr(said, field)
    ]


async def _write_acceptances(
    work: UnitOfWork, decided: Sequence[tuple[VisiblePaper, Decision]]
) -> None:
    if not decided:
        return
    await repository.add_decisions(work.connection, [said for _, said in decided])
    for seen, said in decided:
        row = seen.row
        work.emit(
            EvidenceAccepted(
                version=said.seq + 1,
                evidence_id=said.evidence_id,
                kind=row.kind,
                person_key=row.person_key,
                birth_check=row.birth_check,
                language=row.language,
                dated=row.dated,
                expires_on=row.expires_on,
                test=row.test,
                level=said.level,
                specialised=row.kind == SPECIALISED,
                decision_number=said.decision_number,
                decided_on=said.decided_on,
                acceptance_id=said.acceptance_id,
                accepted_by=said.accepted_by,
                bloc=work.principal.bloc,
            ),
            subject=str(said.evidence_id),
        )


def _row_faults(place: int, problem: Problem, language: Language) -> list[RowFault]:
    said = problem.as_json(language, "")
    faults = said["errors"] or [
        {"pointer": "/evidence_id", "code": said["code"], "message": said["detail"]}
    ]
    return [RowFault(row=place, **fault) for fault in faults]
