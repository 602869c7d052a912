"""Deciding about evidence: acceptance, one by one or a list by one decision, and withdrawal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from services.certification.evidence import repository
from services.certification.evidence.acceptance import SPECIALISED, accepted_level, judge_decision
from services.certification.evidence.errors import EvidenceAlreadyDecided, EvidenceNotAccepted
from services.certification.evidence.reach import visible_filers
from services.certification.evidence.schemas import (
    AcceptanceBody,
    AcceptancesBody,
    AcceptancesReport,
    EvidenceAnswer,
    RowFault,
    WithdrawalBody,
)
from services.certification.evidence.use_cases import answers, find_visible
from services.certification.framework.documents import Rulebook
from shared.contracts.events import EvidenceAccepted, EvidenceWithdrawn
from shared.contracts.problem import Language, NotFound, Problem
from shared.persistence.unit_of_work import UnitOfWork


async def accept(
    work: UnitOfWork, rulebook: Rulebook, evidence_id: UUID, body: AcceptanceBody
) -> tuple[EvidenceAnswer, bool]:
    """The evidence afterwards, and whether anything changed."""
    row = await find_visible(work, evidence_id, lock=True)
    known = (await repository.decisions_of(work.connection, [evidence_id])).get(evidence_id, [])
    said = _judge_acceptance(rulebook, row, known, body, work.clock.today())
    if said is not None:
        await _write_acceptances(work, {evidence_id: (row, said)})
        work.audit("evidence.accept", str(evidence_id), {"level": said["level"]})
    return (await answers(work, [row]))[0], said is not None


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
    visible = await visible_filers(work, {row["filed_by"] for row in rows.values()})
    decisions = await repository.decisions_of(work.connection, list(ids))
    decided: dict[UUID, tuple[asyncpg.Record, Mapping[str, Any]]] = {}
    today = work.clock.today()
    for place, (evidence_id, level, table) in enumerate(wanted, start=1):
        own = level is not None or table is not None
        item = AcceptanceBody.model_construct(
            decision_number=body.decision_number,
            decided_on=body.decided_on,
            level=level if own else body.level,
            equivalence_table=table if own else body.equivalence_table,
        )
        row = rows.get(evidence_id)
        known: Sequence[Mapping[str, Any]] = decisions.get(evidence_id, [])
        if evidence_id in decided:
            known = [decided[evidence_id][1]]
        try:
            if row is None or row["filed_by"] not in visible:
                raise NotFound
            said = _judge_acceptance(rulebook, row, known, item, today)
        except Problem as problem:
            report.rejected += 1
            report.errors += _row_faults(place, problem, language)
            continue
        if said is None:
            report.unchanged += 1
        else:
            decided[evidence_id] = (row, said)
            report.accepted += 1
    await _write_acceptances(work, decided)
    if decided:
        levels = {str(each): said["level"] for each, (_, said) in decided.items()}
        work.audit("evidence.accept", f"evidence:{len(decided)}", {"levels": levels})
    return report


async def withdraw(
    work: UnitOfWork, evidence_id: UUID, body: WithdrawalBody
) -> tuple[EvidenceAnswer, bool]:
    """The evidence afterwards, and whether anything changed."""
    row = await find_visible(work, evidence_id, lock=True)
    known = (await repository.decisions_of(work.connection, [evidence_id])).get(evidence_id, [])
    if not known:
        raise EvidenceNotAccepted
    if len(known) > 1:
        last = known[-1]
        if (last["decision_number"], last["decided_on"]) != (body.decision_number, body.decided_on):
            raise EvidenceAlreadyDecided
        return (await answers(work, [row]))[0], False
    judge_decision(body.decided_on, known[0]["decided_on"], work.clock.today())
    await repository.add_decisions(
        work.connection,
        [
            (
                *(evidence_id, 2, "withdrawal", body.decision_number, body.decided_on),
                *(None, None, work.clock.now()),
            )
        ],
    )
    work.audit("evidence.withdraw", str(evidence_id))
    work.emit(
        EvidenceWithdrawn(
            version=3,
            evidence_id=evidence_id,
            person_key=row["person_key"],
            decision_number=body.decision_number,
            decided_on=body.decided_on,
        ),
        subject=str(evidence_id),
    )
    return (await answers(work, [row]))[0], True


def _accepted_level(rulebook: Rulebook, row: asyncpg.Record, item: AcceptanceBody) -> int | None:
    return accepted_level(
        row["kind"],
        row["language"],
        row["test"],
        msgspec.json.decode(row["scores"]) if row["scores"] is not None else {},
        item.level,
        item.equivalence_table,
        rulebook.equivalence_tables,
    )


def _judge_acceptance(
    rulebook: Rulebook,
    row: asyncpg.Record,
    known: Sequence[Mapping[str, Any]],
    item: AcceptanceBody,
    today: dt.date,
) -> Mapping[str, Any] | None:
    """The decision to be written; null where the same was written before."""
    level = _accepted_level(rulebook, row, item)
    if not known:
        judge_decision(item.decided_on, row["dated"], today)
        return {
            "decision_number": item.decision_number,
            "decided_on": item.decided_on,
            "level": level,
            "equivalence_table": item.equivalence_table,
        }
    first = known[0]
    same = (first["decision_number"], first["decided_on"], first["level"]) == (
        item.decision_number,
        item.decided_on,
        level,
    )
    if not same or len(known) > 1:
        raise EvidenceAlreadyDecided
    return None


async def _write_acceptances(
    work: UnitOfWork, decided: Mapping[UUID, tuple[asyncpg.Record, Mapping[str, Any]]]
) -> None:
    if not decided:
        return
    now = work.clock.now()
    await repository.add_decisions(
        work.connection,
        [
            (
                *(evidence_id, 1, "acceptance", said["decision_number"], said["decided_on"]),
                *(said["level"], said["equivalence_table"], now),
            )
            for evidence_id, (_, said) in decided.items()
        ],
    )
    for evidence_id, (row, said) in decided.items():
        work.emit(
            EvidenceAccepted(
                version=2,
                evidence_id=evidence_id,
                kind=row["kind"],
                person_key=row["person_key"],
                birth_check=row["birth_check"],
                language=row["language"],
                dated=row["dated"],
                expires_on=row["expires_on"],
                test=row["test"],
                level=said["level"],
                specialised=row["kind"] == SPECIALISED,
                decision_number=said["decision_number"],
                decided_on=said["decided_on"],
            ),
            subject=str(evidence_id),
        )


def _row_faults(place: int, problem: Problem, language: Language) -> list[RowFault]:
    said = problem.as_json(language, "")
    faults = said["errors"] or [
        {"pointer": "/evidence_id", "code": said["code"], "message": said["detail"]}
    ]
    return [RowFault(row=place, **fault) for fault in faults]
