"""Why a sheet is refused by whose it is and by what the register already holds."""

from __future__ import annotations

from collections.abc import Sequence

from services.certification.faults import refusal
from services.certification.registry.errors import (
    BookNumberedByBac,
    RegisterNumberInUse,
    RegisterNumberRequired,
    SerialInUse,
)
from services.certification.sheets.errors import (
    ResultConflict,
    SessionClosed,
    SessionMismatch,
)
from shared.contracts.problem import FieldError, InvalidRequest, NotFound, Problem
from shared.imports.issues import Issue


def constraint_refusal(constraint: str | None) -> Problem | None:
    """What a broken constraint of the register means for the one sheet that broke it."""
    kinds: dict[str, tuple[type[Problem], str, str, str]] = {
        "register_entry_serial": (
            SerialInUse,
            "/certificate/serial",
            "số hiệu này đã có trong sổ đăng ký",
            "this serial is in the register already",
        ),
        "register_entry_own_number": (
            RegisterNumberInUse,
            "/certificate/register_number",
            "số vào sổ này đã có trong sổ gốc",
            "this number is in the register book already",
        ),
    }
    known = kinds.get(constraint or "")
    return None if known is None else refusal(*known)


def institution_unknown() -> NotFound:
    """Another institution's results do not exist for an institution."""
    vi, en = "không có đơn vị này trong phạm vi của bạn", "no such institution within your scope"
    return NotFound(vi, en, errors=[FieldError("/institution_code", NotFound.code, vi, en)])


def numbering_refusal(numbering: str, given: str) -> Problem | None:
    if numbering == given:
        return None
    if numbering == "institution":
        return refusal(
            RegisterNumberRequired,
            "/certificate",
            "sổ gốc này do đơn vị tự đánh số: cần serial và register_number",
            "the institution numbers this book: serial and register_number are required",
        )
    return refusal(
        BookNumberedByBac,
        "/certificate",
        "sổ gốc này do hệ thống đánh số: không gửi serial và register_number",
        "the system numbers this book: send no serial and no register_number",
    )


def session_mismatch(field_name: str, vi: str, en: str) -> Problem:
    return refusal(
        SessionMismatch,
        f"/exam_session/{field_name}",
        f"kỳ thi này đã có với {vi} khác",
        f"this session is known with another {en}",
    )


def session_closed() -> Problem:
    return SessionClosed(
        "Kỳ thi đã khóa sổ; chỉ nhận lại phiếu điểm giống hệt",
        "The session is closed; only an identical sheet is answered",
    )


def conflict(
    by_number: object | None,
    by_person: object | None,
    differing: Sequence[str],
    identity: str,
) -> Problem:
    """``differing``: pointers at what is other than in the result that is recorded under the number, else under
    the person; ``identity``: that of the identity number as given."""
    texts = {
        "": (
            "phiếu điểm khác với kết quả đã ghi; dùng …/versions để thay đổi",
            "the sheet differs from the recorded result; use …/versions to change it",
        ),
        identity: (
            "số báo danh này đã có kết quả của người khác trong kỳ thi",
            "this candidate number has another person's result in the session",
        ),
        "/candidate/number": (
            "người này đã có kết quả với số báo danh khác trong kỳ thi",
            "this person has a result under another candidate number in the session",
        ),
    }
    pointers = list(differing)
    if by_number is not None and by_person is not None and by_number is not by_person:
        pointers = [
            "/candidate/number",
            *(each for each in differing if each != "/candidate/number"),
        ]
    faults = [
        FieldError(each, ResultConflict.code, *texts.get(each, texts[""])) for each in pointers
    ]
    return ResultConflict(faults[0].message_vi, faults[0].message_en, errors=faults)


def further_faults(faults: Sequence[Issue], further: Sequence[FieldError]) -> list[FieldError]:
    """The faults by the rules that the shape of the row has not named already."""
    said = {(each.pointer, each.code) for each in faults}
    return [each for each in further if (each.pointer, each.code) not in said]


def refused_body(faults: Sequence[Issue], further: Sequence[FieldError] = ()) -> InvalidRequest:
    """A body of its own is no row of a file. ``further``: what the rules say about the rest of it."""
    found = faults[0]
    if found.code in ("row_malformed", "row_not_utf8"):
        vi, en = (
            "Nội dung không phải JSON đúng (UTF-8).",
            "The body is not well-formed JSON (UTF-8).",
        )
        return InvalidRequest(vi, en, errors=[FieldError("", "json_invalid", vi, en)])
    return InvalidRequest(
        found.message_vi,
        found.message_en,
        errors=[
            FieldError(each.pointer, each.code, each.message_vi, each.message_en) for each in faults
        ]
        + further_faults(faults, further),
    )
