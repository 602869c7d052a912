"""Reads the documents of this slice and refuses what does not hold together."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import msgspec

from services.certification.framework.equivalence import EquivalenceTable
from services.certification.framework.levels import Framework
from services.certification.framework.scoring import ScoreRule
from shared.documents import parse

FOLDER = Path(__file__).parent / "documents"

_T = TypeVar("_T")


class DocumentError(ValueError):
    """A document cannot be used."""


class _Frameworks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    frameworks: tuple[Framework, ...]
    group_labels: dict[str, str]


class _ScoreRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    score_rules: tuple[ScoreRule, ...]


class _Tables(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    equivalence_tables: tuple[EquivalenceTable, ...]


class Languages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What evidence may be in; ``source`` names the standard the codes are of."""

    source: str
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Every rule that judges results and evidence, loaded once per process."""

    frameworks: tuple[Framework, ...]
    group_labels: dict[str, str]
    score_rules: tuple[ScoreRule, ...]
    equivalence_tables: dict[str, EquivalenceTable]
    languages: Languages

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Rulebook:
        """Raises :class:`DocumentError`."""
        frameworks = _read(folder / "frameworks.yaml", _Frameworks)
        rules = _read(folder / "score_rules.yaml", _ScoreRules)
        tables = _read(folder / "equivalence_tables.yaml", _Tables)
        book = cls(
            frameworks.frameworks,
            frameworks.group_labels,
            rules.score_rules,
            {table.id: table for table in tables.equivalence_tables},
            _read(folder / "languages.yaml", Languages),
        )
        faults = list(book.faults())
        if len(book.equivalence_tables) != len(tables.equivalence_tables):
            faults.append("two equivalence tables share an id")
        if faults:
            raise DocumentError("; ".join(faults))
        return book

    def faults(self) -> list[str]:
        found = []
        for framework in self.frameworks:
            levels = [each.level for each in framework.levels]
            if levels != sorted(set(levels)):
                found.append(f"{framework.code}: levels are not in order")
            found += [
                f"{framework.code}: group {each.group} has no label"
                for each in framework.levels
                if each.group is not None and each.group not in self.group_labels
            ]
        for before, after in pairwise(sorted(self.frameworks, key=lambda f: f.valid_from)):
            if before.valid_to is None or before.valid_to >= after.valid_from:
                found.append(f"{before.code} and {after.code} are in force together")
        for rule in self.score_rules:
            reached = [(band.at_least, band.level) for band in rule.bands]
            if not reached or reached != sorted(set(reached)):
                found.append(f"{rule.id}: bands are not in order")
            halves = [rule.highest, rule.step, rule.overall_step, *(b.at_least for b in rule.bands)]
            if any(value * 2 != int(value * 2) for value in halves) or rule.step <= 0:
                found.append(f"{rule.id}: a value is not a whole number of half points")
        ordered = sorted(self.score_rules, key=lambda r: (r.format, r.valid_from))
        for earlier, later in pairwise(ordered):
            same = earlier.format == later.format
            if same and (earlier.valid_to is None or earlier.valid_to >= later.valid_from):
                found.append(f"{earlier.id} and {later.id} are in force together")
        return found


def _read(path: Path, as_type: type[_T]) -> _T:
    try:
        return parse(path.read_text(encoding="utf-8"), as_type)
    except ValueError as error:
        raise DocumentError(f"{path.name}: {error}") from error
