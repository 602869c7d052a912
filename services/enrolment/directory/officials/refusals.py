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


def two_primaries(pointer: str = "/assignments/0/primary") -> Issue:
    return Issue(
        pointer,
        "two_primaries",
        "Hai vị trí chính trong cùng một ngày; hãy sửa thời gian hoặc bỏ dấu vị trí chính.",
        "Two primary assignments on one day; correct the days or unmark one.",
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
    """The one refusal of whoever would join an official, whatever the reason: it tells nothing more."""
    return Issue(
        "/official_code",
        "official_code_in_use",
        "Mã cán bộ này đã được dùng. Muốn tiếp nhận người đó phải gửi đúng số định danh và đủ ngày, tháng,"
        " năm sinh như hồ sơ đang lưu; nếu là người khác hãy dùng mã khác.",
        "This official code is in use. To receive that person send the identity number and the whole birth"
        " date as they are on file; for somebody else use another code.",
    )


def too_many_questions() -> Issue:
    return Issue(
        "/official_code",
        "too_many_requests",
        "Hôm nay đã có quá nhiều dòng bị từ chối vì mã hoặc số ngoài phạm vi; ngày mai hãy gửi lại dòng này.",
        "Too many rows were refused today because of codes or numbers outside the scope; send this row"
        " tomorrow.",
    )


def identity_reason_required(pointer: str) -> Issue:
    return Issue(
        pointer,
        "identity_reason_required",
        "Đổi số định danh hoặc số cũ của người đã đăng ký cần lý do (identity_reason).",
        "Changing the identity number or former numbers of an official needs a reason (identity_reason).",
    )


def fact_kept(name: str) -> Issue:
    return Issue(
        f"/{name}",
        "fact_kept",
        "Thông tin này khác với hồ sơ đang lưu và không được nhận: chỉ cơ quan của vị trí chính hiện nay"
        " sửa được, sau khi cơ quan cũ xác nhận hoặc hết 30 ngày.",
        "This differs from the record and was not taken: only the body of today's primary assignment changes"
        " it, once the body before has confirmed or 30 days have passed.",
        "warning",
    )


def joining_contested() -> Issue:
    return Issue(
        "/assignments/0/agency_code",
        "joining_contested",
        "Cơ quan cũ đã phản đối việc tiếp nhận này; chờ cơ quan quản lý chung quyết định.",
        "The body before has contested this arrival; the common authority has yet to decide.",
    )


def arrival_past() -> Issue:
    return Issue(
        "/assignments/0/valid_to",
        "primary_conflict",
        "Vị trí chính đã kết thúc này trùng với thời gian một vị trí chính do cơ quan khác ghi.",
        "This primary assignment, which is over, lies within one that another body recorded.",
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


def already_registered(pointer: str) -> Issue:
    """Says neither whose it is nor which, where a row gives several."""
    return Issue(
        pointer,
        "citizen_already_registered",
        "Số định danh đã được đăng ký với mã cán bộ khác, là số hiện nay hoặc một số cũ của người đó. Nếu ở"
        " đó là ghi nhầm, cơ quan quản lý người kia cần sửa trước, rồi hãy gửi lại.",
        "An identity number is registered under another official code, as that person's present number or a"
        " former one. If that is a mistake there, the body of that official corrects it first; then send"
        " this again.",
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


def id_of_another_assignment(place: int) -> Issue:
    return Issue(
        f"/assignments/{place}/assignment_id",
        "assignment_id_differs",
        "Mã này không phải của vị trí tại cơ quan và ngày bắt đầu đó; với vị trí mới hãy bỏ"
        " assignment_id.",
        "This is not the id of the assignment in that body from that day; leave it out of a"
        " new assignment.",
    )
