"""A reader of enrolment's feed that keeps a copy."""

from __future__ import annotations

from typing import Any

from tests.running import RunningService

CHANGED = "vn.bac.official.changed.v1"
JOINED = "vn.bac.official.joined.v1"
LEFT = "vn.bac.official.left.v1"


class Portal:
    """A reader that knows nothing but what its feed says."""

    def __init__(self, service: RunningService, role: str = "agency", **who: Any) -> None:
        self.service = service
        self.client = service.client(role, **who)
        self.cursor = ""
        self.copy: dict[str, dict[str, Any]] = {}
        self.types: list[str] = []

    async def read(self) -> set[str]:
        await self.service.settle()
        while True:
            answer = await self.client.get("/v1/events", params={"after": self.cursor, "limit": 3})
            assert answer.status_code == 200, answer.text
            page = answer.json()
            for event in page["events"]:
                self._apply(event)
            self.cursor = page["cursor"]
            if self.cursor == page["head"]:
                return set(self.copy)

    def _apply(self, event: dict[str, Any]) -> None:
        code, data = event["subject"], event["data"]
        if event["type"].startswith("vn.bac.official."):
            self.types.append(event["type"])
        if event["type"] in (CHANGED, JOINED):
            self.copy[code] = {**self.copy.get(code, {}), **data}
        elif event["type"] == LEFT:
            self.copy.pop(code, None)
