"""Raw HTTP at the running system: what is no request yet, offers another protocol, or never ends."""

from __future__ import annotations

import json
import socket
import time
from urllib.parse import urlsplit

import pytest

from shared.persistence.schema import SERVICES
from shared.web.http_protocol import DRAIN_SECONDS, HEAD_SECONDS, LARGEST_HEAD
from tests.slow_bodies import answer_of
from tests.system import System

ROW = {
    "code": "H2C",
    "name": "Sở Ví dụ",
    "parent_code": None,
    "level": "province",
    "system": "state",
    "province_code": "38",
    "valid_from": "2026-01-01",
    "valid_to": None,
}
JAVA = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk\r\n"


def connect(system: System, service: str) -> socket.socket:
    where = urlsplit(system.urls[service])
    return socket.create_connection((where.hostname, where.port), timeout=30)


def first_answer(one: socket.socket) -> tuple[int, bytes]:
    """Status and body of the next answer on a connection that stays open."""
    said = b""
    while b"\r\n\r\n" not in said:
        piece = one.recv(65536)
        if not piece:
            break
        said += piece
    head, _, body = said.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next((int(x.split(b":")[1]) for x in lines if x.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += one.recv(65536)
    return int(head.split(b" ")[1]), body


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("how", ["one long value", "a long line", "many headers", "many fields"])
def test_headers_without_end_are_refused_before_anything_is_looked_at(
    system: System, service: str, how: str
) -> None:
    with connect(system, service) as one:
        begin = b"GET /v1/events HTTP/1.1\r\nHost: x\r\n"
        piece = {
            "one long value": b"X-Long: " + b"a" * 65536,
            "a long line": b"",
            "many headers": b"".join(b"X-%d: 1\r\n" % n for n in range(LARGEST_HEAD // 6)),
            "many fields": b"".join(b"X-%d: 1\r\n" % n for n in range(120)) + b"\r\n",
        }[how]
        if how == "a long line":
            begin, piece = b"GET /" + b"a" * 65536, b""
        one.sendall(begin)
        one.sendall(piece)
        sent = 0
        try:
            while how == "one long value" and sent < 120 * 1024 * 1024:
                sent += one.send(b"a" * 65536)
        except OSError:
            pass
        assert sent < 8 * 1024 * 1024, "the server goes on taking a header without end"
        try:
            said = answer_of(one)
        except ConnectionResetError:
            said = b""  # the answer was overtaken by the end of the connection
    if how != "one long value":
        assert said.startswith(b"HTTP/1.1 431 ")
        assert json.loads(said.partition(b"\r\n\r\n")[2])["code"] == "headers_too_large"


def test_what_is_no_http_is_told_so_as_a_problem(system: System) -> None:
    with connect(system, "targets") as one:
        one.sendall(b"\x16\x03\x01\x02\x00 hello\r\n\r\n")
        said = answer_of(one)
    assert said.startswith(b"HTTP/1.1 400 ")
    assert json.loads(said.partition(b"\r\n\r\n")[2])["code"] == "malformed_http"


@pytest.mark.parametrize("chunked", [False, True])
def test_the_body_of_a_client_that_offers_h2c_is_read(system: System, chunked: bool) -> None:
    code = f"H2C{int(chunked)}"
    body = json.dumps([{**ROW, "code": code}]).encode()
    framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
    sent = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if chunked else body
    head = (
        f"POST /v1/agencies/import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {system.token()}\r\n{JAVA}"
        f"Content-Type: application/json\r\nIdempotency-Key: {code}\r\n{framing}\r\n\r\n"
    )
    with connect(system, "enrolment") as one:
        for begin, rest in ((head.encode() + sent, b""), (head.encode(), sent)):
            one.sendall(begin)
            if rest:
                time.sleep(0.1)
                one.sendall(rest)
            status, answer = first_answer(one)
            assert status == 200
            assert json.loads(answer)["received"] == 1
        # The connection goes on with what follows, offered again or not.
        one.sendall(f"GET /health/live HTTP/1.1\r\nHost: x\r\n{JAVA}\r\n".encode() * 2)
        assert first_answer(one)[0] == 200
    with system.client("enrolment") as client:
        assert client.get(f"/v1/agencies/{code}").status_code == 200


def test_an_offer_of_websockets_is_ignored_and_connect_is_refused(system: System) -> None:
    with connect(system, "enrolment") as one:
        one.sendall(
            b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        assert first_answer(one)[0] == 200
    with connect(system, "enrolment") as one:
        one.sendall(b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answer_of(one).startswith(b"HTTP/1.1 400 ")


def test_connections_without_a_whole_request_are_closed(system: System) -> None:
    began = time.monotonic()
    silent, half, dripping = (connect(system, "certification") for _ in range(3))
    answered = connect(system, "certification")
    with silent, half, dripping, answered:
        half.sendall(b"GET /v1/frameworks HTTP/1.1\r\nHost: x\r\nX-Half: ")
        answered.sendall(b"GET /v1/frameworks HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf")
        dripping.sendall(b"GET /v1/frameworks HTTP/1.1\r\nHost: x\r\n")
        dripping.settimeout(0.5)
        said = None
        while said != b"" and time.monotonic() - began < HEAD_SECONDS + 5:
            try:
                dripping.sendall(b"a")
                said = dripping.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                said = b""
        assert said == b"", "a header that drips in keeps its connection"
        assert answer_of(silent) == b""
        assert answer_of(half) == b""
        assert answer_of(answered).startswith(b"HTTP/1.1 200 ")
    assert HEAD_SECONDS - 1 < time.monotonic() - began < HEAD_SECONDS + DRAIN_SECONDS + 5


def test_the_server_does_not_close_a_connection_before_its_client_does(system: System) -> None:
    httpx_keeps = 5.0
    question = b"GET /v1/frameworks HTTP/1.1\r\nHost: x\r\n\r\n"
    with connect(system, "certification") as kept:
        kept.sendall(question)
        assert first_answer(kept)[0] == 200
        time.sleep(httpx_keeps + 1)
        kept.sendall(question)
        assert first_answer(kept)[0] == 200


def test_a_long_poll_outlives_the_deadline_of_headers(system: System) -> None:
    with system.client("enrolment") as client:
        head = client.get("/v1/events", params={"limit": 1}).json()["head"]
        began = time.monotonic()
        wait = HEAD_SECONDS + 2
        answer = client.get("/v1/events", params={"after": head, "wait": wait})
    assert answer.status_code == 200
    assert time.monotonic() - began > HEAD_SECONDS
