"""ETag, If-Match and If-None-Match: stale writes are refused, not merged; what is known is not sent again."""

from __future__ import annotations

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.contracts.problem import PreconditionRequired, StaleVersion


def etag(version: int) -> str:
    return f'"{version}"'


def require_match(request: Request, version: int | None) -> None:
    """For a PUT; ``version`` null: to a thing that, as far as the caller sees, does not exist. 428 without
    ``If-Match`` where it exists, 412 when none of its tags is this version's: a weak tag never is, and
    ``*`` matches whatever is there, but not nothing (RFC 9110 §13.1.1)."""
    given = request.headers.get("if-match")
    unwanted = request.headers.get("if-none-match")
    if version is not None and unwanted is not None and _names(unwanted, etag(version)):
        raise StaleVersion(
            "Đã có dữ liệu này, trái với If-None-Match",
            "It exists already, which If-None-Match rules out",
            headers={"ETag": etag(version)},
        )
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


def _names(header: str, tag: str) -> bool:
    """Weak comparison, as If-None-Match wants it (RFC 9110 §13.1.2)."""
    tags = [each.strip().removeprefix("W/") for each in header.split(",")]
    return "*" in tags or tag.removeprefix("W/") in tags


class NotModified:
    """A GET whose answer has the ETag that ``If-None-Match`` names is answered 304 without its body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = None
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            lines = [value for name, value in scope["headers"] if name == b"if-none-match"]
            asked = b", ".join(lines).decode("latin-1") if lines else None
        if asked is None:
            await self._app(scope, receive, send)
            return
        known = False

        async def send_if_new(message: Message) -> None:
            nonlocal known
            if message["type"] == "http.response.start" and message["status"] == 200:
                tag = next((v for n, v in message["headers"] if n.lower() == b"etag"), None)
                known = tag is not None and _names(asked, tag.decode("latin-1"))
                if known:
                    kept = [(n, v) for n, v in message["headers"] if n.lower() not in _OF_A_BODY]
                    message = {**message, "status": 304, "headers": kept}
            elif known and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app(scope, receive, send_if_new)


_OF_A_BODY = (b"content-length", b"content-type", b"content-disposition")


def match_required() -> PreconditionRequired:
    """Also for a request that would create what another one created a moment before."""
    return PreconditionRequired(
        "Cần gửi If-Match với ETag của lần đọc gần nhất",
        "Send If-Match with the ETag of your last read",
    )
