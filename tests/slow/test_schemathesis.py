"""Generated requests find no 5xx and no answer outside the published schema."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from shared.clock import VIETNAM
from shared.persistence.schema import SERVICES
from tests.slow import generated_requests
from tests.slow.generated_requests import Examples, operations, strict
from tests.system import System

BODY = "H56.09.TTYTHH"
ELSEWHERE = "H13"
PERSON = {
    "citizen_id": "038190999999",
    "full_name": "Nguyễn Thị Ví Dụ",
    "birth_date": "1990-05-02",
}
SHEET = {
    "institution_code": "VINH",
    "exam_session": {"code": "GENERATED", "held_on": "2026-10-10"},
    "format": "VSTEP.3-5",
    "language": "en",
    "candidate": {"number": "1", **PERSON},
    "scores": {"listening": 6.5, "reading": 7.0, "writing": 5.5, "speaking": 6.0},
}
OTHER_SHEET = {
    **SHEET,
    "candidate": {**PERSON, "number": "2", "citizen_id": "038190999998"},
}
PAPER = {"person": PERSON, "kind": "manual_decision", "language": "en", "dated": "2026-01-05"}


NEEDS_A_STUCK_FEED = {
    "POST /v1/followed-feeds/{feed}/re-application",
    "POST /v1/followed-feeds/{feed}/set-aside",
}
"""They succeed only where an event could not be applied; `test_poisoned_feed.py` makes such ones."""


def today() -> dt.date:
    return dt.datetime.now(VIETNAM).date()


def taken_over(system: System, number: int) -> str:
    """The joining of somebody whom a body elsewhere has received from this one."""
    person = {**PERSON, "citizen_id": f"03819099998{number}", "sex": "female"}
    path = f"/v1/officials/GENERATED-{number}"
    post = {
        "status": "public_employee",
        "position_title": "Chuyên viên",
        "posting": "regular",
        "primary": True,
    }
    for body, since in ((BODY, "2020-01-01"), (ELSEWHERE, "2026-01-01")):
        with system.client("enrolment", "agency", agency=body) as client:
            assignments = [{**post, "agency_code": body, "valid_from": since}]
            answer = client.put(path, json={**person, "assignments": assignments})
            assert answer.status_code in (200, 201), answer.text
    with system.client("enrolment") as client:
        joinings = client.get("/v1/joinings", params={"limit": 500}).json()["items"]
    return next(
        str(each["joining_id"])
        for each in joinings
        if each["official_code"] == f"GENERATED-{number}"
    )


def what_exists(system: System) -> Examples:
    """Identifiers by operation id; what a request uses up is made for it alone."""
    joinings = [taken_over(system, number) for number in range(3)]
    contested = {"reason": "Chưa cho đi"}
    with system.client("enrolment", "agency", agency=BODY) as client:
        done = client.post(f"/v1/joinings/{joinings[2]}/contest", json=contested)
        assert done.status_code == 200, done.text
    with system.client("enrolment") as client:
        official = client.get("/v1/officials", params={"agency": BODY, "limit": 1}).json()
        code = official["items"][0]["official_code"]
    with system.client("certification", "institution", institution="VINH") as client:
        kept = client.post("/v1/results", json=SHEET).json()
        used_up = client.post("/v1/results", json=OTHER_SHEET).json()
        book = client.get("/v1/register-books").json()["items"][0]
    with system.client("certification", "agency", agency=BODY) as client:
        waiting, decided = (
            client.post("/v1/evidence", json={**PAPER, "certificate_number": number}).json()
            for number in ("1", "2")
        )
    decision = {"decision_number": "1/QĐ", "decided_on": "2026-02-01", "level": 4}
    with system.client("certification") as client:
        accepted = client.post(f"/v1/evidence/{decided['evidence_id']}/acceptance", json=decision)
        assert accepted.status_code == 201, accepted.text
    plan = {"plan": "hoanghoa-2021"}
    serial = kept["certificate"]["serial"]
    return {
        "put_agency": {"code": f"{BODY}.GENERATED"},
        "get_official": {"official_code": code},
        "get_joining": {"joining_id": joinings[0]},
        "confirm_joining": {"joining_id": joinings[0]},
        "contest_joining": {"joining_id": joinings[1], "body": contested},
        "decide_joining": {
            "joining_id": joinings[2],
            "body": {"outcome": "upheld", "decision_number": "2/QĐ", "decided_on": str(today())},
        },
        "list_moves": {"official_code": code},
        "list_certificates_of_official": {"official_code": code},
        "get_result": {"result_id": kept["result_id"]},
        "post_result_version": {"result_id": kept["result_id"]},
        "get_certificate": {"serial": serial},
        "verify_certificate": {"serial": serial},
        "verify_certificate_holder": {
            "serial": serial,
            "body": {"full_name": PERSON["full_name"], "birth_date": PERSON["birth_date"]},
        },
        "revoke_certificate": {"serial": used_up["certificate"]["serial"]},
        "get_register_book": {"institution": "VINH", "kind": book["kind"], "year": book["year"]},
        "accept_evidence": {"evidence_id": waiting["evidence_id"], "body": decision},
        "withdraw_evidence": {"evidence_id": decided["evidence_id"]},
        "get_evidence": {"evidence_id": decided["evidence_id"]},
        "read_plan": plan,
        "read_progress": plan,
        "list_members": {**plan, "indicator": "I2-2025", "state": "missing"},
    }


@pytest.fixture(scope="module")
def existing(demonstration_system: System) -> Examples:
    return what_exists(demonstration_system)


def checked(system: System, service: str, existing: Examples) -> dict[str, Any]:
    with system.client(service) as client:
        document = client.get("/openapi.json").json()
    known = set(operations(document).values())
    return strict(document, {name: given for name, given in existing.items() if name in known})


@pytest.mark.timeout(600)
@pytest.mark.parametrize("service", SERVICES)
def test_no_5xx_and_no_answer_outside_the_schema(
    demonstration_system: System, existing: Examples, service: str, tmp_path: Path
) -> None:
    document = checked(demonstration_system, service, existing)
    outcome = generated_requests.run(
        document,
        demonstration_system.urls[service],
        demonstration_system.token(),
        tmp_path,
        *("--phases", "examples,coverage,fuzzing", "--max-examples", "15"),
    )
    assert outcome.clean, outcome.said
    assert set(outcome.answered) == set(operations(document))
    assert outcome.never_successful() == sorted(NEEDS_A_STUCK_FEED & set(operations(document)))


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("service", "role", "who"),
    [
        ("enrolment", "agency", {"agency": BODY}),
        ("enrolment", "institution", {"institution": "VINH"}),
        ("certification", "institution", {"institution": "VINH"}),
        ("certification", "agency", {"agency": BODY}),
        ("targets", "agency", {"agency": BODY}),
    ],
)
def test_nor_for_those_who_may_do_less(
    demonstration_system: System,
    existing: Examples,
    service: str,
    role: str,
    who: dict[str, str],
    tmp_path: Path,
) -> None:
    outcome = generated_requests.run(
        checked(demonstration_system, service, existing),
        demonstration_system.urls[service],
        demonstration_system.token(role, **who),
        tmp_path,
        *("--phases", "examples,fuzzing", "--max-examples", "10"),
    )
    assert outcome.clean, outcome.said
    assert any(status in (403, 404) for each in outcome.answered.values() for status in each)


PLANTED_PROBLEM = {
    "type": "urn:bac:problem:internal_error",
    "title": "Lỗi",
    "status": 500,
    "detail": "Lỗi",
    "code": "internal_error",
    "correlation_id": "1",
    "errors": [],
}


class _Planted(BaseHTTPRequestHandler):
    """Answers as one faulty service might; the path names the fault."""

    def do_GET(self) -> None:
        if (
            self.headers.get("Authorization") != "Bearer a.b.c"
            and self.path != "/lets_everybody_in"
        ):
            status, body = 401, {**PLANTED_PROBLEM, "status": 401}
        elif self.path == "/fails":
            status, body = 500, PLANTED_PROBLEM
        elif self.path == "/says_a_number_for_a_text":
            status, body = 200, {"status": 1}
        elif self.path == "/accepts_without_saying_so":
            status, body = 202, {"status": "ready"}
        else:
            status, body = 200, {"status": "ready"}
        self._answer(status, body)

    def _refuse(self) -> None:
        if self.path == "/takes_every_method":
            self._answer(200, {"status": "ready"})
        else:
            self._answer(405, {**PLANTED_PROBLEM, "status": 405}, {"Allow": "GET"})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._refuse
        raise AttributeError(name)

    def do_HEAD(self) -> None:
        self._answer(405, {}, {"Allow": "GET"})

    def _answer(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        media_type = "application/json" if status < 400 else "application/problem+json"
        html = self.path == "/answers_a_page" and status == 200
        for name, value in {
            "Content-Type": "text/html" if html else media_type,
            "Content-Length": str(len(content)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        pass


@pytest.fixture(scope="module")
def faulty_service() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Planted)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/fails", "Server error"),
        ("/says_a_number_for_a_text", "Response violates schema"),
        ("/accepts_without_saying_so", "Undocumented status code"),
        ("/answers_a_page", "Undocumented Content-Type"),
        ("/takes_every_method", "Wrong response to undeclared method"),
        ("/lets_everybody_in", "API accepts requests without authentication"),
        ("/is_right", None),
    ],
)
def test_a_planted_fault_would_be_found(
    demonstration_system: System,
    faulty_service: str,
    path: str,
    said: str | None,
    tmp_path: Path,
) -> None:
    """Run as the tests above do, on an operation described by the product's own document."""
    with demonstration_system.client("targets") as client:
        document = client.get("/openapi.json").json()
    ready = document["paths"]["/health/ready"]["get"]
    described = {
        **ready,
        "security": [{"bearer": []}],
        "responses": {**ready["responses"], "401": ready["responses"]["503"]},
    }
    outcome = generated_requests.run(
        strict({**document, "paths": {path: {"get": described}}}, {}),
        faulty_service,
        "a.b.c",
        tmp_path,
        *("--phases", "coverage", "--max-examples", "5"),
    )
    assert outcome.clean == (said is None), outcome.said
    assert said is None or said in outcome.said, outcome.said
