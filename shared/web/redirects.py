"""Redirects name a path and no host: the host of a request is what its sender wrote."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.types import Message, Send

_LOCATION: Final = b"location"


def with_relative_redirects(send: Send) -> Send:
    async def relative(message: Message) -> None:
        if message["type"] == "http.response.start" and 300 <= message["status"] < 400:
            message["headers"] = [
                (name, relative_reference(value.decode("latin-1")).encode("latin-1"))
                if name.lower() == _LOCATION
                else (name, value)
                for name, value in message.get("headers", ())
            ]
        await send(message)

    return relative


def relative_reference(location: str) -> str:
    """Path and query of an address; never one that begins with two slashes, which would name a host."""
    parts = urlsplit(location)
    path = "/" + parts.path.lstrip("/\\")
    return f"{path}?{parts.query}" if parts.query else path
