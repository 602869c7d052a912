"""Refusals of public verification."""

from __future__ import annotations

from shared.contracts.problem import Problem


class HolderGuessesSpent(Problem):
    """Too many wrong names or birth dates were given today: for this certificate, or from this address. What
    the certificate is worth is told all the same, only the holder is not compared."""

    code, status = "holder_guesses_spent", 429
    title_vi, title_en = "Đã nhập sai quá nhiều lần", "Too many wrong names or birth dates"
