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


def code_of_another() -> Issue:
    return Issue(
        "/official_code",
        "official_code_in_use",
        "Mã này đang ghi cho người khác: số định danh, họ tên hoặc ngày sinh không khớp; dòng này không"
        " được nhận. Hãy kiểm tra mã. Nếu đúng là người đó: gửi họ tên, ngày sinh đã sửa kèm số đang"
        " lưu trước, rồi mới gửi số mới; hoặc sửa riêng người này bằng PUT.",
        "This code belongs to somebody else: identity number, name or birth date do not match; the row"
        " was not taken. Check the code. If it is the same person: send the corrected name and birth"
        " date with the stored number first and the new number afterwards, or change this person alone"
        " by PUT.",
    )


def other_person_suspected() -> Issue:
    return Issue(
        "/official_code",
        "other_person_suspected",
        "Từ hai điều trở lên trong số định danh, họ tên và ngày sinh khác với trước: hãy kiểm tra mã này"
        " có đúng là của người đó không.",
        "Of identity number, name and birth date two or more differ from before: check that this code is"
        " that person's.",
        "warning",
    )


def number_changed(pointer: str, *, kept: bool) -> Issue:
    vi = "Số định danh của người này đã được đổi."
    en = "The identity number of this official was changed."
    if kept:
        vi += (
            " Số trước vẫn gắn với người này như một số cũ, nên không ai khác đăng ký được bằng số đó;"
            " nếu số đó do ghi nhầm, hãy PUT người này với former_identities không có số đó."
        )
        en += (
            " The one before stays linked as a former number, so that nobody else can be registered"
            " with it; if it was a mistake, PUT this official with former_identities without it."
        )
    return Issue(pointer, "identity_number_changed", vi, en, "warning")


def already_registered(pointer: str = "/citizen_id", *, as_former: bool = False) -> Issue:
    if as_former:
        return Issue(
            pointer,
            "citizen_already_registered",
            "Số định danh này đang gắn với mã cán bộ khác như một số cũ (former_identities). Nếu ở đó"
            " là ghi nhầm, cơ quan quản lý người kia cần PUT người đó với former_identities không có"
            " số này, rồi hãy gửi lại.",
            "This identity number is linked to another official code as a former number"
            " (former_identities). If that was a mistake there, the body of that official has to PUT"
            " them with former_identities without this number; then send this again.",
        )
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
