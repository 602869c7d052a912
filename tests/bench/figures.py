"""What a measurement says, beside its budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the bench. ``budget`` null: printed for orientation, promises nothing."""

    path: str
    what: str
    measured: float
    unit: str
    budget: float | None = None
    better: Literal["lower", "higher"] = "lower"
    baseline: str = ""

    @property
    def verdict(self) -> str:
        if self.budget is None:
            return ""
        kept = (
            self.measured <= self.budget if self.better == "lower" else self.measured >= self.budget
        )
        return "met" if kept else "MISSED"

    @property
    def budget_text(self) -> str:
        if self.budget is None:
            return ""
        sign = "≤" if self.better == "lower" else "≥"
        return f"{sign} {number(self.budget)} {self.unit}"


def number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def show(figures: list[Figure], console: Console) -> None:
    table = Table(title="Budgets of speed", show_lines=False)
    for heading in ("path", "what", "measured", "budget", "", "baseline of the same run"):
        table.add_column(heading, overflow="fold")
    for figure in figures:
        table.add_row(
            figure.path,
            figure.what,
            f"{number(figure.measured)} {figure.unit}",
            figure.budget_text,
            figure.verdict,
            figure.baseline,
        )
    console.print(table)


def as_markdown(figures: list[Figure]) -> str:
    lines = [
        "| path | what | measured | budget | | baseline of the same run |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {figure.path} | {figure.what} | {number(figure.measured)} {figure.unit} |"
        f" {figure.budget_text} | {figure.verdict} | {figure.baseline} |"
        for figure in figures
    ]
    return "\n".join(lines) + "\n"
