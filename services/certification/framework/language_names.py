"""What people call the foreign languages that officials are examined in."""

from __future__ import annotations

from typing import Final

from shared.imports.layout import Choice, Option

LANGUAGE_NAMES: Final = Choice(
    (
        Option("en", "Tiếng Anh", "English", ("Anh", "Anh văn")),
        Option("fr", "Tiếng Pháp", "French", ("Pháp", "Pháp văn")),
        Option("de", "Tiếng Đức", "German", ("Đức",)),
        Option("ru", "Tiếng Nga", "Russian", ("Nga", "Nga văn")),
        Option("zh", "Tiếng Trung Quốc", "Chinese", ("Tiếng Trung", "Trung", "Trung văn", "Hoa")),
        Option("ja", "Tiếng Nhật", "Japanese", ("Nhật",)),
        Option("ko", "Tiếng Hàn Quốc", "Korean", ("Tiếng Hàn", "Hàn")),
    )
)
"""Not all languages there are: another one is written by its code."""


def language_name(code: str) -> tuple[str, str]:
    """In Vietnamese and English; the code where there is no name for it here."""
    for option in LANGUAGE_NAMES.options:
        if option.value == code:
            return option.vi, option.en
    return code, code
