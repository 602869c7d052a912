"""Names of persons: as they are kept, as they are compared, and as lists write them."""

from __future__ import annotations

import unicodedata


def plain_name(text: str) -> str:
    """Composed letters and single spaces, so that the same name is the same text."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def folded_name(name: str) -> str:
    """Names that are alike in this form are the same name."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def spellings(name: str) -> tuple[str, str, str]:
    """As it is written, and as lists write names: in capitals, and with a capital for each word."""
    return name, name.upper(), name.title()
