"""Papers in bulk: the rows of one upload, filed chunk by chunk for one caller."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from services.certification.evidence.filing import Paper, paper_of
from services.certification.evidence.reach import allowed_filers, unknown_agency
from services.certification.evidence.schemas import EvidenceBody
from services.certification.evidence.use_cases import (
    NAME_DIFFERS,
    evidence_conflict,
    file_papers,
    otherwise_named,
)
from services.certification.exams.bulk_rows import faults_of
from services.certification.exams.institutions import unconfirmed
from services.certification.framework.documents import Languages
from shared.contracts.problem import FieldError, Problem
from shared.imports.rows import Row
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.person_key import PersonKeys
from shared.security.principal import Principal
from shared.web.bulk import Taken
from shared.web.validation import model_errors


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
            return PreparedRow(row, None, model_errors(error))
        except Problem as problem:
            return PreparedRow(row, None, faults_of(problem))

    async def take(self, work: UnitOfWork, chunk: Sequence[PreparedRow]) -> Taken:
        taken = Taken()
        papers = [each.paper for each in chunk if each.paper is not None]
        allowed = await allowed_filers(work, {paper.filer for paper in papers})
        standing: list[tuple[Row[dict[str, Any]], Paper]] = []
        for each in chunk:
            if each.paper is None:
                taken.rejected.append((each.row, each.faults))
            elif each.paper.filer is not None and each.paper.filer not in allowed:
                unknown = unknown_agency() if self.confirmed else unconfirmed()
                taken.rejected.append((each.row, faults_of(unknown)))
            else:
                standing.append((each.row, each.paper))
        if not standing:
            return taken
        filed: list[str] = []
        outcomes = await file_papers(work, [paper for _, paper in standing])
        doubted = await otherwise_named(work, [paper for _, paper in standing])
        for (row, paper), outcome in zip(standing, outcomes, strict=True):
            if paper.person_key in doubted and outcome != "conflict":
                taken.warned.append((row, [NAME_DIFFERS]))
            if outcome == "conflict":
                taken.rejected.append((row, faults_of(evidence_conflict())))
            elif outcome == "known":
                taken.unchanged += 1
            else:
                taken.created += 1
                filed.append(str(paper.evidence_id))
        if filed:
            work.audit("evidence.file", f"evidence:{len(filed)}", {"evidence": filed})
        return taken
