"""Sheets in bulk: chunks in transactions of their own, a bad row isolated by a savepoint."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from services.certification.directory import repository as directory
from services.certification.directory.authorisations import decoded, unauthorised
from services.certification.directory.errors import unconfirmed
from services.certification.faults import faults_of
from services.certification.recording.use_cases.recorder import (
    Batch,
    Recorder,
)
from services.certification.sheets.judging import (
    Judge,
    Sheet,
    judge_language,
)
from services.certification.sheets.layout import RESULT_SHEET
from services.certification.sheets.namesakes import NAMESAKE
from services.certification.sheets.refusals import (
    constraint_refusal,
    further_faults,
    institution_unknown,
)
from services.certification.sheets.schemas import ResultBody
from shared.contracts.problem import FieldError, Problem
from shared.imports.rows import Row, RowProblem
from shared.persistence.savepoints import savepoint
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal
from shared.web.uploads import BulkUpload, Taken


@dataclass(slots=True)
class Prepared:
    row: Row[Any]
    sheet: Sheet | None
    refused: Problem | None


class ResultFile(BulkUpload[Prepared]):
    """Judges and records the rows of one upload for one caller."""

    shape = ResultBody
    sheet = RESULT_SHEET
    vocabulary = "results"
    size = 500
    """A register book is held for one chunk, and single sheets wait for it."""

    def __init__(
        self,
        recorder: Recorder,
        judge: Judge,
        principal: Principal,
        today: dt.date,
        *,
        confirmed: bool,
    ) -> None:
        """``confirmed``: what is known of authorisations is enrolment's newest word."""
        self._confirmed = confirmed
        self._recorder = recorder
        self._judge = judge
        self._principal = principal
        self._today = today

    def prepare(self, row: Row[Any]) -> Prepared:
        body = row.value
        if not self._principal.reaches_institution(body.institution_code):
            return Prepared(row, None, institution_unknown())
        try:
            return Prepared(row, self._judge(body, self._today), None)
        except Problem as problem:
            return Prepared(row, None, problem)

    def unread(self, problem: RowProblem) -> list[FieldError]:
        """Faults by the rules in the rest of a row, when one part of it cannot be read."""
        value = problem.readable
        named = value.get("institution_code") if isinstance(value, dict) else None
        if not isinstance(named, str) or not self._principal.reaches_institution(named):
            return []
        further = self._judge.refusals_of_parts(value, self._today)
        return further_faults(problem.issues, further)

    async def take(self, work: UnitOfWork, rows: list[Prepared]) -> Taken:
        taken = Taken()
        await self._refuse_unauthorised(work.connection, rows)
        accepted: list[Prepared] = []
        for prepared in rows:
            if prepared.refused is not None:
                taken.rejected.append((prepared.row, faults_of(prepared.refused)))
            else:
                accepted.append(prepared)
        recorded: list[str] = []
        sheets = [each.sheet for each in accepted if each.sheet is not None]
        await self._recorder.mark_namesakes(work.connection, sheets)
        for batch, part in await self._record(work, accepted):
            for prepared, outcome in zip(part, batch.outcomes, strict=True):
                doubted = prepared.sheet is not None and prepared.sheet.has_namesake
                if doubted and not isinstance(outcome, Problem):
                    taken.warned.append((prepared.row, [NAMESAKE]))
                if isinstance(outcome, Problem):
                    taken.rejected.append((prepared.row, faults_of(outcome)))
                elif outcome.created:
                    taken.created += 1
                    recorded.append(str(outcome.answer.result_id))
                else:
                    taken.unchanged += 1
            if batch.events:
                await work.publish(batch.events)
        if recorded:
            work.audit("results.record", f"results:{len(recorded)}", {"results": recorded})
        return taken

    async def _refuse_unauthorised(
        self, connection: asyncpg.Connection, chunk: Sequence[Prepared]
    ) -> None:
        codes = {each.sheet.body.institution_code for each in chunk if each.sheet is not None}
        stored = await directory.authorisations_of(connection, sorted(codes))
        known = {code: decoded(stored.get(code)) for code in codes}
        for prepared in chunk:
            if prepared.sheet is not None:
                code = prepared.sheet.body.institution_code
                refusal = unauthorised(known[code], prepared.sheet.exam)
                if refusal is not None:
                    prepared.refused = refusal if self._confirmed else unconfirmed()
                    continue
                try:
                    judge_language(prepared.sheet)
                except Problem as problem:
                    prepared.refused = problem

    async def _record(
        self, work: UnitOfWork, accepted: list[Prepared]
    ) -> list[tuple[Batch, list[Prepared]]]:
        """The whole chunk at once; where a row spoils it, its halves, down to the row itself: so a book
        is not held for the time that hundreds of single rows would take."""
        if not accepted:
            return []
        sheets = [each.sheet for each in accepted if each.sheet is not None]
        try:
            async with savepoint(work.connection):
                batch = await self._recorder.record(
                    work.connection, sheets, work.clock.now(), rehearsal=work.rehearsal
                )
            return [(batch, accepted)]
        except (Problem, asyncpg.UniqueViolationError, asyncpg.DataError) as error:
            if len(accepted) == 1:
                return [(Batch([_problem_of(error)]), accepted)]
        middle = len(accepted) // 2
        return [
            *await self._record(work, accepted[:middle]),
            *await self._record(work, accepted[middle:]),
        ]


def _problem_of(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    broken = error.constraint_name if isinstance(error, asyncpg.UniqueViolationError) else None
    known = constraint_refusal(broken)
    if known is None:
        raise error
    return known
