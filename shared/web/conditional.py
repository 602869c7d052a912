"""ETag and If-Match: stale writes are refused, not merged (DESIGN §5)."""

from __future__ import annotations

from fastapi import Request

from shared.contracts.problem import PreconditionRequired, StaleVersion


def etag(version: int) -> str:
    return f'"{version}"'


def require_match(request: Request, version: int) -> None:
    """For a change of something that exists. 428 without ``If-Match``, 412 when it names another version;
    ``*`` matches whatever is there."""
    given = request.headers.get("if-match")
    if given is None:
        raise PreconditionRequired(
            "Cần gửi If-Match với ETag của lần đọc gần nhất",
            "Send If-Match with the ETag of your last read",
        )
    tags = [tag.strip().removeprefix("W/") for tag in given.split(",")]
    if "*" not in tags and etag(version) not in tags:
        raise StaleVersion(
            "Dữ liệu đã được thay đổi sau lần đọc của bạn",
            "Somebody changed it after you read it",
            headers={"ETag": etag(version)},
        )


def unmodified(request: Request, version: int) -> bool:
    """Whether a GET with ``If-None-Match`` may be answered 304."""
    given = request.headers.get("if-none-match")
    if given is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in given.split(",")]
    return "*" in tags or etag(version) in tags
