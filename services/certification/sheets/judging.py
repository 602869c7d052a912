"""What a posted sheet says once judged by the rules in force on the day of the exam."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import msgspec

from services.certification.directory.authorisations import Exam
from services.certification.faults import noting, refusal, refuse, together
from services.certification.framework.documents import Rulebook
from services.certification.framework.levels import Framework, framework_on
from services.certification.framework.scoring import (
    ScoreRule,
    half_points,
    level_of,
    overall_halves,
    rule_on,
)
from services.certification.identities import judged_identity
from services.certification.names import plain_name
from services.certification.registry.errors import RegisterNumberRequired, SerialReserved
from services.certification.registry.serials import is_reserved
from services.certification.sheets.errors import (
    DatesImpossible,
    FormatUnknown,
    FrameworkNotInForce,
    LevelMismatch,
    ScoresInvalid,
)
from services.certification.sheets.schemas import (
    Attendance,
    Candidate,
    ExamSessionRef,
    OwnCertificate,
    ResultBody,
    Scores,
)
from shared.contracts.problem import FieldError, InvalidRequest, Problem
from shared.imports.person_names import name_issue
from shared.security.person_key import PersonIdentity, PersonKeys

SKILLS: Final = ("listening", "reading", "writing", "speaking")
OLDEST_CANDIDATE: Final = 110
YOUNGEST_CANDIDATE: Final = 5
FIRST_EXAM: Final = dt.date(1990, 1, 1)

Halves = tuple[int | None, int | None, int | None, int | None]
NO_SCORES: Final[Halves] = (None, None, None, None)


@dataclass(frozen=True, slots=True)
class Judged:
    """Scores as half points, and the overall and level they come to."""

    halves: Halves
    overall: int | None
    level: int | None


@dataclass(slots=True)
class Sheet:
    """A sheet that breaks no rule of its own; what others know decides the rest."""

    body: ResultBody
    rule: ScoreRule
    framework: Framework
    judged: Judged
    identity: PersonIdentity
    full_name: str
    person_key: bytes
    birth_check: bytes
    issued_on: dt.date
    basis: msgspec.Raw
    has_namesake: bool = False
    """The session has the same name and birth date under another identity."""

    @property
    def earns_certificate(self) -> bool:
        return self.judged.level is not None

    @property
    def exam(self) -> Exam:
        """What the institution must be authorised for."""
        body = self.body
        return Exam(body.language, body.format, self.judged.level, body.exam_session.held_on)


def identity_of(candidate: Candidate) -> PersonIdentity:
    if (candidate.citizen_id is None) == (candidate.identity is None):
        refuse(
            InvalidRequest,
            "/candidate/citizen_id",
            "cần đúng một trong citizen_id và identity",
            "exactly one of citizen_id and identity is needed",
        )
    return judged_identity(candidate.citizen_id, candidate.identity, "/candidate")


def judge_scores(scores: Scores | None, attendance: Attendance, rule: ScoreRule) -> Judged:
    given = (
        (None, None, None, None)
        if scores is None
        else (scores.listening, scores.reading, scores.writing, scores.speaking)
    )
    faults: list[Problem] = []
    halves: list[int] = []
    for skill, score in zip(SKILLS, given, strict=True):
        at = f"/scores/{skill}"
        if attendance != "present":
            if score is not None:
                vi, en = (
                    "thí sinh không dự thi thì không có điểm",
                    "a candidate who was not present has no scores",
                )
                faults.append(refusal(ScoresInvalid, at, vi, en))
        elif score is None:
            vi, en = "thiếu điểm của thí sinh có mặt", "a present candidate needs a score"
            faults.append(refusal(ScoresInvalid, at, vi, en))
        elif (value := half_points(score, rule)) is None:
            vi = f"điểm phải từ 0 đến {rule.highest:g}, lẻ đến {rule.step:g}".replace(".", ",")
            en = f"a score is 0 to {rule.highest:g} in steps of {rule.step:g}"
            faults.append(refusal(ScoresInvalid, at, vi, en))
        else:
            halves.append(value)
    if faults:
        raise together(faults)
    if attendance != "present":
        return Judged(NO_SCORES, None, None)
    overall = overall_halves(halves, rule)
    return Judged((halves[0], halves[1], halves[2], halves[3]), overall, level_of(overall, rule))


def judge_session(session: ExamSessionRef, today: dt.date, rulebook: Rulebook) -> Framework:
    if not FIRST_EXAM <= session.held_on <= today:
        refuse(
            DatesImpossible,
            "/exam_session/held_on",
            "ngày thi ở tương lai hoặc quá xa",
            "the exam day lies in the future or too far back",
        )
    framework = framework_on(rulebook.frameworks, session.held_on, session.framework)
    if framework is None:
        refuse(
            FrameworkNotInForce,
            "/exam_session/framework" if session.framework else "/exam_session/held_on",
            "khung năng lực này không áp dụng vào ngày thi",
            "no such framework applies on the day of the exam",
        )
    return framework


def judge_rule(exam_format: str, held_on: dt.date, rulebook: Rulebook) -> ScoreRule:
    rule = rule_on(rulebook.score_rules, exam_format, held_on)
    if rule is None:
        refuse(
            FormatUnknown,
            "/format",
            "không có quy tắc tính điểm cho định dạng này vào ngày thi",
            "no score rule of this format is in force on the day of the exam",
        )
    return rule


def judge_language(sheet: Sheet) -> None:
    """Asked after the authorisation: who has none for the language hears that first."""
    if sheet.rule.language != sheet.body.language:
        refuse(
            FormatUnknown,
            "/language",
            "định dạng này không dùng cho ngôn ngữ đã khai",
            "this format does not test that language",
        )


def _years_later(day: dt.date, years: int) -> dt.date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=min(day.year + years, dt.MAXYEAR), day=28)


def judge_birth(birth_date: dt.date, held_on: dt.date) -> None:
    if YOUNGEST_CANDIDATE < held_on.year - birth_date.year < OLDEST_CANDIDATE:
        return  # whatever the days are
    youngest = _years_later(birth_date, YOUNGEST_CANDIDATE)
    oldest = _years_later(birth_date, OLDEST_CANDIDATE)
    if not youngest <= held_on <= oldest:
        refuse(
            DatesImpossible,
            "/candidate/birth_date",
            "ngày sinh sau ngày thi hoặc không thể có",
            "the birth date follows the exam or is absurd",
        )


def judge_issue(issued_on: dt.date | None, held_on: dt.date, today: dt.date) -> dt.date:
    if issued_on is None:
        return today
    if not held_on <= issued_on <= today:
        refuse(
            DatesImpossible,
            "/issued_on",
            "ngày cấp trước ngày thi hoặc ở tương lai",
            "the day of issue precedes the exam or lies in the future",
        )
    return issued_on


def judge_own_certificate(own: OwnCertificate | None, held_on: dt.date, today: dt.date) -> None:
    """An institution that numbers its book gives serial and number together."""
    if own is not None and (faults := list(_faults_of_own(own, held_on, today))):
        raise together(faults)


def _faults_of_own(own: OwnCertificate, held_on: dt.date, today: dt.date) -> Iterator[Problem]:
    if own.decided_on is not None and not held_on <= own.decided_on <= today:
        yield refusal(
            DatesImpossible,
            "/certificate/decided_on",
            "ngày quyết định trước ngày thi hoặc ở tương lai",
            "the decision precedes the exam or lies in the future",
        )
    if (own.serial is None) != (own.register_number is None):
        name = "serial" if own.serial is None else "register_number"
        yield refusal(
            RegisterNumberRequired,
            f"/certificate/{name}",
            "số hiệu và số vào sổ phải đi cùng nhau",
            "serial and register number go together",
        )
    if own.serial is not None and is_reserved(own.serial):
        yield refusal(
            SerialReserved,
            "/certificate/serial",
            "số hiệu có dạng do hệ thống cấp",
            "the serial has the form that the system gives",
        )


def judge_name(candidate: Candidate) -> str:
    name = plain_name(candidate.full_name)
    if not name:
        refuse(InvalidRequest, "/candidate/full_name", "thiếu họ tên", "the name is empty")
    fault = name_issue(candidate.full_name, "/candidate/full_name")
    if fault is not None:
        vi, en = fault.message_vi, fault.message_en
        raise InvalidRequest(vi, en, errors=[FieldError(fault.pointer, fault.code, vi, en)])
    return name


def judge_claim(claimed: int | None, judged: Judged) -> None:
    if claimed is not None and claimed != judged.level:
        derived = "-" if judged.level is None else str(judged.level)
        refuse(
            LevelMismatch,
            "/claimed_level",
            f"bậc tính theo điểm là {derived}",
            f"the scores come to level {derived}",
        )


class Judge:
    """Turns a body into a sheet; the only state is what the rules' own documents say."""

    def __init__(self, rulebook: Rulebook, keys: PersonKeys) -> None:
        self.rulebook = rulebook
        self._keys = keys
        self._frameworks = {framework.code: framework for framework in rulebook.frameworks}
        self._rules = {rule.id: rule for rule in rulebook.score_rules}
        self._bases: dict[tuple[str, str], msgspec.Raw] = {}
        # Thousands of sheets of one session ask the same, and there are few marks to be had.
        self._rules_of = lru_cache(maxsize=1024)(self._find_rules)
        self._marks = lru_cache(maxsize=16_384)(self._judge_marks)

    def _find_rules(
        self, session: ExamSessionRef, exam_format: str, today: dt.date
    ) -> tuple[Framework, ScoreRule, msgspec.Raw]:
        framework = judge_session(session, today, self.rulebook)
        rule = judge_rule(exam_format, session.held_on, self.rulebook)
        return framework, rule, self.basis(rule, framework)

    def _judge_marks(self, scores: Scores | None, attendance: Attendance, rule_id: str) -> Judged:
        return judge_scores(scores, attendance, self._rules[rule_id])

    def basis(self, rule: ScoreRule, framework: Framework) -> msgspec.Raw:
        known = self._bases.get((rule.id, framework.code))
        if known is None:
            known = self._bases[rule.id, framework.code] = basis_of(rule, framework)
        return known

    def framework(self, code: str) -> Framework:
        return self._frameworks[code]

    def rule(self, rule_id: str) -> ScoreRule:
        return self._rules[rule_id]

    def use_framework(self, sheet: Sheet, code: str) -> None:
        """A session keeps the framework it was opened with, also for sheets that name none."""
        if sheet.framework.code != code:
            sheet.framework = self._frameworks[code]
            sheet.basis = self.basis(sheet.rule, sheet.framework)

    def __call__(self, body: ResultBody, today: dt.date) -> Sheet:
        """Raises the named refusals of what the sheet itself says, :func:`judge_language` apart: the first,
        with the faults of all."""
        try:
            return self._judged(body, today)
        except Problem:
            raise together(self._refusals(msgspec.structs.asdict(body), today)) from None

    def refusals_of_parts(self, value: Any, today: dt.date) -> list[FieldError]:
        """Faults by the rules in the parts of a body that can be read, when another part cannot."""
        parts: dict[str, Any] = {}
        for field in msgspec.structs.fields(ResultBody) if isinstance(value, dict) else ():
            given = value.get(field.encode_name, msgspec.UNSET)
            if given is msgspec.UNSET:
                if not field.required:
                    parts[field.name] = field.default
                continue
            with suppress(msgspec.ValidationError):
                parts[field.name] = msgspec.convert(given, field.type)
        problems = self._refusals(parts, today)
        return list(dict.fromkeys(fault for each in problems for fault in each.errors))

    def _refusals(self, parts: Mapping[str, Any], today: dt.date) -> list[Problem]:
        """All refusals of the parts that are there; each rule is asked for what it needs."""
        found: list[Problem] = []
        session: ExamSessionRef | None = parts.get("exam_session")
        candidate: Candidate | None = parts.get("candidate")
        rule: ScoreRule | None = None
        judged: Judged | None = None
        if session is not None:
            with noting(found):
                judge_session(session, today, self.rulebook)
            if "format" in parts:
                with noting(found):
                    rule = judge_rule(parts["format"], session.held_on, self.rulebook)
        if candidate is not None:
            with noting(found):
                identity_of(candidate)
            with noting(found):
                judge_name(candidate)
            if session is not None:
                with noting(found):
                    judge_birth(candidate.birth_date, session.held_on)
        if session is not None and "issued_on" in parts:
            with noting(found):
                judge_issue(parts["issued_on"], session.held_on, today)
        if rule is not None and candidate is not None and "scores" in parts:
            with noting(found):
                judged = judge_scores(parts["scores"], candidate.attendance, rule)
        if judged is not None and "claimed_level" in parts:
            with noting(found):
                judge_claim(parts["claimed_level"], judged)
        if session is not None and "certificate" in parts:
            with noting(found):
                judge_own_certificate(parts["certificate"], session.held_on, today)
        return found

    def _judged(self, body: ResultBody, today: dt.date) -> Sheet:
        session, candidate = body.exam_session, body.candidate
        framework, rule, basis = self._rules_of(session, body.format, today)
        identity = identity_of(candidate)
        name = judge_name(candidate)
        judge_birth(candidate.birth_date, session.held_on)
        issued_on = judge_issue(body.issued_on, session.held_on, today)
        judged = self._marks(body.scores, candidate.attendance, rule.id)
        judge_claim(body.claimed_level, judged)
        judge_own_certificate(body.certificate, session.held_on, today)
        person_key, birth_check = self._keys.both(identity, candidate.birth_date.isoformat())
        assert birth_check is not None
        return Sheet(
            body,
            rule,
            framework,
            judged,
            identity,
            name,
            person_key,
            birth_check,
            issued_on,
            basis,
        )


def basis_of(rule: ScoreRule, framework: Framework) -> msgspec.Raw:
    """What the answer tells of how the level came about."""
    return msgspec.Raw(
        msgspec.json.encode(
            {
                "rule": rule.id,
                "source": rule.source,
                "valid_from": rule.valid_from,
                "framework": framework.code,
                "rounding": rule.rounding,
                "confidence": rule.confidence,
                "uncertain": rule.uncertain,
            }
        )
    )
