"""Filing, deciding and reading evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

import asyncpg
import msgspec
from pydantic import ValidationError

from services.certification.evidence import repository
from services.certification.evidence.acceptance import SPECIALISED, accepted_level, judge_decision
from services.certification.evidence.errors import (
    EvidenceAlreadyDecided,
    EvidenceConflict,
    EvidenceNotAccepted,
)
from services.certification.evidence.filing import Paper, paper_of
from services.certification.evidence.schemas import (
    AcceptanceBody,
    AcceptancesBody,
    AcceptancesReport,
    DecisionView,
    EquivalenceUsed,
    EvidenceAnswer,
    EvidenceBody,
    EvidenceView,
    FilingAnswer,
    FilingWarning,
    PersonView,
    RowFault,
    WithdrawalBody,
)
from services.certification.exams.bulk_rows import faults_of
from services.certification.exams.institutions import unconfirmed
from services.certification.framework.documents import Languages, Rulebook
from services.certification.verification.disclosure import folded_name
from shared.contracts.events import EvidenceAccepted, EvidenceWithdrawn
from shared.contracts.problem import FieldError, Forbidden, Language, NotFound, Problem
from shared.imports.rows import Row
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.person_key import PersonKeys
from shared.security.principal import Principal
from shared.web.bulk import Taken
from shared.web.problems import field_errors

Status = Literal["recorded", "accepted", "withdrawn"]
Filed = Literal["new", "known", "conflict"]
READERS = frozenset({"authority", "agency", "auditor", "admin"})


def require(principal: Principal, scope: str) -> None:
    """Evidence is the business of agencies and of those above them."""
    if principal.role not in READERS:
        raise NotFound
    if not principal.may(scope):
        raise Forbidden("Vai trò này không được làm việc này", "This role may not do this")


def _sees_all(principal: Principal) -> bool:
    return principal.is_nationwide and principal.bloc is None


async def _visible(work: UnitOfWork, filers: Iterable[str | None]) -> set[str | None]:
    """Those bodies whose filings the caller sees: its own and those below it, by the tree of today."""
    principal = work.principal
    asked = set(filers)
    if _sees_all(principal):
        return asked
    chains = await repository.chains_of(
        work.connection, {code for code in asked if code is not None}, work.clock.today()
    )
    return {
        code
        for code, chain in chains.items()
        if (
            principal.agency is None
            or principal.agency == code
            or any(link.agency_code == principal.agency for link in chain)
        )
        and (principal.bloc is None or principal.bloc == repository.bloc_of(chain))
    }


async def _may_file(work: UnitOfWork, filers: Iterable[str | None]) -> set[str | None]:
    """Those bodies the caller may file for: a body somebody knows, in the caller's scope."""
    visible = await _visible(work, filers)
    own = work.principal.agency
    named = {code for code in visible if code is not None and code != own}
    chains = await repository.chains_of(work.connection, named, work.clock.today())
    return {code for code in visible if code not in named} | {
        code for code in named if chains[code]
    }


def _unknown_agency() -> NotFound:
    vi, en = "Không có cơ quan này", "There is no such agency"
    return NotFound(vi, en, errors=[FieldError("/agency_code", NotFound.code, vi, en)])


async def file_evidence(
    work: UnitOfWork,
    keys: PersonKeys,
    languages: Languages,
    body: EvidenceBody,
    language: Language,
) -> tuple[FilingAnswer, bool]:
    """The evidence, and whether it is new: one paper of one person, filed by one body, is one."""
    filer = body.agency_code or work.principal.agency
    if filer is not None and not await _may_file(work, [filer]):
        raise _unknown_agency()
    paper = paper_of(body, filer, keys, languages, work.clock.today())
    (outcome,) = await _file(work, [paper])
    if outcome == "conflict":
        raise _conflict()
    doubted = await _otherwise_named(work, [paper])
    warnings = [FilingWarning(**NAME_DIFFERS.as_json(language))] if doubted else []
    if outcome == "known":
        known = await repository.find_by_natural_keys(work.connection, [paper.natural_key])
        before = (await _answers(work, list(known.values())))[0]
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


NAME_DIFFERS: Final = FieldError(
    "/person/full_name",
    "name_differs",
    "họ tên khác với minh chứng khác của cùng người; hãy kiểm tra",
    "the name differs from that in other evidence of the same person; please check",
)


async def _otherwise_named(work: UnitOfWork, papers: Sequence[Paper]) -> set[str]:
    """Those persons whom evidence that the caller may see names differently, this file's included. What
    it may not see is not compared: a warning would tell that it exists."""
    rows = await repository.names_filed(work.connection, {paper.person_key for paper in papers})
    visible = await _visible(work, {row["filed_by"] for row in rows})
    names: dict[str, set[str]] = {}
    for row in rows:
        if row["filed_by"] in visible:
            names.setdefault(row["person_key"], set()).add(folded_name(row["full_name"]))
    return {person_key for person_key, known in names.items() if len(known) > 1}


def _conflict() -> EvidenceConflict:
    return EvidenceConflict(
        "Minh chứng này đã nộp với điểm, ngày hết hạn hoặc họ tên khác",
        "This evidence was filed with other scores, expiry or name",
    )


async def _file(work: UnitOfWork, papers: Sequence[Paper]) -> list[Filed]:
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
        before = firsts[key].content if key in added else known[key]["content_hash"]
        outcomes.append("known" if before == paper.content else "conflict")
    return outcomes


@dataclass(slots=True)
class PreparedRow:
    row: Row[dict[str, Any]]
    paper: Paper | None
    faults: Sequence[FieldError]


@dataclass(slots=True)
class EvidenceFile:
    """Papers of one upload, filed for one caller."""

    keys: PersonKeys
    languages: Languages
    principal: Principal
    today: dt.date
    confirmed: bool
    """What is known of the tree is enrolment's newest word."""

    def prepare(self, row: Row[dict[str, Any]]) -> PreparedRow:
        try:
            body = EvidenceBody.model_validate(row.value)
            filer = body.agency_code or self.principal.agency
            paper = paper_of(body, filer, self.keys, self.languages, self.today)
            return PreparedRow(row, paper, ())
        except ValidationError as error:
            found = [{**each, "loc": ("body", *each["loc"])} for each in error.errors()]
            return PreparedRow(row, None, field_errors(found))
        except Problem as problem:
            return PreparedRow(row, None, faults_of(problem))

    async def take(self, work: UnitOfWork, chunk: Sequence[PreparedRow]) -> Taken:
        taken = Taken()
        papers = [each.paper for each in chunk if each.paper is not None]
        allowed = await _may_file(work, {paper.filer for paper in papers})
        standing: list[tuple[Row[dict[str, Any]], Paper]] = []
        for each in chunk:
            if each.paper is None:
                taken.rejected.append((each.row, each.faults))
            elif each.paper.filer is not None and each.paper.filer not in allowed:
                unknown = _unknown_agency() if self.confirmed else unconfirmed()
                taken.rejected.append((each.row, faults_of(unknown)))
            else:
                standing.append((each.row, each.paper))
        if not standing:
            return taken
        filed: list[str] = []
        outcomes = await _file(work, [paper for _, paper in standing])
        doubted = await _otherwise_named(work, [paper for _, paper in standing])
        for (row, paper), outcome in zip(standing, outcomes, strict=True):
            if paper.person_key in doubted and outcome != "conflict":
                taken.warned.append((row, [NAME_DIFFERS]))
            if outcome == "conflict":
                taken.rejected.append((row, faults_of(_conflict())))
            elif outcome == "known":
                taken.unchanged += 1
            else:
                taken.created += 1
                filed.append(str(paper.evidence_id))
        if filed:
            work.audit("evidence.file", f"evidence:{len(filed)}", {"evidence": filed})
        return taken


async def _found(work: UnitOfWork, evidence_id: UUID, *, lock: bool = False) -> asyncpg.Record:
    if lock:
        await repository.lock_decisions(work.connection, [evidence_id])
    row = (await repository.find_evidence(work.connection, [evidence_id])).get(evidence_id)
    if row is None or not await _visible(work, [row["filed_by"]]):
        raise NotFound
    return row


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


async def accept(
    work: UnitOfWork, rulebook: Rulebook, evidence_id: UUID, body: AcceptanceBody
) -> tuple[EvidenceAnswer, bool]:
    """The evidence afterwards, and whether anything changed."""
    row = await _found(work, evidence_id, lock=True)
    known = (await repository.decisions_of(work.connection, [evidence_id])).get(evidence_id, [])
    said = _judge_acceptance(rulebook, row, known, body, work.clock.today())
    if said is not None:
        await _write_acceptances(work, {evidence_id: (row, said)})
        work.audit("evidence.accept", str(evidence_id), {"level": said["level"]})
    return (await _answers(work, [row]))[0], said is not None


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
    visible = await _visible(work, {row["filed_by"] for row in rows.values()})
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


def _row_faults(place: int, problem: Problem, language: Language) -> list[RowFault]:
    said = problem.as_json(language, "")
    faults = said["errors"] or [
        {"pointer": "/evidence_id", "code": said["code"], "message": said["detail"]}
    ]
    return [RowFault(row=place, **fault) for fault in faults]


async def withdraw(
    work: UnitOfWork, evidence_id: UUID, body: WithdrawalBody
) -> tuple[EvidenceAnswer, bool]:
    """The evidence afterwards, and whether anything changed."""
    row = await _found(work, evidence_id, lock=True)
    known = (await repository.decisions_of(work.connection, [evidence_id])).get(evidence_id, [])
    if not known:
        raise EvidenceNotAccepted
    if len(known) > 1:
        last = known[-1]
        if (last["decision_number"], last["decided_on"]) != (body.decision_number, body.decided_on):
            raise EvidenceAlreadyDecided
        return (await _answers(work, [row]))[0], False
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
    return (await _answers(work, [row]))[0], True


def _status(decisions: Sequence[asyncpg.Record]) -> Status:
    return ("recorded", "accepted", "withdrawn")[len(decisions)]


async def _answers(work: UnitOfWork, rows: Sequence[asyncpg.Record]) -> list[EvidenceAnswer]:
    decisions = await repository.decisions_of(work.connection, [row["evidence_id"] for row in rows])
    return [EvidenceAnswer(**_answer(row, decisions.get(row["evidence_id"], []))) for row in rows]


def _answer(row: asyncpg.Record, decisions: Sequence[asyncpg.Record]) -> dict[str, Any]:
    return {
        "evidence_id": row["evidence_id"],
        "status": _status(decisions),
        "kind": row["kind"],
        "language": row["language"],
        "dated": row["dated"],
        "filed_by": row["filed_by"],
        "level": decisions[0]["level"] if decisions else None,
    }


async def view_evidence(work: UnitOfWork, rulebook: Rulebook, evidence_id: UUID) -> EvidenceView:
    row = await _found(work, evidence_id)
    work.audit("evidence.read", str(evidence_id))
    decisions = await repository.decisions_of(work.connection, [evidence_id])
    return _view(work.principal, rulebook, row, decisions.get(evidence_id, []))


async def list_evidence(
    work: UnitOfWork, rulebook: Rulebook, *, kind: str | None, after: UUID | None, limit: int
) -> tuple[list[EvidenceView], UUID | None]:
    """A page, oldest first, of what the caller may see; and the id it ends at when there is more."""
    filers = await _filers_in_scope(work)
    rows = await repository.list_evidence(
        work.connection, filers=filers, kind=kind, after=after, limit=limit + 1
    )
    page = rows[:limit]
    ids = [row["evidence_id"] for row in page]
    work.audit("evidence.list", kind or "*", {"evidence": [str(each) for each in ids]})
    decisions = await repository.decisions_of(work.connection, ids)
    items = [
        _view(work.principal, rulebook, row, decisions.get(row["evidence_id"], [])) for row in page
    ]
    return items, ids[-1] if len(rows) > limit else None


async def _filers_in_scope(work: UnitOfWork) -> list[str] | None:
    principal = work.principal
    if _sees_all(principal):
        return None
    today = work.clock.today()
    if principal.agency is None:
        codes = set(await repository.known_filers(work.connection))
    else:
        codes = await repository.subtree_of(work.connection, principal.agency, today)
    if principal.bloc is None:
        return sorted(codes)
    filing = codes & set(await repository.known_filers(work.connection))
    chains = await repository.chains_of(work.connection, filing, today)
    return [code for code in sorted(filing) if repository.bloc_of(chains[code]) == principal.bloc]


def _view(
    principal: Principal,
    rulebook: Rulebook,
    row: asyncpg.Record,
    decisions: Sequence[asyncpg.Record],
) -> EvidenceView:
    accepted = decisions[0] if decisions else None
    withdrawn = decisions[1] if len(decisions) > 1 else None
    return EvidenceView(
        **_answer(row, decisions),
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
        withdrawal=_decision(withdrawn),
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
