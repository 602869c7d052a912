"""Refusals as the outside sees them: RFC 9457 problems with stable codes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal

from shared.contracts.accept import wishes_in

Language = Literal["vi", "en"]
MEDIA_TYPE = "application/problem+json"


MOST_ERRORS: Final = 100
"""Faults that one refusal lists: an answer stays small whatever was sent."""
_LONGEST: Final = 500
"""Characters of a pointer or of a text in a refusal."""


def sentence(text: str) -> str:
    """A text as a person reads it: with a capital, unless it begins with a field's name, and a full stop."""
    first = text.partition(" ")[0]
    if not set("_/=") & set(first):
        text = text[:1].upper() + text[1:]
    return text if not text or text[-1] in ".!?…" else text + "."


def _bounded(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault of a payload. ``pointer`` is a JSON pointer into the body, or ``?name`` for a query
    parameter, ``#Name`` for a header. Texts say a day as their reader writes it: dd/mm/yyyy in
    Vietnamese, yyyy-mm-dd in English."""

    pointer: str
    code: str
    message_vi: str
    message_en: str

    def as_json(self, language: Language) -> dict[str, str]:
        message = self.message_vi if language == "vi" else self.message_en
        return {
            "pointer": _bounded(self.pointer),
            "code": self.code,
            "message": sentence(_bounded(message)),
        }


class Problem(Exception):
    """Base of every refusal. 422 speaks of the payload, 409 of the state.

    ``detail_vi``/``detail_en`` must never hold a person's name or identity number: problems are stored
    with idempotency keys and written to logs.
    """

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    title_vi: ClassVar[str] = "Lỗi hệ thống"
    title_en: ClassVar[str] = "Internal error"

    def __init__(
        self,
        detail_vi: str | None = None,
        detail_en: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail_en or self.title_en)
        self.detail_vi = detail_vi or self.title_vi
        self.detail_en = detail_en or self.title_en
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})

    def as_json(self, language: Language, correlation_id: str) -> dict[str, Any]:
        """With at most :data:`MOST_ERRORS` faults; ``errors_left_out`` counts the others."""
        left_out = len(self.errors) - MOST_ERRORS
        return {
            "type": f"urn:bac:problem:{self.code}",
            "title": self.title_vi if language == "vi" else self.title_en,
            "status": self.status,
            "detail": sentence(_bounded(self.detail_vi if language == "vi" else self.detail_en)),
            "code": self.code,
            "correlation_id": correlation_id,
            "errors": [error.as_json(language) for error in self.errors[:MOST_ERRORS]],
            **({"errors_left_out": left_out} if left_out > 0 else {}),
            **self.extra,
        }


_FIELD_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,63}")


def repeatable(name: str) -> str:
    """The name of a field or parameter as a refusal may repeat it: what cannot be one is a `*`, for it
    may be a person's name or number."""
    return name if _FIELD_NAME.fullmatch(name) else "*"


def preferred_language(accept_language: str | None) -> Language:
    """Vietnamese unless English is asked for with a higher weight (RFC 9110 §12.5.4)."""
    weights: dict[str, float] = {}
    for tag, weight in wishes_in(accept_language):
        primary = tag.split("-")[0]
        if weight is not None:
            weights[primary] = max(weights.get(primary, 0.0), weight)
    return "en" if weights.get("en", 0.0) > weights.get("vi", 0.0) else "vi"


# --- refusals every service can give ----------------------------------------------------------------


class Unauthenticated(Problem):
    code, status = "unauthenticated", 401
    title_vi, title_en = "Chưa xác thực", "Not authenticated"


class Forbidden(Problem):
    """The thing is within the caller's scope, but the role may not do this to it."""

    code, status = "forbidden", 403
    title_vi, title_en = "Không đủ quyền", "Not allowed"


class NotFound(Problem):
    """Unknown, or outside the caller's scope: the two are not told apart."""

    code, status = "not_found", 404
    title_vi, title_en = "Không tìm thấy", "Not found"


class MethodNotAllowed(Problem):
    code, status = "method_not_allowed", 405
    title_vi, title_en = "Phương thức không được hỗ trợ", "Method not allowed"


class NotAcceptable(Problem):
    code, status = "not_acceptable", 406
    title_vi, title_en = "Không có định dạng trả lời phù hợp", "No acceptable representation"


class BodyTooSlow(Problem):
    code, status = "body_too_slow", 408
    title_vi, title_en = "Nội dung gửi lên quá chậm", "Body too slow"


class StaleVersion(Problem):
    code, status = "stale_version", 412
    title_vi, title_en = "Dữ liệu đã thay đổi", "The resource has changed"


class BodyTooLarge(Problem):
    code, status = "body_too_large", 413
    title_vi, title_en = "Nội dung gửi lên quá lớn", "Body too large"


class UnsupportedMediaType(Problem):
    code, status = "unsupported_media_type", 415
    title_vi, title_en = "Định dạng nội dung không được hỗ trợ", "Unsupported media type"


class InvalidRequest(Problem):
    """The request is malformed; ``errors`` name each fault."""

    code, status = "invalid_request", 422
    title_vi, title_en = "Dữ liệu không hợp lệ", "Invalid request"


class CursorUnknown(Problem):
    code, status = "cursor_unknown", 422
    title_vi, title_en = "Con trỏ không hợp lệ", "Cursor is not one of ours"


class PreconditionRequired(Problem):
    code, status = "precondition_required", 428
    title_vi, title_en = "Thiếu If-Match", "If-Match is required"


class TooManyRequests(Problem):
    code, status = "too_many_requests", 429
    title_vi, title_en = "Quá nhiều yêu cầu", "Too many requests"


class IdempotencyKeyReused(Problem):
    code, status = "idempotency_key_reused", 422
    title_vi, title_en = "Idempotency-Key đã dùng cho nội dung khác", "Idempotency-Key reused"


class IdempotencyInProgress(Problem):
    code, status = "idempotency_in_progress", 409
    title_vi, title_en = "Yêu cầu cùng khóa đang được xử lý", "Same key is still being processed"


class MalformedHttp(Problem):
    """What arrived is no HTTP request; the connection is closed."""

    code, status = "malformed_http", 400
    title_vi, title_en = "Yêu cầu không đúng HTTP", "Not an HTTP request"


class HeadersTooLarge(Problem):
    """Request line or headers are too long, or there are too many; the connection is closed."""

    code, status = "headers_too_large", 431
    title_vi, title_en = "Tiêu đề của yêu cầu quá lớn", "Request headers too large"


class InternalError(Problem):
    code, status = "internal_error", 500
    title_vi, title_en = "Lỗi hệ thống", "Internal error"


class DependencyUnavailable(Problem):
    """A database or another service that the answer needs did not answer in time."""

    code, status = "dependency_unavailable", 503
    title_vi, title_en = "Dịch vụ phụ thuộc chưa sẵn sàng", "A dependency is unavailable"
