"""One caller's requests to the running services; a refusal ends the loading with one clear sentence."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import httpx

from services.demonstration.errors import NotLoadedError
from shared.security.tokens import mint

_TRIES = 40
PAUSE_SECONDS = 0.5
_UNREADY = frozenset({429, 503})
_UNCONFIRMED = "dependency_unavailable"
"""A service that would refuse but has not heard another's last word yet; it will within seconds."""


class Services:
    """The three services by their URLs, asked with tokens of a development key."""

    def __init__(
        self, urls: Mapping[str, str], key: Path, transport: httpx.BaseTransport | None = None
    ) -> None:
        """Raises NotLoadedError where there is no key."""
        self._urls = urls
        self._key = key
        self._tokens: dict[tuple[str, str | None, str | None], str] = {}
        self._client = httpx.Client(
            timeout=httpx.Timeout(300, connect=5), trust_env=False, transport=transport
        )
        if not key.exists():
            raise NotLoadedError(
                f"There is no development key in {key.parent}; start `make run` first.",
                f"Không có khóa phát triển trong {key.parent}; hãy chạy `make run` trước.",
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, service: str, path: str, **parameters: str | int) -> dict[str, Any]:
        answer = self._send("GET", service, path, self.token(), params=parameters)
        return self._read(service, answer)

    def post(
        self,
        service: str,
        path: str,
        body: Mapping[str, Any],
        *,
        token: str,
        key: str | None = None,
        tolerate: Iterable[str] = (),
    ) -> dict[str, Any] | None:
        """The answer; None where it was a problem whose code is tolerated."""
        for left in reversed(range(_TRIES)):
            headers = {"Idempotency-Key": key} if key else {}
            answer = self._send("POST", service, path, token, json=body, headers=headers)
            if answer.status_code not in _UNREADY or not left:
                break
            time.sleep(PAUSE_SECONDS)
        if answer.status_code >= 400 and _code(answer) in tolerate:
            return None
        return self._read(service, answer)

    def post_rows(
        self,
        service: str,
        path: str,
        rows: Sequence[Mapping[str, Any]],
        *,
        token: str,
        tolerate: Iterable[str] = (),
    ) -> dict[str, Any]:
        """Sends rows as NDJSON and insists that every one of them stands, but for tolerated problems."""
        unexpected: list[dict[str, Any]] = []
        for left in reversed(range(_TRIES)):
            answer = self._send(
                *("POST", service, path, token),
                content=(
                    json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
                    for row in rows
                ),
                headers={"Content-Type": "application/x-ndjson"},
            )
            report = self._read(service, answer)
            unexpected = [one for one in report["errors"] if one["code"] not in set(tolerate)]
            if not left or not any(one["code"] == _UNCONFIRMED for one in unexpected):
                break
            time.sleep(PAUSE_SECONDS)
        if unexpected:
            first = unexpected[0]
            raise refused(
                service,
                f"{report['rejected']} rows of {path}; row {first['row']} {first['pointer']}: "
                f"{first['code']} {first['message']}",
            )
        return report

    def token(
        self, role: str = "admin", *, agency: str | None = None, institution: str | None = None
    ) -> str:
        who = (role, agency, institution)
        if who not in self._tokens:
            self._tokens[who] = mint(
                self._key, role=role, agency=agency, institution=institution, ttl=7200
            )
        return self._tokens[who]

    def _send(
        self, method: str, service: str, path: str, token: str, **request: Any
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", **request.pop("headers", {})}
        try:
            return self._client.request(
                method, self._urls[service] + path, headers=headers, **request
            )
        except httpx.TransportError as error:
            raise refused(service, f"no answer ({type(error).__name__})") from error

    def _read(self, service: str, answer: httpx.Response) -> dict[str, Any]:
        if not answer.is_success:
            raise refused(service, f"{answer.status_code} {answer.text[:300]}")
        body = answer.json()
        assert isinstance(body, dict)
        return body


def _code(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["code"])
    except (ValueError, KeyError, TypeError):
        return ""


def refused(service: str, reason: str) -> NotLoadedError:
    return NotLoadedError(
        f"{service} did not take the demonstration data: {reason}",
        f"{service} không nhận dữ liệu minh họa: {reason}",
    )
