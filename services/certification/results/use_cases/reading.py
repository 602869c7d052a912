"""Reading results."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.certification.recording.answers import (
    certificate_part,
    points,
)
from services.certification.recording.rows import StoredResult
from services.certification.registry import repository as register
from services.certification.registry.rows import Certificate
from services.certification.results import repository
from services.certification.results.rows import StoredVersion
from services.certification.results.schemas import (
    CandidateView,
    ResultView,
    VersionView,
)
from services.certification.sheets.judging import (
    SKILLS,
    Halves,
    Judge,
    basis_of,
)
from services.certification.sheets.schemas import (
    ExamSessionRef,
    Scores,
)
from shared.contracts.problem import NotFound
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal


async def view_result(work: UnitOfWork, judge: Judge, result_id: UUID) -> ResultView:
    row = await readable_result(work, result_id)
    work.audit("result.read", str(result_id))
    return (await _views(work, judge, [row]))[0]


@dataclass(frozen=True, slots=True)
class AskedResults:
    """Which results are asked for; null: all of them."""

    judge: Judge
    institution: str | None
    session: str | None
    held_from: dt.date | None
    held_to: dt.date | None


async def list_results(
    work: UnitOfWork, asked: AskedResults, after: tuple[int, str, int] | None, limit: int
) -> tuple[list[ResultView], tuple[int, str, int] | None]:
    """A page and the key of its last row; null at the end."""
    rows = await repository.list_results(
        work.connection,
        institution=asked.institution,
        session=asked.session,
        held_from=asked.held_from,
        held_to=asked.held_to,
        after=after,
        limit=limit + 1,
    )
    page, more = rows[:limit], len(rows) > limit
    ids = [str(row.result_id) for row in page]
    work.audit("result.list", asked.institution or "*", {"results": ids})
    last = (page[-1].session_id, page[-1].number_key, page[-1].number_rank) if more else None
    return await _views(work, asked.judge, page), last


async def readable_result(work: UnitOfWork, result_id: UUID, *, lock: bool = False) -> StoredResult:
    """Raises ``not_found``, also for another institution's."""
    row = await repository.find_result(work.connection, result_id, lock=lock)
    if row is None or not work.principal.reaches_institution(row.institution_code):
        raise NotFound
    return row


async def _views(work: UnitOfWork, judge: Judge, rows: Sequence[StoredResult]) -> list[ResultView]:
    ids = [row.result_id for row in rows]
    versions = await repository.versions_of(work.connection, ids)
    certificate_ids = {
        result_id: versions[result_id][-1].certificate_id if result_id in versions else result_id
        for result_id in ids
    }
    found = await register.find_certificates(
        work.connection, [each for each in certificate_ids.values() if each is not None]
    )
    certificates = {
        result_id: found.get(each)
        for result_id, each in certificate_ids.items()
        if each is not None
    }
    return [
        _view(
            work.principal,
            judge,
            row,
            versions.get(row.result_id, []),
            certificates.get(row.result_id),
        )
        for row in rows
    ]


def _view(
    principal: Principal,
    judge: Judge,
    row: StoredResult,
    later: Sequence[StoredVersion],
    certificate: Certificate | None,
) -> ResultView:
    now = later[-1] if later else row
    rule = judge.rule(now.rule)
    return ResultView(
        result_id=row.result_id,
        institution_code=row.institution_code,
        exam_session=ExamSessionRef(
            code=row.session_code, held_on=row.held_on, framework=row.framework
        ),
        format=row.format,
        language=row.language,
        candidate=CandidateView(
            number=row.candidate_number,
            full_name=principal.shown(row.full_name),
            birth_date=principal.shown(row.birth_date.isoformat()),
            identity_type=row.identity_type,
            identity_country=row.identity_country,
            identity_number=principal.shown_number(row.identity_number),
            attendance=now.attendance,
        ),
        scores=_scores(now.halves),
        overall=points(now.overall),
        level=now.level,
        basis=basis_of(rule, judge.framework(row.framework)),
        certificate=None if certificate is None else certificate_part(certificate),
        versions=(
            _first_version(row),
            *(_later_version(each) for each in later),
        ),
    )


def _first_version(row: StoredResult) -> VersionView:
    return VersionView(
        version=1,
        reason=None,
        decision_number=None,
        decided_on=None,
        attendance=row.attendance,
        scores=_scores(row.halves),
        overall=points(row.overall),
        level=row.level,
        rule=row.rule,
        recorded_at=row.recorded_at,
    )


def _later_version(row: StoredVersion) -> VersionView:
    return VersionView(
        version=row.version,
        reason=row.reason,
        decision_number=row.decision_number,
        decided_on=row.decided_on,
        attendance=row.attendance,
        scores=_scores(row.halves),
        overall=points(row.overall),
        level=row.level,
        rule=row.rule,
        recorded_at=row.recorded_at,
    )


def _scores(halves: Halves) -> Scores:
    return Scores(**dict(zip(SKILLS, map(points, halves), strict=True)))
