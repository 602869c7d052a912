"""Why the system cannot run here."""

from __future__ import annotations


class CannotRunError(Exception):
    """Why the system cannot run: one sentence in each language, for the console."""

    def __init__(self, english: str, vietnamese: str) -> None:
        super().__init__(f"{english}\n{vietnamese}")
