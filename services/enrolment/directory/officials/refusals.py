"""What is said of rows of officials that cannot stand, or stand otherwise than they were sent. No text names a
person or a number."""

from __future__ import annotations

from shared.imports.issues import Issue


def contradicting_row() -> Issue:
    return Issue(
        "/official_code",
        "row_contradicts",
        "Thông tin cá nhân khác với dòng trước của cùng mã cán bộ.",
        "The person's facts differ from an earlier row of the same official.",
    )


def repeated_row() -> Issue:
    return Issue(
        "/assignments/0",
        "row_repeated",
        "Một dòng khác đã cho vị trí này (cùng cơ quan, cùng ngày bắt đầu) với nội dung khác.",
        "Another row gives this assignment (same body, same first day) with other content.",
    )


def identity_required() -> Issue:
    return Issue(
        "/citizen_id",
        "identity_required",
        "Cần số định danh của người mới đăng ký.",
        "A new official needs an identity number.",
    )


def assignments_required() -> Issue:
    return Issue(
        "/assignments",
        "assignments_required",
        "Cần ít nhất một vị trí công tác.",
        "At least one assignment is required.",
    )


def code_in_use() -> Issue:
    return Issue(
        "/official_code",
        "official_code_in_use",
        "Mã cán bộ này đã được dùng, và số định danh không khớp.",
        "This official code is in use, and the identity number does not match.",
    )


def already_registered(pointer: str = "/citizen_id") -> Issue:
    return Issue(
        pointer,
        "citizen_already_registered",
        "Số định danh này đã được đăng ký với mã cán bộ khác.",
        "This identity number is already registered under another official code.",
    )


def primary_conflict() -> Issue:
    return Issue(
        "/assignments/0/primary",
        "primary_conflict",
        "Một cơ quan khác đã ghi vị trí chính bắt đầu cùng ngày.",
        "Another body has recorded a primary assignment beginning on the same day.",
    )


def ended_by_later() -> Issue:
    return Issue(
        "/assignments/0/valid_to",
        "ended_by_later_primary",
        "Vị trí chính này kết thúc ngày trước khi vị trí chính sau bắt đầu.",
        "This primary assignment ends the day before a later one begins.",
        "warning",
    )


def agency_out_of_scope(place: int, agency_code: str) -> Issue:
    return Issue(
        f"/assignments/{place}/agency_code",
        "agency_unknown",
        f"Không có cơ quan “{agency_code}” trong phạm vi của bạn.",
        f"There is no agency “{agency_code}” in your scope.",
    )


def strange_id(place: int) -> Issue:
    return Issue(
        f"/assignments/{place}/assignment_id",
        "assignment_id_differs",
        "Mã này không phải của vị trí tại cơ quan và ngày bắt đầu đó; với vị trí mới hãy bỏ"
        " assignment_id.",
        "This is not the id of the assignment in that body from that day; leave it out of a"
        " new assignment.",
    )
