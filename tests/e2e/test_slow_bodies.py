"""Attacks on the running system: bodies that stop half way hold nothing that others need."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator

import pytest

from tests.slow_bodies import answer_of, closing, half_sent
from tests.system import System

AGENCY = "H56.09.TTYTHH"
ROW = b'{"official_code": "SB-1", '


@pytest.fixture(scope="module")
def hasty() -> Iterator[System]:
    """A system that waits two seconds for a body, so that the tests need not wait for ten."""
    settings = {"BAC_BODY_SECONDS": "2", "BAC_BODY_RATE": "1000", "BAC_POOL_SIZE": "8"}
    with System(settings=settings) as running:
        yield running


def fast(system: System, service: str, path: str) -> float:
    """Seconds of a read by somebody else."""
    with system.client(service) as client:
        client.get(path)
        began = time.monotonic()
        assert client.get(path).status_code in (200, 404)
        return time.monotonic() - began


def test_half_sent_bodies_of_one_caller_leave_every_connection_to_others(hasty: System) -> None:
    token = hasty.token("agency", agency=AGENCY)
    targets = {
        "enrolment": [
            ("PUT", "/v1/officials/SB-1"),
            ("POST", "/v1/officials/SB-1/moves"),
            ("POST", "/v1/officials/lookup"),
        ],
        "certification": [("POST", "/v1/evidence"), ("POST", "/v1/results")],
    }
    for service, operations in targets.items():
        sockets = [
            half_sent(hasty.urls[service], path, token, b'{"a": 1', method=method)
            for method, path in operations * 8
        ]
        with closing(sockets):
            time.sleep(0.2)
            assert fast(hasty, service, "/v1/events?limit=1") < 0.5
            if service == "certification":
                assert fast(hasty, service, "/v1/verify/VINH.2026.000001.1") < 0.5


def test_a_body_that_does_not_arrive_in_time_is_refused_and_its_connection_closed(
    hasty: System,
) -> None:
    token = hasty.token("agency", agency=AGENCY)
    began = time.monotonic()
    one = half_sent(hasty.urls["certification"], "/v1/evidence", token, b'{"a": ')
    with closing([one]):
        said = answer_of(one)
    assert 1.5 < time.monotonic() - began < 8
    assert said.startswith(b"HTTP/1.1 408 ")
    assert json.loads(said.partition(b"\r\n\r\n")[2])["code"] == "body_too_slow"


def test_a_body_that_drips_below_the_minimum_rate_is_refused(hasty: System) -> None:
    token = hasty.token("agency", agency=AGENCY)
    one = half_sent(
        hasty.urls["enrolment"], "/v1/officials/SB-2", token, b"{", method="PUT", length=100_000
    )
    began = time.monotonic()
    with closing([one]):
        one.settimeout(0.2)
        said = b""
        while not said and time.monotonic() - began < 20:
            one.sendall(b" " * 10)
            try:
                said = one.recv(65536)
            except TimeoutError:
                continue
    assert said.startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - began < 8


def test_half_sent_uploads_under_keys_hold_no_connection_and_few_places(hasty: System) -> None:
    token = hasty.token("admin")
    sockets = [
        half_sent(
            hasty.urls["enrolment"],
            "/v1/officials/import",
            token,
            ROW,
            content_type="application/x-ndjson",
            headers={"Idempotency-Key": f"half-{number}"},
        )
        for number in range(60)
    ]
    with closing(sockets):
        time.sleep(0.3)
        assert fast(hasty, "enrolment", "/v1/events?limit=1") < 0.5
        refused = [one for one in sockets if _answered(one)]
        first = answer_of(refused[0])
        assert len(refused) == 56, "four uploads of one caller run at once"
        assert first.startswith(b"HTTP/1.1 429 ")
        assert b"retry-after: 5" in first.lower()


def _answered(one: socket.socket) -> bool:
    one.settimeout(0.05)
    try:
        return bool(one.recv(1, socket.MSG_PEEK))
    except TimeoutError:
        return False
    finally:
        one.settimeout(30)
