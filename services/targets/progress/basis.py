"""What an answer was counted from."""

from __future__ import annotations

from typing import Any, NamedTuple


class Basis(NamedTuple):
    """What was counted: the positions of the feeds, and the events before them that were set aside."""

    counted_at: dict[str, str]
    set_aside: list[tuple[str, int]]

    def members(self) -> dict[str, Any]:
        """As answers say it."""
        return {
            "counted_at": self.counted_at,
            "set_aside": [
                {"feed": feed, "position": position} for feed, position in self.set_aside
            ],
        }

    def cells(self) -> dict[str, Any]:
        """As files say it."""
        aside = "; ".join(f"{feed} {position}" for feed, position in self.set_aside)
        return {"counted_at": self.counted_at, "set_aside": aside or None}
