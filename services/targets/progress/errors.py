"""Refusals of questions about plans and their figures."""

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


class FigureMoved(Problem):
    """The figure that a list was asked for has been counted anew; ``counted_at`` names the new positions."""

    code, status = "figure_moved", 409
    title_vi, title_en = "Con số đã được tính lại", "The figure has moved on"


class ProjectionRebuilding(Problem):
    """Plans or counting rules changed and the population is being read anew."""

    code, status = "projection_rebuilding", 503
    title_vi, title_en = "Đang dựng lại số liệu", "Figures are being rebuilt"
