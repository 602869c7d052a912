"""What this process knows to be committed, so that most sheets need no look-up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.certification.recording.book_ends import Tails
from services.certification.recording.rows import (
    SessionKey,
    SessionRow,
)
from services.certification.registry.rows import BookKey, BookRow

_SESSIONS: Final = 50_000


class Remembered:
    """Sessions and books never change in what is kept here; where a book ends does, and is a guess."""

    def __init__(self) -> None:
        self.sessions: dict[SessionKey, SessionRow] = {}
        self.books: dict[BookKey, BookRow] = {}
        self.tails = Tails()

    def learn(
        self, sessions: Mapping[SessionKey, SessionRow], books: Mapping[BookKey, BookRow]
    ) -> None:
        """Announced sessions change state: they are always read."""
        if len(self.sessions) > _SESSIONS:
            self.sessions.clear()
        for key, session in sessions.items():
            if session.issuance == "on_posting" and session.status == "open":
                self.sessions[key] = session
        self.books.update(books)

    def forget(self) -> None:
        self.sessions.clear()
        self.books.clear()
        self.tails.forget()
