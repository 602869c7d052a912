"""Changing a result by a new version: a re-mark, a clerical slip, a skill that came late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from services.certification.directory import repository as directory
from services.certification.directory.authorisations import (
    Exam,
    decoded,
    unauthorised,
)
from services.certification.faults import refuse
from services.certification.framework.scoring import ScoreRule
from services.certification.recording.answers import (
    certificate_part,
    new_certificate,
    overall_text,
    points,
)
from services.certification.recording.issuing import IssueOrder
from services.certification.recording.rows import StoredResult
from services.certification.recording.use_cases.recorder import Recorder
from services.certification.registry import repository as register
from services.certification.registry.errors import CertificateNotInForce
from services.certification.registry.rows import AnnexRow, Certificate, EntryRow
from services.certification.registry.status import is_in_force, status_of
from services.certification.registry.written_keys import same_key
from services.certification.results import repository
from services.certification.results.errors import VersionConflict
from services.certification.results.rows import StoredVersion
from services.certification.results.schemas import (
    VersionAnswer,
    VersionBody,
)
from services.certification.results.use_cases.reading import readable_result
from services.certification.sheets.errors import DatesImpossible
from services.certification.sheets.judging import (
    Judge,
    Judged,
    basis_of,
    judge_own_certificate,
    judge_scores,
)
from services.certification.sheets.schemas import CertificatePart
from shared.contracts import audiences
from shared.contracts.audiences import Audience
from shared.contracts.events import CertificateIssued, CertificateSuperseded, ResultRecorded
from shared.persistence.keys import uuid7
from shared.persistence.unit_of_work import UnitOfWork


@dataclass(slots=True)
class _Change:
    """A new version on its way: what was, and what the new scores come to."""

    row: StoredResult
    number: int
    body: VersionBody
    judged: Judged
    rule: ScoreRule
    old: Certificate | None
    """The certificate in force before this version."""

    @property
    def institution(self) -> str:
        return self.row.institution_code

    @property
    def audience(self) -> Audience:
        return audiences.whole([audiences.institution(self.institution)])

    @property
    def person_key(self) -> str:
        return self.row.person_key.hex()


async def record_version(
    work: UnitOfWork,
    judge: Judge,
    recorder: Recorder,
    result_id: UUID,
    body: VersionBody,
) -> tuple[VersionAnswer, bool]:
    """The answer, and whether the version is new. The same decision again changes nothing."""
    row = await readable_result(work, result_id, lock=True)
    later = (await repository.versions_of(work.connection, [result_id])).get(result_id, [])
    rule = judge.rule(row.rule)
    judged = judge_scores(body.scores, body.attendance, rule)
    basis = basis_of(rule, judge.framework(row.framework))
    known = _same_decision(later, body, judged)
    if known is not None:
        part, superseded = await _certificates_around(work.connection, row, later, known)
        return (
            VersionAnswer(
                result_id=result_id,
                version=known.version,
                overall=points(known.overall),
                level=known.level,
                basis=basis,
                certificate=part,
                superseded=superseded,
            ),
            False,
        )
    _judge_dates(body, row, later, work.clock.today())
    judge_own_certificate(body.certificate, row.held_on, work.clock.today())
    await _require_authorised(work, row, judged)
    old = await _certificate_in_force(work.connection, row, later)
    change = _Change(row, len(later) + 2, body, judged, rule, old)
    _require_place_for_numbers(change)
    entry = await _change_certificate(work, recorder, change)
    kept = old if old is not None and _keeps(change) else None
    certificate_id = kept.certificate_id if kept is not None else None
    if entry is not None:
        certificate_id = entry.certificate_id
    listening, reading, writing, speaking = judged.halves
    added = await repository.add_version(
        work.connection,
        StoredVersion(
            result_id=result_id,
            version=change.number,
            reason=body.reason,
            decision_number=body.decision_number,
            decided_on=body.decided_on,
            attendance=body.attendance,
            listening=listening,
            reading=reading,
            writing=writing,
            speaking=speaking,
            overall=judged.overall,
            level=judged.level,
            rule=rule.id,
            certificate_id=certificate_id,
            recorded_at=work.clock.now(),
        ),
    )
    if not added:
        raise VersionConflict
    work.audit("result.change", str(result_id), {"version": change.number, "reason": body.reason})
    part = None
    if kept is not None:
        part = certificate_part(kept)
    elif entry is not None:
        part = new_certificate(entry, change.institution)
    return (
        VersionAnswer(
            result_id=result_id,
            version=change.number,
            overall=points(judged.overall),
            level=judged.level,
            basis=basis,
            certificate=part,
            superseded=None if old is None or kept is not None else old.serial,
        ),
        True,
    )


def _same_decision(
    later: Sequence[StoredVersion], body: VersionBody, judged: Judged
) -> StoredVersion | None:
    for version in later:
        if not same_key(version.decision_number, body.decision_number):
            continue
        same = (
            version.reason == body.reason
            and version.decided_on == body.decided_on
            and version.attendance == body.attendance
            and version.halves == judged.halves
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
    body: VersionBody, row: StoredResult, later: Sequence[StoredVersion], today: dt.date
) -> None:
    if not row.held_on <= body.decided_on <= today:
        refuse(
            DatesImpossible,
            "/decided_on",
            "ngày quyết định trước ngày thi hoặc ở tương lai",
            "the decision precedes the exam or lies in the future",
        )
    if later and body.decided_on < later[-1].decided_on:
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


async def _require_authorised(work: UnitOfWork, row: StoredResult, judged: Judged) -> None:
    code = row.institution_code
    stored = await directory.authorisations_of(work.connection, [code])
    exam = Exam(row.language, row.format, judged.level, row.held_on)
    problem = unauthorised(decoded(stored.get(code)), exam)
    if problem is not None:
        raise problem


async def _certificate_in_force(
    connection: asyncpg.Connection, row: StoredResult, later: Sequence[StoredVersion]
) -> Certificate | None:
    """Raises ``certificate_not_standing`` where it was revoked: a mark cannot bring it back."""
    certificate_id = later[-1].certificate_id if later else row.result_id
    if certificate_id is None:
        return None
    found = await register.find_certificates(connection, [certificate_id])
    certificate = found.get(certificate_id)
    if certificate is None:
        return None
    await register.lock_serial(connection, certificate.serial)
    certificate = (await register.find_certificates(connection, [certificate_id]))[certificate_id]
    if not is_in_force(status_of(certificate.annex_kinds)):
        raise CertificateNotInForce(
            "Chứng chỉ của kết quả này đã bị thu hồi hoặc hủy bỏ",
            "The certificate of this result was revoked or annulled",
        )
    return certificate


def _require_place_for_numbers(change: _Change) -> None:
    """Numbers of a certificate that this version does not bring would stand on paper only."""
    own = change.body.certificate
    if own is None or own.serial is None or not (_keeps(change) or change.judged.level is None):
        return
    in_force = change.old if _keeps(change) else None
    if in_force is None or not same_key(in_force.serial, own.serial):
        refuse(
            VersionConflict,
            "/certificate",
            "phiên bản này không cấp chứng chỉ mới: không gửi số hiệu và số vào sổ mới",
            "this version brings no new certificate: send no new serial and register number",
        )


def _keeps(change: _Change) -> bool:
    return change.old is not None and change.old.level == change.judged.level


async def _change_certificate(
    work: UnitOfWork, recorder: Recorder, change: _Change
) -> EntryRow | None:
    """The old certificate gives way where the level changed; returns the new one, if one is earned."""
    if _keeps(change):
        return None
    entry = None
    announced = change.row.issuance == "on_decision" and change.row.session_status != "closed"
    if change.judged.level is not None and not announced:
        entry = await recorder.issue(
            work.connection, _order(change, change.judged.level, work.clock.now())
        )
    if change.old is not None:
        await _supersede(work, change, change.old, entry)
    if entry is not None:
        work.emit(_issued(change, entry), subject=entry.serial, audience=change.audience)
    elif change.old is None and not announced:
        work.emit(_recorded(change), subject=str(change.row.result_id), audience=change.audience)
    return entry


def _order(change: _Change, level: int, now: dt.datetime) -> IssueOrder:
    row, body = change.row, change.body
    return IssueOrder(
        institution_code=change.institution,
        issued_on=body.issued_on or body.decided_on,
        own=body.certificate,
        certificate_id=uuid7(),
        result_id=row.result_id,
        result_version=change.number,
        framework=row.framework,
        level=level,
        language=row.language,
        supersedes=None if change.old is None else change.old.certificate_id,
        decision_number=body.decision_number,
        decided_on=body.decided_on,
        recorded_at=now,
    )


async def _supersede(
    work: UnitOfWork, change: _Change, old: Certificate, entry: EntryRow | None
) -> None:
    annexes = len(old.annex_kinds)
    await register.add_annex(
        work.connection,
        AnnexRow(
            certificate_id=old.certificate_id,
            seq=annexes + 1,
            kind="supersession",
            decision_number=change.body.decision_number,
            decided_on=change.body.decided_on,
            reason_code=change.body.reason,
            successor=None if entry is None else entry.certificate_id,
            detail=None,
            recorded_at=work.clock.now(),
        ),
    )
    work.emit(
        CertificateSuperseded(
            version=annexes + 2,
            certificate_id=old.certificate_id,
            serial=old.serial,
            person_key=change.person_key,
            institution_code=change.institution,
            decision_number=change.body.decision_number,
            decided_on=change.body.decided_on,
            superseded_by=None if entry is None else entry.serial,
        ),
        subject=old.serial,
        audience=change.audience,
    )


def _issued(change: _Change, entry: EntryRow) -> CertificateIssued:
    row = change.row
    return CertificateIssued(
        version=1,
        certificate_id=entry.certificate_id,
        serial=entry.serial,
        register_number=entry.register_number,
        register_book=new_certificate(entry, change.institution).register_book,
        institution_code=change.institution,
        result_id=row.result_id,
        exam_session=row.session_code,
        held_on=row.held_on,
        format=row.format,
        person_key=change.person_key,
        birth_check=row.birth_check.hex(),
        framework=entry.framework,
        level=entry.level,
        language=entry.language,
        issued_on=entry.issued_on,
        valid_until=None,
        rule=change.rule.id,
        supersedes=None if change.old is None else change.old.serial,
    )


def _recorded(change: _Change) -> ResultRecorded:
    row = change.row
    return ResultRecorded(
        version=change.number,
        result_id=row.result_id,
        institution_code=change.institution,
        exam_session=row.session_code,
        held_on=row.held_on,
        format=row.format,
        language=row.language,
        person_key=change.person_key,
        attendance=change.body.attendance,
        overall=overall_text(change.judged.overall),
        rule=change.rule.id,
    )


async def _certificates_around(
    connection: asyncpg.Connection,
    row: StoredResult,
    later: Sequence[StoredVersion],
    version: StoredVersion,
) -> tuple[CertificatePart | None, str | None]:
    """The certificate in force after a version, and the serial of the one that it replaced."""
    before: UUID | None = row.result_id
    for each in later:
        if each.version == version.version - 1:
            before = each.certificate_id
    after = version.certificate_id
    found = await register.find_certificates(
        connection, [each for each in (before, after) if each is not None]
    )
    part = None if after is None else certificate_part(found[after])
    old = found.get(before) if before is not None and before != after else None
    return part, None if old is None else old.serial
