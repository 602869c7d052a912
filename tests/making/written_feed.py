"""A feed whose events a test writes itself."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from shared.feed.cursors import encode_cursor, position_of


class WrittenFeed:
    """A feed whose events the test writes itself; a position is the number of events read."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.events: list[dict[str, Any]] = []
        self.whole = True
        self.app = Starlette(routes=[Route("/v1/events", self._read)])

    def publish(self, *events: dict[str, Any]) -> None:
        self.events += events

    @property
    def head(self) -> str:
        return self.cursor(len(self.events))

    def cursor(self, position: int) -> str:
        return encode_cursor(uuid5(NAMESPACE_DNS, self.name), position)

    async def sequence(self) -> int:
        return 0

    async def _read(self, request: Request) -> JSONResponse:
        if request.query_params.get("wait", "0.0") != "0.0":
            await asyncio.sleep(0.02)
        after = position_of(request.query_params.get("after") or "")
        until = after + int(request.query_params["limit"])
        return JSONResponse(
            {
                "events": self.events[after:until],
                "cursor": self.cursor(min(until, len(self.events))),
                "head": self.head,
                "whole": self.whole,
            }
        )
