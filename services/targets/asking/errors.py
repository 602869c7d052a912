"""Refusals of a question about a plan."""

from __future__ import annotations

from shared.contracts.problem import Problem


class ReadingInvalid(Problem):
    """A switch or option that is not in the catalogue, or a switch given twice."""

    code, status = "reading_invalid", 422
    title_vi, title_en = "Cách hiểu không hợp lệ", "Invalid reading"


class ReadingOptionNotAvailable(Problem):
    """The option exists in words, but this plan's document does not say what it means."""

    code, status = "reading_not_available", 422
    title_vi, title_en = "Cách hiểu chưa dùng được", "Reading not available"
