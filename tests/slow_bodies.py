"""Clients that begin to send a body and do not go on, as raw sockets."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

HEAD = (
    "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
    "Content-Type: {content_type}\r\nContent-Length: {length}\r\n{more}\r\n"
)


def half_sent(
    url: str,
    path: str,
    token: str,
    begin: bytes,
    *,
    method: str = "POST",
    content_type: str = "application/json",
    length: int = 1000,
    headers: dict[str, str] | None = None,
) -> socket.socket:
    """A connection on which the headers and ``begin`` have been sent, and nothing more."""
    where = urlsplit(url)
    one = socket.create_connection((where.hostname, where.port), timeout=30)
    head = HEAD.format(
        method=method,
        path=path,
        host=where.netloc,
        token=token,
        content_type=content_type,
        length=length,
        more="".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items()),
    )
    one.sendall(head.encode() + begin)
    return one


@contextlib.contextmanager
def closing(sockets: list[socket.socket]) -> Iterator[None]:
    try:
        yield
    finally:
        for one in sockets:
            one.close()


def answer_of(one: socket.socket) -> bytes:
    """All that the server sends until it closes the connection."""
    said = b""
    while piece := one.recv(65536):
        said += piece
    return said
