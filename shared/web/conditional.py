"""ETag and If-Match: stale writes are refused, not merged."""

from __future__ import annotations

from fastapi import Request

from shared.contracts.problem import PreconditionRequired, StaleVersion


def etag(version: int) -> str:
    return f'"{version}"'


def require_match(request: Request, version: int | None) -> None:
    """For a PUT; ``version`` null: to a thing that, as far as the caller sees, does not exist. 428 without
    ``If-Match`` where it exists, 412 when none of its tags is this version's: a weak tag never is, and
    ``*`` matches whatever is there, but not nothing (RFC 9110 §13.1.1)."""
    given = request.headers.get("if-match")
    if version is None:
        if given is not None:
            raise StaleVersion(
                "Chưa có dữ liệu nào để khớp If-Match; hãy bỏ If-Match để tạo mới",
                "There is nothing that If-Match could name; leave it out to create",
            )
        return
    if given is None:
        raise match_required()
    tags = [tag.strip() for tag in given.split(",")]
    if "*" not in tags and etag(version) not in tags:
        raise StaleVersion(
            "Dữ liệu đã được thay đổi sau lần đọc của bạn",
            "Somebody changed it after you read it",
            headers={"ETag": etag(version)},
        )


def match_required() -> PreconditionRequired:
    """Also for whoever would have created what somebody else created a moment before."""
    return PreconditionRequired(
        "Cần gửi If-Match với ETag của lần đọc gần nhất",
        "Send If-Match with the ETag of your last read",
    )
