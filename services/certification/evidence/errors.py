"""Refusals of evidence."""

from __future__ import annotations

from shared.contracts.problem import Problem


class EvidenceConflict(Problem):
    """The same paper was filed by the same body with other details."""

    code, status = "evidence_conflict", 409
    title_vi, title_en = "Minh chứng đã nộp với nội dung khác", "Filed before with other details"


class EvidenceAlreadyDecided(Problem):
    code, status = "evidence_already_decided", 409
    title_vi, title_en = "Minh chứng đã có quyết định khác", "Another decision stands"


class EvidenceNotAccepted(Problem):
    """Only accepted evidence can be withdrawn."""

    code, status = "evidence_not_accepted", 409
    title_vi, title_en = "Minh chứng chưa được công nhận", "Evidence is not accepted"


class EvidenceDatesImpossible(Problem):
    code, status = "evidence_dates_impossible", 422
    title_vi, title_en = "Các ngày của minh chứng không hợp lý", "Impossible dates"


class LanguageUnknown(Problem):
    """No foreign language: Vietnamese, or a code that the list of languages does not hold."""

    code, status = "language_unknown", 422
    title_vi, title_en = "Không phải mã ngoại ngữ", "Not a foreign language"


class EvidenceLevelRequired(Problem):
    """This kind of evidence proves a level: the decision states it, or names a table that gives it."""

    code, status = "evidence_level_required", 422
    title_vi, title_en = "Cần xác định bậc", "A level is required"


class EvidenceLevelUnexpected(Problem):
    """Specialised-language evidence proves no level."""

    code, status = "evidence_level_unexpected", 422
    title_vi, title_en = "Loại minh chứng này không xác định bậc", "No level can be given"


class EquivalenceTableUnknown(Problem):
    code, status = "equivalence_table_unknown", 422
    title_vi, title_en = "Không có bảng quy đổi này", "Unknown equivalence table"


class EquivalenceSilent(Problem):
    """The named table gives the evidence no level, or another one than the decision states."""

    code, status = "equivalence_gives_no_level", 422
    title_vi, title_en = "Bảng quy đổi không cho bậc này", "The table does not give that level"
