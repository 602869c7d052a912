"""Figures and people in the form that answers and files give them."""

from __future__ import annotations

from typing import Any

from services.targets.asking.question import Asked
from services.targets.progress.basis import Basis
from services.targets.progress.counting import IndicatorFigure
from services.targets.progress.layout import readings_in_words
from shared.contracts.problem import Language


def figure_answer(figure: IndicatorFigure) -> dict[str, Any]:
    indicator = figure.indicator
    return {
        "id": indicator.id,
        "title": {"vi": indicator.title.vi, "en": indicator.title.en},
        "source": {"section": indicator.source.section, "sentence": indicator.source.sentence},
        "milestone": indicator.milestone,
        "required_percent": indicator.required_percent,
        "required_level": indicator.required_level,
        "specialised": indicator.specialised,
        "eligible": figure.eligible,
        "achieved": figure.achieved,
        "percent": figure.percent,
        "shortfall": figure.shortfall,
        "status": figure.status,
        "focus": figure.focus._asdict() if figure.focus else None,
        "level_only": figure.level_only._asdict() if figure.level_only else None,
    }


def figure_row(
    asked: Asked, basis: Basis, figure: IndicatorFigure, excluded: int, language: Language
) -> dict[str, Any]:
    """A row of the file of figures, each of which says what it was counted from."""
    title = figure.indicator.title
    return {
        **file_heading(asked, basis),
        **figure_answer(figure),
        "indicator": figure.indicator.id,
        "title": title.vi if language == "vi" else title.en,
        "excluded": excluded,
    }


def file_heading(asked: Asked, basis: Basis) -> dict[str, Any]:
    """What every row of a file repeats."""
    return {
        **asked.heading(),
        "readings": readings_in_words(asked.readings),
        **basis.cells(),
    }
