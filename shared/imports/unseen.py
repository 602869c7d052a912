"""Characters that nobody sees: they make two equal names differ, or turn the order of what is shown."""

from __future__ import annotations

import re
from typing import Final

# Soft hyphen, joiners, marks and overrides of direction, variation selectors, fillers, tags.
UNSEEN: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)


def first_unseen(text: str) -> dict[str, str | int] | None:
    """Place of the first such character, counted from 1, and its number, for the words of an issue."""
    if text.isascii():
        return None
    match = UNSEEN.search(text)
    if match is None:
        return None
    return {"position": match.start() + 1, "sign": f"U+{ord(match.group()):04X}"}


def without_unseen(text: str) -> str:
    return text if text.isascii() else UNSEEN.sub("", text)
