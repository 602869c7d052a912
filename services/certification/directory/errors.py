"""Refusals by what enrolment's directory says."""

from __future__ import annotations

from shared.contracts.problem import DependencyUnavailable, FieldError, NotFound, Problem


class InstitutionNotAuthorised(Problem):
    """No ministry authorisation for the language, level and format on the day of the exam."""

    code, status = "institution_not_authorised", 422
    title_vi, title_en = "Đơn vị không được phép", "Institution not authorised"


def unconfirmed() -> DependencyUnavailable:
    """Instead of a refusal that enrolment could not confirm."""
    return DependencyUnavailable(
        "Chưa hỏi được dịch vụ danh bạ về đơn vị này, hãy gửi lại",
        "Enrolment could not be asked about this body, please send again",
        headers={"Retry-After": "2"},
    )


def unknown_agency() -> NotFound:
    vi, en = "Không có cơ quan này", "There is no such agency"
    return NotFound(vi, en, errors=[FieldError("/agency_code", NotFound.code, vi, en)])
