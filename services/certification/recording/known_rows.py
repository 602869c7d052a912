"""What this process knows to be committed, so that most sheets need no look-up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.certification.recording.book_ends import BookEnds
from services.certification.recording.rows import SessionKey, SessionRow
from services.certification.registry.rows import BookKey, BookRow

_MOST_SESSIONS: Final = 50_000


class KnownRows:
    """What is kept of sessions and books never changes. Where a book ends does change, and is a guess."""

    def __init__(self) -> None:
        self.sessions: dict[SessionKey, SessionRow] = {}
        self.books: dict[BookKey, BookRow] = {}
        self.book_ends = BookEnds()

    def learn(
        self, sessions: Mapping[SessionKey, SessionRow], books: Mapping[BookKey, BookRow]
    ) -> None:
        """Announced sessions change state: they are always read."""
        if len(self.sessions) > _MOST_SESSIONS:
            self.sessions.clear()
        for key, session in sessions.items():
            if session.issuance == "on_posting" and session.status == "open":
                self.sessions[key] = session
        self.books.update(books)

    def clear(self) -> None:
        self.sessions.clear()
        self.books.clear()
        self.book_ends.clear()
