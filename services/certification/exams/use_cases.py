"""Reading results, and changing them by a new version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from services.certification.exams import repository
from services.certification.exams.errors import DatesImpossible, VersionConflict
from services.certification.exams.institutions import decoded, refusal
from services.certification.exams.recording import (
    IssueOrder,
    Recorder,
    certificate_part,
    overall_text,
)
from services.certification.exams.schemas import (
    CandidateView,
    CertificatePart,
    ExamSessionRef,
    ResultView,
    Scores,
    VersionAnswer,
    VersionBody,
    VersionView,
)
from services.certification.exams.sheets import (
    SKILLS,
    Judge,
    Judged,
    basis_of,
    judge_own_certificate,
    judge_scores,
    refuse,
)
from services.certification.framework.scoring import ScoreRule
from services.certification.registry import repository as register
from services.certification.registry.errors import CertificateNotStanding
from services.certification.registry.masking import masked
from services.certification.registry.repository import EntryRow
from services.certification.registry.serials import FRAMEWORK_CERTIFICATE, book_code
from services.certification.registry.standing import stands, status_of
from shared.contracts.events import CertificateIssued, CertificateSuperseded, ResultRecorded
from shared.contracts.problem import NotFound
from shared.persistence.keys import uuid7
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal


async def view_result(work: UnitOfWork, judge: Judge, result_id: UUID) -> ResultView:
    row = await repository.find_result(work.connection, result_id)
    if row is None or not _in_scope(work.principal, row):
        raise NotFound
    work.audit("result.read", str(result_id))
    return (await _views(work, judge, [row]))[0]


async def list_views(
    work: UnitOfWork,
    judge: Judge,
    *,
    institution: str | None,
    session: str | None,
    held_from: dt.date | None,
    held_to: dt.date | None,
    after: tuple[int, str] | None,
    limit: int,
) -> tuple[list[ResultView], tuple[int, str] | None]:
    """A page and the key of its last row; null at the end."""
    rows = await repository.list_results(
        work.connection,
        institution=institution,
        session=session,
        held_from=held_from,
        held_to=held_to,
        after=after,
        limit=limit + 1,
    )
    page, more = rows[:limit], len(rows) > limit
    ids = [str(row["result_id"]) for row in page]
    work.audit("result.list", institution or "*", {"results": ids})
    last = (page[-1]["session_id"], page[-1]["candidate_number"]) if more else None
    return await _views(work, judge, page), last


def _in_scope(principal: Principal, row: asyncpg.Record) -> bool:
    return principal.role != "institution" or principal.institution == row["institution_code"]


async def _views(
    work: UnitOfWork, judge: Judge, rows: Sequence[asyncpg.Record]
) -> list[ResultView]:
    ids = [row["result_id"] for row in rows]
    versions = await repository.versions_of(work.connection, ids)
    standing = {
        result_id: versions[result_id][-1]["certificate_id"] if result_id in versions else result_id
        for result_id in ids
    }
    certificates = await register.find_certificates(
        work.connection, [each for each in standing.values() if each is not None]
    )
    return [
        _view(
            work.principal,
            judge,
            row,
            versions.get(row["result_id"], []),
            certificates.get(standing[row["result_id"]]),
        )
        for row in rows
    ]


def _view(
    principal: Principal,
    judge: Judge,
    row: asyncpg.Record,
    later: Sequence[asyncpg.Record],
    certificate: asyncpg.Record | None,
) -> ResultView:
    now = later[-1] if later else row
    rule = rule_of(judge, now["rule"])
    return ResultView(
        result_id=row["result_id"],
        institution_code=row["institution_code"],
        exam_session=ExamSessionRef(
            code=row["session_code"], held_on=row["held_on"], framework=row["framework"]
        ),
        format=row["format"],
        language=row["language"],
        candidate=CandidateView(
            number=row["candidate_number"],
            full_name=principal.shown(row["full_name"]),
            birth_date=principal.shown(row["birth_date"].isoformat()),
            identity_type=row["identity_type"],
            identity_country=row["identity_country"],
            identity_number=masked(row["identity_number"], principal),
            attendance=now["attendance"],
        ),
        scores=_scores(now),
        overall=_points(now["overall"]),
        level=now["level"],
        basis=basis_of(rule, judge.framework(row["framework"])),
        certificate=None if certificate is None else certificate_part(certificate),
        versions=(
            _version_view(1, row),
            *(_version_view(each["version"], each) for each in later),
        ),
    )


def _version_view(number: int, row: asyncpg.Record) -> VersionView:
    first = number == 1
    return VersionView(
        version=number,
        reason=None if first else row["reason"],
        decision_number=None if first else row["decision_number"],
        decided_on=None if first else row["decided_on"],
        attendance=row["attendance"],
        scores=_scores(row),
        overall=_points(row["overall"]),
        level=row["level"],
        rule=row["rule"],
        recorded_at=row["recorded_at"],
    )


def _points(halves: int | None) -> float | None:
    return None if halves is None else halves / 2


def _scores(row: asyncpg.Record) -> Scores:
    return Scores(**{skill: _points(row[skill]) for skill in SKILLS})


def rule_of(judge: Judge, rule_id: str) -> ScoreRule:
    return next(rule for rule in judge.rulebook.score_rules if rule.id == rule_id)


@dataclass(slots=True)
class _Change:
    """A new version on its way: what was, and what the new scores come to."""

    row: asyncpg.Record
    number: int
    body: VersionBody
    judged: Judged
    rule: ScoreRule
    old: asyncpg.Record | None
    """The certificate that stands before this version."""

    @property
    def institution(self) -> str:
        code: str = self.row["institution_code"]
        return code

    @property
    def audience(self) -> list[str]:
        return [f"institution:{self.institution}"]

    @property
    def person_key(self) -> str:
        key: bytes = self.row["person_key"]
        return key.hex()


async def record_version(
    work: UnitOfWork,
    judge: Judge,
    recorder: Recorder,
    result_id: UUID,
    body: VersionBody,
) -> tuple[VersionAnswer, bool]:
    """The answer, and whether the version is new. The same decision again changes nothing."""
    row = await repository.find_result(work.connection, result_id, lock=True)
    if row is None or not _in_scope(work.principal, row):
        raise NotFound
    later = (await repository.versions_of(work.connection, [result_id])).get(result_id, [])
    rule = rule_of(judge, row["rule"])
    judged = judge_scores(body.scores, body.attendance, rule)
    basis = basis_of(rule, judge.framework(row["framework"]))
    known = _same_decision(later, body, judged)
    if known is not None:
        part, superseded = await _standing_after(work.connection, row, later, known)
        return (
            VersionAnswer(
                result_id=result_id,
                version=known["version"],
                overall=_points(known["overall"]),
                level=known["level"],
                basis=basis,
                certificate=part,
                superseded=superseded,
            ),
            False,
        )
    _judge_dates(body, row, later, work.clock.today())
    judge_own_certificate(body.certificate)
    await _require_authorised(work, row, judged)
    old = await _standing_certificate(work.connection, row, later)
    change = _Change(row, len(later) + 2, body, judged, rule, old)
    entry = await _change_certificate(work, recorder, change)
    kept = old if old is not None and _keeps(change) else None
    certificate_id = kept["certificate_id"] if kept is not None else None
    if entry is not None:
        certificate_id = entry.certificate_id
    added = await repository.add_version(
        work.connection,
        (
            *(result_id, change.number, body.reason, body.decision_number, body.decided_on),
            *(body.attendance, *judged.halves, judged.overall, judged.level, rule.id),
            *(certificate_id, work.clock.now()),
        ),
    )
    if not added:
        raise VersionConflict
    work.audit("result.change", str(result_id), {"version": change.number, "reason": body.reason})
    part = None
    if kept is not None:
        part = certificate_part(kept)
    elif entry is not None:
        part = _part(entry, change.institution)
    return (
        VersionAnswer(
            result_id=result_id,
            version=change.number,
            overall=_points(judged.overall),
            level=judged.level,
            basis=basis,
            certificate=part,
            superseded=None if old is None or kept is not None else old["serial"],
        ),
        True,
    )


def _part(entry: EntryRow, institution: str) -> CertificatePart:
    book = book_code(institution, FRAMEWORK_CERTIFICATE, entry.issued_on.year)
    return CertificatePart(
        serial=entry.serial,
        register_number=entry.register_number,
        register_book=entry.book_label or book,
        level=entry.level,
        issued_on=entry.issued_on,
        status="valid",
        late_entry=entry.late_entry,
    )


def _same_decision(
    later: Sequence[asyncpg.Record], body: VersionBody, judged: Judged
) -> asyncpg.Record | None:
    for version in later:
        if version["decision_number"] != body.decision_number:
            continue
        same = (
            version["reason"] == body.reason
            and version["decided_on"] == body.decided_on
            and version["attendance"] == body.attendance
            and tuple(version[skill] for skill in SKILLS) == judged.halves
        )
        if not same:
            refuse(
                VersionConflict,
                "/decision_number",
                "quyết định này đã ghi một phiên bản khác",
                "this decision has recorded a different version",
            )
        return version
    return None


def _judge_dates(
    body: VersionBody, row: asyncpg.Record, later: Sequence[asyncpg.Record], today: dt.date
) -> None:
    if not row["held_on"] <= body.decided_on <= today:
        refuse(
            DatesImpossible,
            "/decided_on",
            "ngày quyết định trước ngày thi hoặc ở tương lai",
            "the decision precedes the exam or lies in the future",
        )
    if later and body.decided_on < later[-1]["decided_on"]:
        refuse(
            VersionConflict,
            "/decided_on",
            "đã có phiên bản theo quyết định muộn hơn",
            "a version by a later decision is recorded already",
        )
    if body.issued_on is not None and not body.decided_on <= body.issued_on <= today:
        refuse(
            DatesImpossible,
            "/issued_on",
            "ngày cấp trước ngày quyết định hoặc ở tương lai",
            "the day of issue precedes the decision or lies in the future",
        )


async def _require_authorised(work: UnitOfWork, row: asyncpg.Record, judged: Judged) -> None:
    code = row["institution_code"]
    stored = await repository.authorisations_of(work.connection, [code])
    problem = refusal(
        decoded(stored.get(code)), row["language"], row["format"], judged.level, row["held_on"]
    )
    if problem is not None:
        raise problem


async def _standing_certificate(
    connection: asyncpg.Connection, row: asyncpg.Record, later: Sequence[asyncpg.Record]
) -> asyncpg.Record | None:
    """Raises ``certificate_not_standing`` where it was revoked: a mark cannot bring it back."""
    certificate_id = later[-1]["certificate_id"] if later else row["result_id"]
    if certificate_id is None:
        return None
    found = await register.find_certificates(connection, [certificate_id])
    certificate = found.get(certificate_id)
    if certificate is None:
        return None
    await register.find_certificate(connection, certificate["serial"], lock=True)
    certificate = (await register.find_certificates(connection, [certificate_id]))[certificate_id]
    if not stands(status_of(certificate["annex_kinds"])):
        raise CertificateNotStanding(
            "Chứng chỉ của kết quả này đã bị thu hồi hoặc hủy bỏ",
            "The certificate of this result was revoked or annulled",
        )
    return certificate


def _keeps(change: _Change) -> bool:
    return change.old is not None and change.old["level"] == change.judged.level


async def _change_certificate(
    work: UnitOfWork, recorder: Recorder, change: _Change
) -> EntryRow | None:
    """The old certificate gives way where the level changed; returns the new one, if one is earned."""
    if _keeps(change):
        return None
    entry = None
    announced = change.row["issuance"] == "on_decision" and change.row["session_status"] != "closed"
    if change.judged.level is not None and not announced:
        entry = await recorder.issue(
            work.connection, _order(change, change.judged.level, work.clock.now())
        )
    if change.old is not None:
        await _supersede(work, change, change.old, entry)
    if entry is not None:
        work.emit(_issued(change, entry), subject=entry.serial, audience=change.audience)
    elif change.old is None and not announced:
        work.emit(_recorded(change), subject=str(change.row["result_id"]), audience=change.audience)
    return entry


def _order(change: _Change, level: int, now: dt.datetime) -> IssueOrder:
    row, body = change.row, change.body
    return IssueOrder(
        institution_code=change.institution,
        issued_on=body.issued_on or body.decided_on,
        own=body.certificate,
        certificate_id=uuid7(),
        result_id=row["result_id"],
        result_version=change.number,
        framework=row["framework"],
        level=level,
        language=row["language"],
        supersedes=None if change.old is None else change.old["certificate_id"],
        decision_number=body.decision_number,
        decided_on=body.decided_on,
        recorded_at=now,
    )


async def _supersede(
    work: UnitOfWork, change: _Change, old: asyncpg.Record, entry: EntryRow | None
) -> None:
    annexes = len(old["annex_kinds"])
    values: tuple[Any, ...] = (
        *(old["certificate_id"], annexes + 1, "supersession"),
        *(change.body.decision_number, change.body.decided_on, change.body.reason),
        *(None if entry is None else entry.certificate_id, None, work.clock.now()),
    )
    await register.add_annex(work.connection, values)
    work.emit(
        CertificateSuperseded(
            version=annexes + 2,
            certificate_id=old["certificate_id"],
            serial=old["serial"],
            person_key=change.person_key,
            institution_code=change.institution,
            decision_number=change.body.decision_number,
            decided_on=change.body.decided_on,
            superseded_by=None if entry is None else entry.serial,
        ),
        subject=old["serial"],
        audience=change.audience,
    )


def _issued(change: _Change, entry: EntryRow) -> CertificateIssued:
    row = change.row
    return CertificateIssued(
        version=1,
        certificate_id=entry.certificate_id,
        serial=entry.serial,
        register_number=entry.register_number,
        register_book=_part(entry, change.institution).register_book,
        institution_code=change.institution,
        result_id=row["result_id"],
        exam_session=row["session_code"],
        held_on=row["held_on"],
        format=row["format"],
        person_key=change.person_key,
        birth_check=row["birth_check"].hex(),
        framework=entry.framework,
        level=entry.level,
        language=entry.language,
        issued_on=entry.issued_on,
        valid_until=None,
        rule=change.rule.id,
        supersedes=None if change.old is None else change.old["serial"],
    )


def _recorded(change: _Change) -> ResultRecorded:
    row = change.row
    return ResultRecorded(
        version=change.number,
        result_id=row["result_id"],
        institution_code=change.institution,
        exam_session=row["session_code"],
        held_on=row["held_on"],
        format=row["format"],
        language=row["language"],
        person_key=change.person_key,
        attendance=change.body.attendance,
        overall=overall_text(change.judged.overall),
        rule=change.rule.id,
    )


async def _standing_after(
    connection: asyncpg.Connection,
    row: asyncpg.Record,
    later: Sequence[asyncpg.Record],
    version: asyncpg.Record,
) -> tuple[CertificatePart | None, str | None]:
    """The certificate that stood after a version, and the serial of the one it replaced."""
    before = row["result_id"]
    for each in later:
        if each["version"] == version["version"] - 1:
            before = each["certificate_id"]
    after = version["certificate_id"]
    found = await register.find_certificates(
        connection, [each for each in (before, after) if each is not None]
    )
    part = None if after is None else certificate_part(found[after])
    old = found.get(before) if before != after else None
    return part, None if old is None else old["serial"]
