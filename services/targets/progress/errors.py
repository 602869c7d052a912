"""Refusals of questions about figures and the people behind them."""

from __future__ import annotations

from shared.contracts.problem import Problem


class FigureMoved(Problem):
    """The figure that a list was asked for has been counted anew; ``counted_at`` names the new positions."""

    code, status = "figure_moved", 409
    title_vi, title_en = "Con số đã được tính lại", "The figure has moved on"


class ProjectionRebuilding(Problem):
    """Plans or counting rules changed, and the population is being read again from the feeds."""

    code, status = "projection_rebuilding", 503
    title_vi, title_en = "Đang dựng lại số liệu", "Figures are being rebuilt"
