"""How fast a body has to arrive. A slow sender is refused before a connection is taken for it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.contracts.problem import (
    BodyTooSlow,
    FieldError,
    InvalidRequest,
)
from shared.imports.errors import packed_body
from shared.web.problems import problem_response


@dataclass(frozen=True)
class BodyPace:
    """``seconds`` for any body, and one more for each ``bytes_per_second`` bytes that have arrived. Only the
    time spent waiting for the sender counts, not the time in which we were busy with what had arrived."""

    seconds: float = 10.0
    bytes_per_second: int = 4096

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> BodyPace:
        """``BAC_BODY_SECONDS`` and ``BAC_BODY_RATE``. Raises :class:`ValueError` for a value that would let
        a body take for ever."""
        pace = cls(
            float(environment.get("BAC_BODY_SECONDS") or cls.seconds),
            int(environment.get("BAC_BODY_RATE") or cls.bytes_per_second),
        )
        if not (0 < pace.seconds <= 300 and pace.bytes_per_second > 0):
            raise ValueError("BAC_BODY_SECONDS must be up to 300 and BAC_BODY_RATE above 0")
        return pace


class Arrival:
    """Refuses with 408, and closes the connection of, a request whose body arrives slower than ``pace``; with
    415 one whose body is packed; with 422 one whose body was announced and never came, before anything is
    done in its name."""

    def __init__(self, app: ASGIApp, *, pace: BodyPace) -> None:
        self._app = app
        self._pace = pace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        declared = 0
        for name, value in scope["headers"]:
            if name == b"content-encoding" and value.strip().lower() not in (b"", b"identity"):
                await problem_response(packed_body(), Request(scope))(scope, receive, send)
                return
            if name == b"content-length" and value.isdigit():
                declared = int(value)
        pace = self._pace
        clock = asyncio.get_running_loop().time
        waited = 0.0
        arrived = 0
        whole = False

        async def paced_receive() -> Message:
            nonlocal waited, arrived, whole
            if whole:  # what follows is the end of the connection, which nobody has to hurry for
                return await receive()
            began = clock()
            left = pace.seconds + arrived / pace.bytes_per_second - waited
            try:
                async with asyncio.timeout(max(0.0, left)):
                    message = await receive()
            except TimeoutError:
                raise _too_slow(pace) from None
            waited += clock() - began
            if message["type"] == "http.request":
                arrived += len(message.get("body", b""))
                whole = not message.get("more_body", False)
                if whole and declared and not arrived:
                    raise _lost(declared)
            return message

        await self._app(scope, paced_receive, send)


def _too_slow(pace: BodyPace) -> BodyTooSlow:
    return BodyTooSlow(
        f"Nội dung phải đến trong {pace.seconds:g} giây, thêm một giây cho mỗi {pace.bytes_per_second} byte;"
        " hãy gửi lại",
        f"The body must arrive within {pace.seconds:g} seconds, and one more for each"
        f" {pace.bytes_per_second} bytes; please send it again",
        headers={"Connection": "close"},
    )


def _lost(declared: int) -> InvalidRequest:
    vi = f"Content-Length báo {declared} byte nhưng không có byte nào đến"
    en = f"Content-Length announced {declared} bytes, and none arrived"
    return InvalidRequest(vi, en, errors=[FieldError("", "body_missing", vi, en)])
