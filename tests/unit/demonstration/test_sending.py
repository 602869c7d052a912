"""What the loader makes of the answers of the services."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from services.demonstration import sending
from services.demonstration.errors import NotLoadedError
from services.demonstration.sending import Services
from shared.security.tokens import DEVELOPMENT_KEY_FILE, make_development_key

URLS = {
    "enrolment": "http://127.0.0.1:8001",
    "certification": "http://127.0.0.1:8002",
    "targets": "http://127.0.0.1:8003",
}
Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_development_key(tmp_path / DEVELOPMENT_KEY_FILE)
    return tmp_path


def asking(home: Path, answer: Answer) -> Services:
    return Services(URLS, home / DEVELOPMENT_KEY_FILE, httpx.MockTransport(answer))


def test_rows_go_out_as_lines_of_json_and_the_report_comes_back(home):
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"received": 2, "rejected": 0, "errors": []})

    with asking(home, answer) as services:
        report = services.post_rows(
            "enrolment", "/v1/agencies/import", [{"code": "A"}, {"name": "Ấp"}], token="t"
        )
    assert report["received"] == 2
    assert seen[0].url == "http://127.0.0.1:8001/v1/agencies/import"
    assert seen[0].headers["content-type"] == "application/x-ndjson"
    assert [json.loads(line) for line in seen[0].read().splitlines()] == [
        {"code": "A"},
        {"name": "Ấp"},
    ]


def test_a_rejected_row_ends_the_loading_with_its_reason(home):
    error = {"row": 7, "pointer": "/parent_code", "code": "parent_unknown", "message": "không có"}
    answer = httpx.Response(200, json={"rejected": 1, "errors": [error]})
    with asking(home, lambda _: answer) as services:
        with pytest.raises(NotLoadedError, match="row 7 /parent_code: parent_unknown"):
            services.post_rows("enrolment", "/v1/agencies/import", [], token="t")
        assert services.post_rows(
            "enrolment", "/v1/agencies/import", [], token="t", tolerate=("parent_unknown",)
        )


def test_a_tolerated_refusal_is_no_answer_and_any_other_ends_the_loading(home):
    answer = httpx.Response(409, json={"code": "result_conflict"})
    with asking(home, lambda _: answer) as services:
        said = services.post(
            "certification", "/v1/results", {}, token="t", tolerate=("result_conflict",)
        )
        assert said is None
        with pytest.raises(NotLoadedError, match="409"):
            services.post("certification", "/v1/results", {}, token="t")


def test_a_service_that_has_not_heard_the_last_word_yet_is_asked_again(home, monkeypatch):
    monkeypatch.setattr(sending, "PAUSE_SECONDS", 0)
    answers = [
        httpx.Response(503, json={"code": "dependency_unavailable"}),
        httpx.Response(201, json={"evidence_id": "1"}),
    ]
    with asking(home, lambda _: answers.pop(0)) as services:
        said = services.post("certification", "/v1/evidence/acceptances", {}, token="t")
    assert said == {"evidence_id": "1"}


def test_rows_that_could_not_be_confirmed_yet_are_sent_again(home, monkeypatch):
    monkeypatch.setattr(sending, "PAUSE_SECONDS", 0)
    error = {"row": 1, "pointer": "", "code": "dependency_unavailable", "message": "hãy gửi lại"}
    answers = [
        httpx.Response(200, json={"recorded": 0, "rejected": 1, "errors": [error]}),
        httpx.Response(200, json={"recorded": 1, "rejected": 0, "errors": []}),
    ]
    with asking(home, lambda _: answers.pop(0)) as services:
        report = services.post_rows("certification", "/v1/results/batch", [{"a": 1}], token="t")
    assert report["recorded"] == 1
    assert not answers


def test_services_that_do_not_run_are_said_in_one_sentence(home):
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with asking(home, answer) as services, pytest.raises(NotLoadedError, match="no answer"):
        services.get("targets", "/v1/plans")


def test_without_a_development_key_nothing_is_sent(tmp_path):
    with pytest.raises(NotLoadedError, match="make run"):
        Services(URLS, tmp_path / DEVELOPMENT_KEY_FILE)
