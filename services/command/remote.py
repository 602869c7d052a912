"""What the `bac` command asks of running services, over their public HTTP API only."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Self

import httpx

from deploy.local.addresses import service_urls
from deploy.local.errors import CannotRunError
from deploy.local.home import development_token, home_folder
from services.command.load_report import Language

IMPORTS: Final = {
    "agencies": ("enrolment", "/v1/agencies/import"),
    "officials": ("enrolment", "/v1/officials/import"),
    "results": ("certification", "/v1/results/batch"),
    "evidence": ("certification", "/v1/evidence/import"),
}
MEDIA_TYPES: Final = {
    ".json": "application/json",
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".tsv": "text/tab-separated-values",
    ".xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_CHUNK = 256 * 1024


def access_token(environment: Mapping[str, str], given: str | None = None) -> str:
    """The token given, else `BAC_TOKEN`, else an administrator's by the local development key."""
    from shared.security.tokens import DEVELOPMENT_KEY_FILE

    if given or environment.get("BAC_TOKEN"):
        return given or environment["BAC_TOKEN"]
    key = home_folder(environment) / DEVELOPMENT_KEY_FILE
    if not key.exists():
        raise CannotRunError(
            f"There is no development key in {key.parent}; start `make run` first, or give a token "
            "(--token or BAC_TOKEN).",
            f"Không có khóa phát triển trong {key.parent}; hãy chạy `make run` trước, hoặc đưa mã "
            "truy cập (--token hoặc BAC_TOKEN).",
        )
    return development_token(key.parent, role="admin", ttl=12 * 3600)


class Remote:
    """One service as seen by a caller with a token. Use as a context manager."""

    def __init__(
        self, service: str, environment: Mapping[str, str], token: str, language: Language = "vi"
    ) -> None:
        self.service = service
        self.language = language
        self.url = service_urls(environment)[service]
        self._client = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {token}", "Accept-Language": language},
            timeout=httpx.Timeout(600, connect=5),
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def send_file(
        self, path: str, file: Path, media_type: str, parameters: Mapping[str, str]
    ) -> dict[str, Any]:
        """Stream a file to an import address and return its report."""
        return self._answer(
            lambda: self._client.post(
                path,
                content=_chunks(file),
                params=dict(parameters),
                headers={"Content-Type": media_type},
            )
        )

    def events(self, after: str | None, *, follow: bool) -> Iterator[dict[str, Any]]:
        """Events behind `after` (None: from the beginning); with `follow`, for ever."""
        while True:
            parameters: dict[str, str | int] = {"limit": 5000, "wait": 30 if follow else 0}
            if after:
                parameters["after"] = after
            page = self._get("/v1/events", parameters)
            yield from page["events"]
            after = page["cursor"]
            if not follow and after == page["head"]:
                return

    def register_collisions(self, institution: str | None) -> dict[str, Any]:
        """Old lines of the register whose keys are alike."""
        asked = {} if institution is None else {"institution": institution}
        return self._get("/v1/register-collisions", asked)

    def head(self) -> str:
        """The position of the newest event."""
        return str(self._get("/v1/events", {"limit": 1})["head"])

    def followed_feeds(self) -> list[dict[str, Any]]:
        """The feeds that the service follows, with what it cannot apply and what was set aside."""
        return list(self._get("/v1/followed-feeds", {})["items"])

    def mend_feed(self, feed: str, what: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """``what``: `set-aside` or `re-application`; the feed as it stands then."""
        return self._answer(
            lambda: self._client.post(f"/v1/followed-feeds/{feed}/{what}", json=dict(body))
        )

    def _get(self, path: str, parameters: Mapping[str, str | int]) -> dict[str, Any]:
        return self._answer(lambda: self._client.get(path, params=dict(parameters)))

    def _answer(self, ask: Any) -> dict[str, Any]:
        try:
            response: httpx.Response = ask()
        except httpx.TransportError as error:
            raise CannotRunError(
                f"{self.service} does not answer at {self.url} ({type(error).__name__}); is "
                "`make run` running?",
                f"{self.service} không trả lời tại {self.url} ({type(error).__name__}); `make run` "
                "đã chạy chưa?",
            ) from error
        if response.is_success:
            answer = response.json()
            assert isinstance(answer, dict)
            return answer
        try:
            problem = response.json()
            code, said = str(problem["code"]), str(problem["detail"])
            title_vi, title_en = _titles().get(code, ("", ""))
            if self.language == "vi":
                vietnamese, english = f"{code}: {said}", f"{code}: {title_en}".removesuffix(": ")
            else:
                vietnamese, english = f"{code}: {title_vi}".removesuffix(": "), f"{code}: {said}"
        except (json.JSONDecodeError, KeyError, TypeError):
            english = vietnamese = response.text[:200]
        raise CannotRunError(
            f"{self.service} refused ({response.status_code}): {english}",
            f"{self.service} từ chối ({response.status_code}): {vietnamese}",
        )


def _titles() -> dict[str, tuple[str, str]]:
    """By code, in Vietnamese and in English, of the refusals that every service can give.

    An answer speaks one language only."""
    import shared.imports.errors  # noqa: F401 - makes its refusals known
    from shared.contracts.problem import Problem

    return {kind.code: (kind.title_vi, kind.title_en) for kind in Problem.__subclasses__()}


def media_type_of(file: Path) -> str:
    """By the ending of the name. Raises CannotRunError for an ending that no import knows."""
    known = MEDIA_TYPES.get(file.suffix.lower())
    if known is None:
        endings = " ".join(MEDIA_TYPES)
        raise CannotRunError(
            f"{file} has no known ending; use one of {endings}.",
            f"Không rõ loại tệp {file}; hãy dùng một trong các đuôi {endings}.",
        )
    if not os.access(file, os.R_OK):
        raise CannotRunError(f"{file} cannot be read.", f"Không đọc được tệp {file}.")
    return known


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            yield chunk
