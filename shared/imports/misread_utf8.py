"""Text that was UTF-8 and was read in the code page of a Windows: “Nguyá»…n” for “Nguyễn”.

Excel reads a CSV without a mark so, as 1252 or, on a Vietnamese Windows, as 1258.
"""

from __future__ import annotations

import re
from typing import Final

_PAGES: Final = ("cp1252", "cp1258")


def _bytes_of(page: str) -> dict[str, int]:
    """Letters of a code page by byte; bytes that it leaves open come through as control characters."""
    table: dict[str, int] = {}
    for number in range(0x80, 0x100):
        try:
            table[bytes((number,)).decode(page)] = number
        except UnicodeDecodeError:
            table[chr(number)] = number
    return {chr(number): number for number in range(0x80)} | table


_TABLES: Final = tuple(_bytes_of(page) for page in _PAGES)
_LEADS: Final = "".join(
    sorted({char for table in _TABLES for char, byte in table.items() if 0xC3 <= byte <= 0xE2})
)
_FOLLOWERS: Final = "".join(
    sorted({char for table in _TABLES for char, byte in table.items() if 0x80 <= byte <= 0xBF})
)
_HINT: Final = re.compile(f"[{re.escape(_LEADS)}][{re.escape(_FOLLOWERS)}]")
# “XÃ NAM” with a space that does not break, or a dash: a word in capitals, and not “Xà”.
_HONEST: Final = re.compile("(?<=[A-ZĐ])Ã[\u00a0–—‘’“”]")


def misread_utf8(text: str) -> bool:
    """Whether all of the text, taken back to bytes, is UTF-8 of letters beyond ASCII."""
    if text.isascii():
        return False
    hinted = _HINT.search(text)
    if hinted is None or _HINT.search(_HONEST.sub("", text)) is None:
        return False
    for table in _TABLES:
        try:
            raw = bytes(table[char] for char in text)
            raw.decode()
        except (KeyError, UnicodeDecodeError):
            continue
        return True
    return False
