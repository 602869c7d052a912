"""How many heavy requests run at once: of one caller, and of all callers. One more is refused with 429."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.contracts.problem import TooManyRequests
from shared.security.principal import Principal

Heavy = Literal["export", "upload", "long_poll"]


@dataclass(frozen=True, slots=True)
class Share:
    """``each`` of one caller and ``all`` of everybody, in one process."""

    each: int
    all: int


_SIZES: Final[dict[Heavy, Share]] = {
    "export": Share(2, 4),
    "upload": Share(4, 16),
    "long_poll": Share(8, 256),
}
_SETTINGS: Final[dict[Heavy, str]] = {
    "export": "BAC_EXPORTS_AT_ONCE",
    "upload": "BAC_UPLOADS_AT_ONCE",
    "long_poll": "BAC_LONG_POLLS_AT_ONCE",
}
_WORDS: Final[dict[Heavy, tuple[str, str]]] = {
    "export": ("xuất tệp", "exports"),
    "upload": ("tải tệp lên", "uploads"),
    "long_poll": ("chờ tin mới", "waiting reads of the feed"),
}
_RETRY_SECONDS: Final = "5"


class Shares:
    """Counts what runs. A request's share is given back when the request has ended, its file sent."""

    def __init__(self, sizes: Mapping[Heavy, Share] = _SIZES) -> None:
        self._sizes = dict(sizes)
        self._running: Counter[tuple[Heavy, str]] = Counter()
        self._running_in_all: Counter[Heavy] = Counter()

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Shares:
        """``BAC_EXPORTS_AT_ONCE``, ``BAC_UPLOADS_AT_ONCE`` and ``BAC_LONG_POLLS_AT_ONCE``, each as
        ``2/4``: of one caller / of all. Raises :class:`ValueError` for anything else."""
        sizes = dict(_SIZES)
        for kind, setting in _SETTINGS.items():
            given = environment.get(setting)
            if not given:
                continue
            match = re.fullmatch(r"([1-9]\d{0,4})/([1-9]\d{0,4})", given)
            if match is None or int(match[1]) > int(match[2]):
                raise ValueError(f"{setting} must be like 2/4: of one caller, of all")
            sizes[kind] = Share(int(match[1]), int(match[2]))
        return cls(sizes)

    def hold(self, request: Request, kind: Heavy) -> None:
        """Takes a share until the request has ended. Raises 429 with ``Retry-After``."""
        principal: Principal = request.state.principal
        size = self._sizes[kind]
        counter = (kind, principal.idempotency_scope)
        if self._running[counter] >= size.each or self._running_in_all[kind] >= size.all:
            own = self._running[counter] >= size.each
            vi, en = _WORDS[kind]
            raise TooManyRequests(
                f"Bạn đang có {size.each} lượt {vi} cùng lúc, hãy đợi xong rồi thử lại"
                if own
                else f"Hệ thống đang bận {vi}, hãy thử lại sau",
                f"You have {size.each} {en} running, please wait for one to end"
                if own
                else f"Too many {en} are running, please try again later",
                headers={"Retry-After": _RETRY_SECONDS},
            )
        self._running[counter] += 1
        self._running_in_all[kind] += 1
        request.scope["state"].setdefault("shares", []).append(counter)

    def give_back(self, counters: list[tuple[Heavy, str]]) -> None:
        for kind, caller in counters:
            self._running_in_all[kind] -= 1
            self._running[kind, caller] -= 1
            if not self._running[kind, caller]:
                del self._running[kind, caller]


class GivesBackShares:
    """Around every request, so that no way out of one keeps its share."""

    def __init__(self, app: ASGIApp, *, shares: Shares) -> None:
        self._app = app
        self._shares = shares

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        finally:
            counters = scope.get("state", {}).get("shares")
            if counters:
                self._shares.give_back(counters)


def hold_share(request: Request, kind: Heavy) -> None:
    """See :meth:`Shares.hold`."""
    shares: Shares = request.app.state.shares
    shares.hold(request, kind)
