"""Papers in bulk: the rows of one upload, filed chunk by chunk for one caller."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError

from services.certification.directory.errors import unconfirmed, unknown_agency
from services.certification.directory.use_cases.visibility import (
    known_visible_bodies,
)
from services.certification.evidence.errors import EvidenceConflict
from services.certification.evidence.layout import EVIDENCE_SHEET
from services.certification.evidence.papers import Paper, paper_of
from services.certification.evidence.schemas import EvidenceBody
from services.certification.evidence.use_cases.filing import (
    NAME_DIFFERS,
    file_papers,
    persons_named_otherwise,
)
from services.certification.faults import faults_of
from services.certification.framework.documents import Languages
from shared.contracts.problem import FieldError, Problem
from shared.imports.rows import Row, RowProblem
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.person_key import PersonKeys
from shared.security.principal import Principal
from shared.web.uploads import BulkUpload, Taken
from shared.web.validation import model_errors

_CODE: Final = re.compile(r"[0-9A-Za-z._\-]{1,64}")


@dataclass(slots=True)
class PreparedRow:
    row: Row[dict[str, Any]]
    paper: Paper | None
    faults: Sequence[FieldError]


@dataclass(slots=True)
class EvidenceFile(BulkUpload[PreparedRow]):
    """Papers of one upload, filed for one caller."""

    sheet = EVIDENCE_SHEET
    vocabulary = "results"

    keys: PersonKeys
    languages: Languages
    principal: Principal
    today: dt.date
    confirmed: bool
    """What is known of the tree is enrolment's newest word."""
    _unread: list[RowProblem] = field(default_factory=list)

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

    def unread(self, problem: RowProblem) -> Sequence[FieldError]:
        """What else is wrong with a row of which a cell cannot be read; the body that it names is looked up
        with the next chunk."""
        if not isinstance(problem.readable, dict):
            return []
        if _filer_in(problem.readable) is not None:
            self._unread.append(problem)
        try:
            EvidenceBody.model_validate(problem.readable)
        except ValidationError as error:
            return model_errors(error)
        return []

    def waits(self) -> bool:
        return bool(self._unread)

    async def take(self, work: UnitOfWork, rows: list[PreparedRow]) -> Taken:
        taken = Taken()
        filers = {each.paper.filer for each in rows if each.paper is not None}
        filers |= {_filer_in(each.row.value) for each in rows if each.paper is None}
        filers |= {_filer_in(each.readable) for each in self._unread}
        allowed = await known_visible_bodies(work, filers)
        unknown = faults_of(unknown_agency() if self.confirmed else unconfirmed())
        taken.further = [
            (each, unknown) for each in self._unread if _filer_in(each.readable) not in allowed
        ]
        fileable: list[tuple[Row[dict[str, Any]], Paper]] = []
        for each in rows:
            if each.paper is None:
                named = _filer_in(each.row.value)
                more = [] if named is None or named in allowed else unknown
                taken.rejected.append((each.row, [*each.faults, *more]))
            elif each.paper.filer is not None and each.paper.filer not in allowed:
                taken.rejected.append((each.row, unknown))
            else:
                fileable.append((each.row, each.paper))
        self._unread = []
        if not fileable:
            return taken
        filed: list[str] = []
        outcomes = await file_papers(work, [paper for _, paper in fileable])
        doubted = await persons_named_otherwise(work, [paper for _, paper in fileable])
        for (row, paper), outcome in zip(fileable, outcomes, strict=True):
            if isinstance(outcome, EvidenceConflict):
                taken.rejected.append((row, faults_of(outcome)))
                continue
            if paper.person_key in doubted:
                taken.warned.append((row, [NAME_DIFFERS]))
            if outcome == "known":
                taken.unchanged += 1
            else:
                taken.created += 1
                filed.append(str(paper.evidence_id))
        if filed:
            work.audit("evidence.file", f"evidence:{len(filed)}", {"evidence": filed})
        return taken


def _filer_in(row: Any) -> str | None:
    """The body that a row names which may be wrong otherwise."""
    named = row.get("agency_code") if isinstance(row, dict) else None
    return named if isinstance(named, str) and _CODE.fullmatch(named) else None
