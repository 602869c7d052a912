"""Refusals concerning officials. None of them names a person or a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from shared.contracts.problem import FieldError, InvalidRequest, Problem
from shared.imports.issues import Issue


class CitizenAlreadyRegistered(Problem):
    """An identity number, current or former, belongs to an official of another code; which one is not said."""

    code, status = "citizen_already_registered", 409
    title_vi, title_en = (
        "Số định danh đã được đăng ký với mã cán bộ khác",
        "This identity is already registered under another code",
    )


class OfficialCodeInUse(Problem):
    """The code is somebody else's: of an official out of the caller's scope whose number and whole birth date
    were not given as they are on file; or, in a row of a roster, of one in scope whose number, name or birth date are
    others."""

    code, status = "official_code_in_use", 409
    title_vi, title_en = "Mã cán bộ đã được dùng cho người khác", "Official code is in use"


class AgencyUnknown(Problem):
    """An assignment names a body that is unknown or out of the caller's scope."""

    code, status = "agency_unknown", 409
    title_vi, title_en = "Không có cơ quan này", "Unknown agency"


class AgencyNotInForce(Problem):
    """The receiving body is not in the tree of agencies on the day the move takes effect."""

    code, status = "agency_not_in_force", 409
    title_vi, title_en = (
        "Cơ quan không có trong cây tổ chức vào ngày đó",
        "The agency is not in force on that day",
    )


class PrimaryConflict(Problem):
    """Two primary assignments would begin on one day in different bodies."""

    code, status = "primary_conflict", 409
    title_vi, title_en = (
        "Hai vị trí chính bắt đầu cùng một ngày",
        "Two primary assignments begin on one day",
    )


class IdentityRequired(Problem):
    """A new official, or one joining from elsewhere, is known by an identity number only."""

    code, status = "identity_required", 422
    title_vi, title_en = "Cần số định danh", "An identity number is required"


class AssignmentsRequired(Problem):
    """An official has at least one assignment; one who left has an ended one."""

    code, status = "assignments_required", 422
    title_vi, title_en = "Cần ít nhất một vị trí công tác", "At least one assignment is required"


class IdentityReasonRequired(Problem):
    """Identity numbers of a registered official change with a reason."""

    code, status = "identity_reason_required", 422
    title_vi, title_en = (
        "Cần lý do đổi số định danh",
        "Changing an identity number needs a reason",
    )


class JoiningContested(Problem):
    """The body before has contested the taking over, and the common authority has yet to decide."""

    code, status = "joining_contested", 409
    title_vi, title_en = "Việc tiếp nhận đang bị phản đối", "The arrival is contested"


REFUSALS: Final[Mapping[str, type[Problem]]] = {
    kind.code: kind
    for kind in (
        CitizenAlreadyRegistered,
        OfficialCodeInUse,
        AgencyUnknown,
        PrimaryConflict,
        IdentityRequired,
        IdentityReasonRequired,
        JoiningContested,
        AssignmentsRequired,
    )
}


def refusal(issues: Sequence[Issue]) -> Problem:
    """The problem that the issues of one submitted official amount to."""
    first = issues[0]
    errors = [FieldError(i.pointer, i.code, i.message_vi, i.message_en) for i in issues]
    kind = REFUSALS.get(first.code, InvalidRequest)
    return kind(first.message_vi, first.message_en, errors=errors)
