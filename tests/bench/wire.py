"""A load generator thin enough not to be what is measured: HTTP/1.1 over plain asyncio protocols."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(slots=True)
class Answer:
    status: int
    body: bytes


class Wire(asyncio.Protocol):
    """One keep-alive connection that asks one thing at a time. Reads answers with Content-Length."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._waiting: asyncio.Future[Answer] | None = None
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def open(cls, url: str) -> Wire:
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_connection(cls, parts.hostname, parts.port)
        return wire

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionResetError())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = bytes(self._buffer[:head_end]).lower()
        length_at = head.find(b"content-length:")
        length = int(head[length_at + 15 :].split(b"\r\n", 1)[0]) if length_at >= 0 else 0
        if len(self._buffer) < head_end + 4 + length:
            return
        answer = Answer(int(head[9:12]), bytes(self._buffer[head_end + 4 : head_end + 4 + length]))
        del self._buffer[: head_end + 4 + length]
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    async def ask(self, request: bytes) -> Answer:
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def post(path: str, body: bytes, token: str, **headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: bench", f"Authorization: Bearer {token}"]
    lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def get(path: str, token: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


@dataclass
class Load:
    """What a load run saw. Latencies in seconds."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    first_failure: bytes = b""

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def percentile(self, percent: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


async def run_load(
    url: str,
    requests: Iterator[bytes],
    *,
    clients: int,
    seconds: float,
    expected: Callable[[int], bool] = lambda status: 200 <= status < 300,
) -> Load:
    """``clients`` connections take requests in turn until time or requests run out."""
    load = Load()
    wires = [await Wire.open(url) for _ in range(clients)]
    began = time.perf_counter()
    until = began + seconds

    async def client(wire: Wire) -> None:
        while (asked := time.perf_counter()) < until:
            request = next(requests, None)
            if request is None:
                return
            answer = await wire.ask(request)
            load.latencies.append(time.perf_counter() - asked)
            load.statuses[answer.status] = load.statuses.get(answer.status, 0) + 1
            if not expected(answer.status) and not load.first_failure:
                load.first_failure = answer.body

    await asyncio.gather(*(client(wire) for wire in wires))
    load.seconds = time.perf_counter() - began
    for wire in wires:
        wire.close()
    return load
