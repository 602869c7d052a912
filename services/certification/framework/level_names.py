"""How levels are written in lists: in words, by number, or as the grade of the Common European Framework."""

from __future__ import annotations

from typing import Final

from shared.contracts.levels import CEFR
from shared.imports.layout import Choice, Option


def level_name(level: int) -> tuple[str, str]:
    """In Vietnamese and English."""
    return (f"Bậc {level}", f"Level {level}") if level else ("Tiền bậc 1", "Pre-level 1")


LEVEL_NAMES: Final = Choice(
    tuple(
        Option(
            level,
            *level_name(level),
            (cefr, f"Bậc {level} ({cefr})", f"{cefr} (Bậc {level})", f"Bậc {level}/6"),
        )
        for level, cefr in CEFR.items()
    )
)
