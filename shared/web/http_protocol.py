"""HTTP/1.1 of the services: uvicorn's protocol, with limits before a request is complete and after it ended.

Passed to uvicorn by name (``--http shared.web.http_protocol:BoundedHttp``). uvicorn's own protocol has no limit
for headers. It never closes a connection that sent half a request. It loses the body of a request that offers
another protocol, and Java's client offers ``h2c`` with every request.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any, Final

import httptools
import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from shared.contracts.problem import (
    MEDIA_TYPE,
    HeadersTooLarge,
    Language,
    MalformedHttp,
    Problem,
    preferred_language,
)
from shared.persistence.keys import uuid7

LARGEST_HEAD: Final = 32 * 1024
"""Bytes of request line and headers; a token takes one or two thousand."""
MOST_HEADERS: Final = 100
HEAD_SECONDS: Final = 10.0
"""From the first byte of a request, or from the opening of a connection, until its headers are there."""
DRAIN_SECONDS: Final = 5.0
"""How long the rest of a body is still read after its answer has been sent."""
PASSED_OVER_SECONDS: Final = 1.0
MOST_PASSED_OVER: Final = 1024 * 1024
"""How long, and how much, is read after a refusal that ends the connection."""
STUCK_SECONDS: Final = 60.0
"""How long an answer waits for a reader who takes nothing of it."""
IDLE_SECONDS: Final = 125
"""How long a connection is kept after an answer. It is longer than clients and proxies keep theirs (httpx 5 s,
nginx 60 s, Go and Traefik 90 s, Caddy 120 s). A server that closes first may do so while a request is on its
way: the client then has no answer, and does not know whether its result was taken in."""
_OFFERS: Final = frozenset({b"upgrade", b"http2-settings"})


class _Timer:
    """Runs once. Started again while it runs, it keeps its first end."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self._loop = loop
        self._seconds = seconds
        self._handle: asyncio.TimerHandle | None = None

    def start(self, end: Callable[[], None]) -> None:
        if self._handle is None:
            self._handle = self._loop.call_later(self._seconds, end)

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None


class BoundedHttp(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.timeout_keep_alive = IDLE_SECONDS
        self._in_head = True
        self._head_received = 0
        self._head_parsed = 0
        self._refusal: Problem | None = None
        self._upgrade_offered = False
        self._refused = False
        self._passed_over = 0
        self._head_timer = _Timer(self.loop, HEAD_SECONDS)
        self._drain_timer = _Timer(self.loop, DRAIN_SECONDS)
        self._stuck_timer = _Timer(self.loop, STUCK_SECONDS)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
            # A peer that is gone without a word is noticed, also while it waits for news of a feed.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)
        self._head_timer.start(self._close)

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_timer.stop()
        self._drain_timer.stop()
        self._stuck_timer.stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            # Read on for a moment: closing with something unread would take the refusal from its reader.
            self._passed_over += len(data)
            if self._passed_over > MOST_PASSED_OVER:
                self._close()
            return
        self._unset_keepalive_if_required()
        if self._in_head:
            self._head_received += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._go_on_without_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self._refuse(self._refusal or MalformedHttp())
            return
        if self._refused or self.transport.is_closing():
            return
        if not self._in_head or not self._head_received:
            return
        if self._head_received > LARGEST_HEAD:
            self._refuse(_too_large())
        else:
            self._head_timer.start(self._close)

    def _go_on_without_upgrade(self, rest: bytes) -> None:
        """The offer of another protocol is not taken: the same head without it, then what follows. The
        parser itself would leave the body to the other protocol."""
        self._upgrade_offered = False
        method = self.parser.get_method()
        if method == b"CONNECT":
            self._refuse(MalformedHttp())
            return
        head = [method, b" ", self.url, b" HTTP/", self.parser.get_http_version().encode(), b"\r\n"]
        for name, value in self.headers:
            if name == b"connection":
                tokens = (token.strip() for token in value.split(b","))
                kept = b", ".join(token for token in tokens if token.lower() not in _OFFERS)
                head += [name, b": ", kept, b"\r\n"]
            elif name not in _OFFERS:
                head += [name, b": ", value, b"\r\n"]
        head.append(b"\r\n")
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.data_received(b"".join(head) + rest)

    # What the parser tells

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_parsed = 0

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._count(len(name) + len(value))

    def _count(self, size: int) -> None:
        """Raising ends the parsing; :meth:`data_received` then says why."""
        self._head_parsed += size
        if self._head_parsed > LARGEST_HEAD or len(self.headers) > MOST_HEADERS:
            self._refusal = _too_large()
            raise ValueError("headers over the limit")

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._head_received = 0
        self._head_timer.stop()
        if self.parser.should_upgrade():
            self._upgrade_offered = True
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._upgrade_offered:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_head = True
        self._head_received = 0
        if self._upgrade_offered:
            return
        self._drain_timer.stop()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete and not self._in_head and not self.transport.is_closing():
            # Closing at once could take the answer from a client that is still sending.
            self._drain_timer.start(self._close)

    # Ends

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stuck_timer.start(self.transport.abort)

    def resume_writing(self) -> None:
        self._stuck_timer.stop()
        super().resume_writing()

    def _close(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()

    def _refuse(self, problem: Problem) -> None:
        """Outside of any application: nothing of the request is believed but its wish for a language."""
        language: Language = "vi"
        for name, value in self.headers or ():
            if name == b"accept-language":
                language = preferred_language(value.decode("latin-1"))
        correlation_id = str(uuid7())
        body = msgspec.json.encode(problem.as_json(language, correlation_id))
        self.logger.warning("%s", problem.code)
        self.transport.write(
            b"".join(
                (
                    STATUS_LINE[problem.status],
                    f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n".encode(),
                    f"x-correlation-id: {correlation_id}\r\n".encode(),
                    b"cache-control: no-store\r\nconnection: close\r\n\r\n",
                    body,
                )
            )
        )
        self._refused = True
        if self.cycle is not None:
            self.cycle.disconnected = True  # an answer under way has nobody to read it
            self.cycle.message_event.set()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(PASSED_OVER_SECONDS, self._close)


def _too_large() -> HeadersTooLarge:
    return HeadersTooLarge(
        f"Dòng yêu cầu và các tiêu đề vượt quá {LARGEST_HEAD} byte hoặc {MOST_HEADERS} tiêu đề",
        f"Request line and headers exceed {LARGEST_HEAD} bytes or {MOST_HEADERS} headers",
    )
