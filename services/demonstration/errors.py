"""Why the demonstration is not loaded."""

from __future__ import annotations


class NotLoadedError(Exception):
    """One sentence in each language, for the console."""

    def __init__(self, english: str, vietnamese: str) -> None:
        super().__init__(f"{english}\n{vietnamese}")
        self.english = english
        self.vietnamese = vietnamese
