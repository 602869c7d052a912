"""Refusals of evidence."""

from __future__ import annotations

from collections.abc import Sequence

from shared.contracts.problem import FieldError, NotFound, Problem


class EvidenceConflict(Problem):
    """The same paper was filed by the same body with other details."""

    code, status = "evidence_conflict", 409
    title_vi, title_en = "Minh chứng đã nộp với nội dung khác", "Filed before with other details"


class EvidenceAlreadyDecided(Problem):
    """The caller's authority decided otherwise before; ``errors`` points at what differs."""

    code, status = "evidence_already_decided", 409
    title_vi, title_en = "Minh chứng đã có quyết định khác", "Another decision stands"


class EvidenceNotAccepted(Problem):
    """Only accepted evidence can be withdrawn."""

    code, status = "evidence_not_accepted", 409
    title_vi, title_en = "Minh chứng chưa được công nhận", "Evidence is not accepted"


class AcceptanceNotNamed(Problem):
    """Several authorities below the caller accepted the paper: ``acceptance_id`` must say which."""

    code, status = "acceptance_not_named", 409
    title_vi, title_en = "Có nhiều công nhận, cần nêu công nhận nào", "Several acceptances stand"


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


def evidence_conflict(differing: Sequence[str]) -> EvidenceConflict:
    """``differing``: pointers at what the paper said otherwise when it was filed first."""
    vi, en = "khác với minh chứng đã nộp", "differs from the paper as it was filed"
    return EvidenceConflict(
        errors=[FieldError(each, EvidenceConflict.code, vi, en) for each in differing]
    )


def already_decided(differing: Sequence[str]) -> EvidenceAlreadyDecided:
    """``differing``: the fields in which the decision on record is another."""
    vi, en = "khác với quyết định đã ghi", "differs from the decision on record"
    return EvidenceAlreadyDecided(
        errors=[FieldError(f"/{field}", EvidenceAlreadyDecided.code, vi, en) for field in differing]
    )


def acceptance_unknown() -> NotFound:
    vi, en = "không có công nhận này", "there is no such acceptance"
    return NotFound(errors=[FieldError("/acceptance_id", NotFound.code, vi, en)])


def acceptance_not_named() -> AcceptanceNotNamed:
    vi = "nhiều cơ quan cấp dưới đã công nhận; nêu acceptance_id"
    en = "several authorities below accepted it; name the acceptance_id"
    return AcceptanceNotNamed(
        errors=[FieldError("/acceptance_id", AcceptanceNotNamed.code, vi, en)]
    )
