"""Refusals of results."""

from __future__ import annotations

from services.certification.directory.errors import InstitutionNotAuthorised
from shared.contracts.problem import Problem


class ResultConflict(Problem):
    """The session already holds another result for this candidate number or this person."""

    code, status = "result_conflict", 409
    title_vi, title_en = "Kết quả đã ghi nhận khác", "A different result is recorded"


class SessionMismatch(Problem):
    """The session is known with another exam day or framework."""

    code, status = "session_mismatch", 409
    title_vi, title_en = "Kỳ thi đã có với thông tin khác", "The session is known differently"


class SessionClosed(Problem):
    code, status = "session_closed", 409
    title_vi, title_en = "Kỳ thi đã khóa sổ", "The session is closed"


class LevelMismatch(Problem):
    code, status = "level_mismatch", 422
    title_vi, title_en = "Bậc khai khác bậc tính được", "Claimed level differs"


class FormatUnknown(Problem):
    """No score rule of this name is in force on the day of the exam, or it tests another language."""

    code, status = "format_unknown", 422
    title_vi, title_en = "Định dạng đề thi không áp dụng", "Unknown exam format"


class FrameworkNotInForce(Problem):
    code, status = "framework_not_in_force", 422
    title_vi, title_en = "Khung năng lực không còn áp dụng", "Framework not in force"


class ScoresInvalid(Problem):
    """Scores are off the format's grid, missing for a present candidate, or given for an absent one."""

    code, status = "scores_invalid", 422
    title_vi, title_en = "Điểm không hợp lệ", "Scores are not valid"


class DatesImpossible(Problem):
    """Birth, exam, issue and decision days cannot follow one another like this."""

    code, status = "dates_impossible", 422
    title_vi, title_en = "Các ngày không hợp lý", "Impossible dates"


RESULT_REFUSALS = (
    ResultConflict,
    SessionMismatch,
    SessionClosed,
    InstitutionNotAuthorised,
    LevelMismatch,
    FormatUnknown,
    FrameworkNotInForce,
    ScoresInvalid,
    DatesImpossible,
)
