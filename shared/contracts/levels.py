"""Words for the 6-level framework (khung năng lực ngoại ngữ) that cross service borders."""

from __future__ import annotations

from typing import Final, Literal

Level = Literal[0, 1, 2, 3, 4, 5, 6]
"""Bậc; 0 is Tiền bậc 1 (Pre-A1), which exists only in the framework of 2026 and sorts below 1."""

CEFR: Final[dict[int, str]] = {0: "Pre-A1", 1: "A1", 2: "A2", 3: "B1", 4: "B2", 5: "C1", 6: "C2"}
