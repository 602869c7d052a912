"""Levels that an equivalence table gives to a foreign or older certificate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal

import msgspec


class Cell(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a level asks for; one of the three, by the row's ``by``."""

    level: int
    at_least: float | None = None
    skills: dict[str, float] | None = None
    grades: tuple[str, ...] | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    language: str
    test: str
    by: Literal["overall", "skills", "grade"]
    cells: tuple[Cell, ...]


class EquivalenceTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    source: str
    source_dated: dt.date | None
    purpose_vi: str
    confidence: str
    notes: tuple[str, ...]
    rows: tuple[Row, ...]


def derived_level(
    table: EquivalenceTable, language: str, test: str | None, scores: Mapping[str, float | str]
) -> int | None:
    """The highest level whose cell the certificate reaches; null where the table is silent or the
    scores stay below its lowest cell. A certificate of several skills has the level of its weakest."""
    for row in table.rows:
        if row.language == language and test is not None and _same(row.test, test):
            reached = [cell.level for cell in row.cells if _reaches(row, cell, scores)]
            if reached:
                return max(reached)
    return None


def _reaches(row: Row, cell: Cell, scores: Mapping[str, float | str]) -> bool:
    if row.by == "overall":
        overall = scores.get("overall")
        return isinstance(overall, int | float) and overall >= (cell.at_least or 0)
    if row.by == "grade":
        grade = scores.get("grade")
        return isinstance(grade, str) and any(_same(grade, each) for each in cell.grades or ())
    wanted = cell.skills or {}
    given = {skill: scores.get(skill) for skill in wanted}
    return bool(wanted) and all(
        isinstance(value, int | float) and value >= wanted[skill] for skill, value in given.items()
    )


def _same(one: str, other: str) -> bool:
    return "".join(one.split()).casefold() == "".join(other.split()).casefold()
