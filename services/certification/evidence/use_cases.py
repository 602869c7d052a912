"""Filing, deciding and reading evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

import asyncpg
import msgspec

from services.certification.evidence import repository
from services.certification.evidence.acceptance import (
    SPECIALISED,
    accepted_level,
    judge_decision,
    judge_filing,
)
from services.certification.evidence.errors import (
    EvidenceAlreadyDecided,
    EvidenceConflict,
    EvidenceNotAccepted,
)
from services.certification.evidence.schemas import (
    AcceptanceBody,
    AcceptancesBody,
    AcceptancesReport,
    DecisionView,
    EquivalenceUsed,
    EvidenceAnswer,
    EvidenceBody,
    EvidenceView,
    PersonBody,
    PersonView,
    RowFault,
    WithdrawalBody,
)
from services.certification.exams.sheets import plain_name
from services.certification.framework.documents import Rulebook
from services.certification.registry.masking import masked
from shared.contracts.events import EvidenceAccepted, EvidenceRecorded, EvidenceWithdrawn
from shared.contracts.problem import Forbidden, Language, NotFound, Problem
from shared.persistence.keys import uuid7
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.person_key import PersonIdentity, PersonKeys
from shared.security.principal import Principal

Status = Literal["recorded", "accepted", "withdrawn"]
READERS = frozenset({"authority", "agency", "auditor", "admin"})


def require(principal: Principal, scope: str) -> None:
    """Evidence is the business of agencies and of those above them."""
    if principal.role not in READERS:
        raise NotFound
    if not principal.may(scope):
        raise Forbidden("Vai trò này không được làm việc này", "This role may not do this")


def _sees_all(principal: Principal) -> bool:
    return principal.is_nationwide and principal.bloc is None


async def _in_scope(work: UnitOfWork, filer: str | None) -> bool:
    """Whether what a body filed is visible: to itself and those above it, by the tree of today."""
    principal = work.principal
    if _sees_all(principal):
        return True
    if filer is None:
        return False
    chain = await repository.chain_of(work.connection, filer, work.clock.today())
    codes = {filer, *(link.agency_code for link in chain)}
    if principal.agency is not None and principal.agency not in codes:
        return False
    return principal.bloc is None or principal.bloc == repository.bloc_of(chain)


async def _filer(work: UnitOfWork, named: str | None) -> str | None:
    filer = named or work.principal.agency
    if filer is None:
        return None
    if not await _in_scope(work, filer):
        raise NotFound("Không có cơ quan này", "There is no such agency")
    if filer != work.principal.agency and not await repository.chain_of(
        work.connection, filer, work.clock.today()
    ):
        raise NotFound("Không có cơ quan này", "There is no such agency")
    return filer


def identity_of(person: PersonBody) -> PersonIdentity:
    if person.citizen_id is not None:
        return PersonIdentity.citizen(person.citizen_id)
    assert person.identity is not None
    given = person.identity
    return PersonIdentity(given.type, given.country.upper(), given.number)


def _digest(*parts: object) -> bytes:
    return hashlib.sha256(msgspec.json.encode([str(part) for part in parts])).digest()


async def file_evidence(
    work: UnitOfWork, keys: PersonKeys, body: EvidenceBody
) -> tuple[EvidenceAnswer, bool]:
    """The evidence, and whether it is new: one paper of one person, filed by one body, is one."""
    filer = await _filer(work, body.agency_code)
    person = body.person
    judge_filing(body.dated, body.expires_on, person.birth_date, work.clock.today())
    identity = identity_of(person)
    person_key = keys.person_key(identity)
    natural_key = _digest(
        *(filer, person_key, body.kind, body.language, body.dated, body.test),
        *(body.certificate_number, body.degree, body.field),
    )
    scores = body.scores.model_dump(exclude_none=True) if body.scores is not None else None
    name = plain_name(person.full_name)
    content = _digest(name, person.birth_date, body.issued_by, body.expires_on, scores)
    evidence_id = uuid7()
    birth_check = keys.birth_check(identity, person.birth_date)
    added = await repository.add_evidence(
        work.connection,
        (
            *(evidence_id, natural_key, content, filer, person_key, birth_check),
            *(identity.type, identity.country, identity.number, name, person.birth_date),
            *(body.kind, body.language, body.dated, body.expires_on, body.test),
            *(body.certificate_number, body.issued_by),
            None if scores is None else msgspec.json.encode(scores).decode(),
            *(body.degree, body.field, work.clock.now()),
        ),
    )
    if not added:
        known = await repository.find_by_natural_key(work.connection, natural_key)
        assert known is not None
        if known["content_hash"] != content:
            raise EvidenceConflict(
                "Minh chứng này đã nộp với điểm, ngày hết hạn hoặc họ tên khác",
                "This evidence was filed with other scores, expiry or name",
            )
        return (await _answers(work, [known]))[0], False
    work.audit("evidence.file", str(evidence_id))
    work.emit(
        EvidenceRecorded(
            version=1,
            evidence_id=evidence_id,
            kind=body.kind,
            person_key=person_key,
            birth_check=birth_check,
            language=body.language,
            dated=body.dated,
        ),
        subject=str(evidence_id),
    )
    answer = EvidenceAnswer(
        evidence_id=evidence_id,
        status="recorded",
        kind=body.kind,
        language=body.language,
        dated=body.dated,
        filed_by=filer,
        level=None,
    )
    return answer, True


async def _found(work: UnitOfWork, evidence_id: UUID, *, lock: bool = False) -> asyncpg.Record:
    row = await repository.find_evidence(work.connection, evidence_id, lock=lock)
    if row is None or not await _in_scope(work, row["filed_by"]):
        raise NotFound
    return row


async def accept(
    work: UnitOfWork, rulebook: Rulebook, evidence_id: UUID, body: AcceptanceBody
) -> tuple[EvidenceAnswer, bool]:
    """The evidence afterwards, and whether anything changed."""
    row = await _found(work, evidence_id, lock=True)
    scores = msgspec.json.decode(row["scores"]) if row["scores"] is not None else {}
    level = accepted_level(
        row["kind"],
        row["language"],
        row["test"],
        scores,
        body.level,
        body.equivalence_table,
        rulebook.equivalence_tables,
    )
    known = (await repository.decisions_of(work.connection, [evidence_id])).get(evidence_id, [])
    if known:
        first = known[0]
        same = (first["decision_number"], first["decided_on"], first["level"]) == (
            body.decision_number,
            body.decided_on,
            level,
        )
        if not same or len(known) > 1:
            raise EvidenceAlreadyDecided
        return (await _answers(work, [row]))[0], False
    judge_decision(body.decided_on, row["dated"], work.clock.today())
    await repository.add_decision(
        work.connection,
        (
            *(evidence_id, 1, "acceptance", body.decision_number, body.decided_on),
            *(level, body.equivalence_table, work.clock.now()),
        ),
    )
    work.audit("evidence.accept", str(evidence_id), {"level": level})
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
            level=level,
            specialised=row["kind"] == SPECIALISED,
            decision_number=body.decision_number,
            decided_on=body.decided_on,
        ),
        subject=str(evidence_id),
    )
    return (await _answers(work, [row]))[0], True


async def accept_list(
    work: UnitOfWork, rulebook: Rulebook, body: AcceptancesBody, language: Language
) -> AcceptancesReport:
    """Good items stand, refused ones are named; the same list again changes nothing."""
    wanted = [(item.evidence_id, item.level, item.equivalence_table) for item in body.items]
    wanted += [(evidence_id, None, None) for evidence_id in body.evidence_ids]
    report = AcceptancesReport(received=len(wanted), accepted=0, unchanged=0, rejected=0, errors=[])
    # In the order of the ids, so that two lists lock their items alike.
    for row, (evidence_id, level, table) in sorted(
        enumerate(wanted, start=1), key=lambda entry: (entry[1][0], entry[0])
    ):
        own = level is not None or table is not None
        single = AcceptanceBody(
            decision_number=body.decision_number,
            decided_on=body.decided_on,
            level=level if own else body.level,
            equivalence_table=table if own else body.equivalence_table,
        )
        try:
            _, changed = await accept(work, rulebook, evidence_id, single)
        except Problem as problem:
            report.rejected += 1
            said = problem.as_json(language, "")
            faults = said["errors"] or [
                {"pointer": "/evidence_id", "code": said["code"], "message": said["detail"]}
            ]
            report.errors += [RowFault(row=row, **fault) for fault in faults]
            continue
        if changed:
            report.accepted += 1
        else:
            report.unchanged += 1
    report.errors.sort(key=lambda fault: fault.row)
    return report


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
    await repository.add_decision(
        work.connection,
        (
            *(evidence_id, 2, "withdrawal", body.decision_number, body.decided_on),
            *(None, None, work.clock.now()),
        ),
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
    return [
        code
        for code in sorted(filing)
        if repository.bloc_of(await repository.chain_of(work.connection, code, today))
        == principal.bloc
    ]


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
            full_name=row["full_name"],
            birth_date=row["birth_date"],
            identity_type=row["identity_type"],
            identity_number=masked(row["identity_number"], principal),
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
