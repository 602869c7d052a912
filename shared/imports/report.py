"""The answer to a bulk request: what was counted and, row by row, what was wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from shared.contracts.problem import FieldError, Language, sentence
from shared.imports.issues import Issue
from shared.imports.rows import Notice, Row, RowProblem

STORED_AT_MOST: Final = 1000
Vocabulary = Literal["directory", "results"]


class _Line(NamedTuple):
    number: int
    place: int | None
    sheet: str | None
    found: Issue


@dataclass(slots=True)
class BulkReport:
    """``vocabulary`` chooses the names of the counts: a directory upserts (``created``, ``updated``,
    ``unchanged``), results are recorded once (``recorded``, ``duplicates``).

    At most ``stored_at_most`` errors and as many warnings are kept, those of the first rows; the
    totals go on, and the answer says when some were left out. ``headings``: of a sheet, by pointer.
    """

    language: Language = "vi"
    vocabulary: Vocabulary = "directory"
    stored_at_most: int = STORED_AT_MOST
    headings: Mapping[str, str] = field(default_factory=dict)
    received: int = 0
    rejected: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    errors_total: int = 0
    warnings_total: int = 0
    _errors: list[_Line] = field(default_factory=list)
    _warnings: list[_Line] = field(default_factory=list)

    def saw(self, item: Row[Any] | RowProblem | Notice) -> None:
        """Counts what the reader gave: good rows as received, refused ones as rejected too."""
        if isinstance(item, Row):
            self.received += 1
            for warning in item.warnings:
                self._store(item, warning)
            return
        if isinstance(item, Notice):
            self._store(item, item.issue)
            return
        if is_refused(item):
            self.received += 1
            self.rejected += 1
        for found in item.issues:
            self._store(item, found)

    def count(self, *, created: int = 0, updated: int = 0, unchanged: int = 0) -> None:
        """Rows that stand. ``created`` is also “recorded”, ``unchanged`` also “duplicates”."""
        self.created += created
        self.updated += updated
        self.unchanged += unchanged

    def reject(self, row: Row[Any], faults: Sequence[Issue | FieldError]) -> None:
        """A row that was read but that a rule refuses; it was counted as received already."""
        self.rejected += 1
        for fault in faults:
            self._store(row, _as_issue(fault))

    def add(self, problem: RowProblem, faults: Sequence[Issue | FieldError]) -> None:
        """More faults of a row that was refused already; what is said of a place is said once."""
        faulty = [found.pointer for found in problem.issues if found.severity == "error"]
        for fault in faults:
            if not any(same_place(fault.pointer, pointer) for pointer in faulty):
                self._store(problem, _as_issue(fault))

    def warn(self, row: Row[Any], warnings: Sequence[Issue | FieldError]) -> None:
        """Doubts about a row that stands."""
        for warning in warnings:
            one = _as_issue(warning)
            self._store(
                row, Issue(one.pointer, one.code, one.message_vi, one.message_en, "warning")
            )

    def as_json(self) -> dict[str, Any]:
        counts: dict[str, Any] = {"received": self.received}
        if self.vocabulary == "directory":
            counts |= {
                "created": self.created, "updated": self.updated, "unchanged": self.unchanged,
            }  # fmt: skip
        else:
            counts |= {"recorded": self.created, "duplicates": self.unchanged}
        return {
            **counts,
            "rejected": self.rejected,
            "errors": [self._line(one) for one in self._in_order(self._errors)],
            "warnings": [self._line(one) for one in self._in_order(self._warnings)],
            "errors_total": self.errors_total,
            "warnings_total": self.warnings_total,
            "errors_truncated": self.errors_total > len(self._errors),
            "warnings_truncated": self.warnings_total > len(self._warnings),
        }

    def _store(self, item: Row[Any] | RowProblem | Notice, found: Issue) -> None:
        if found.severity == "error":
            self.errors_total += 1
            kept = self._errors
        else:
            self.warnings_total += 1
            kept = self._warnings
        if len(kept) < self.stored_at_most:
            number, place = (0, None) if isinstance(item, Notice) else (item.number, item.place)
            kept.append(_Line(number, place, item.sheet, found))

    @staticmethod
    def _in_order(kept: Sequence[_Line]) -> list[_Line]:
        """Rules refuse a batch after its reader did, so that rows come in out of order."""
        return sorted(kept, key=lambda one: one.number)

    def _line(self, kept: _Line) -> dict[str, Any]:
        number, place, sheet, found = kept
        line: dict[str, Any] = {
            "row": number,
            "pointer": found.pointer,
            "code": found.code,
            "message": sentence(found.message_vi if self.language == "vi" else found.message_en),
        }
        if place is not None:
            line["place"] = place
        if sheet is not None:
            line["sheet"] = sheet
        if (column := self.headings.get(found.pointer)) is not None:
            line["column"] = column
        return line


def is_refused(item: RowProblem) -> bool:
    """Otherwise it was left out on purpose: the report says so, and nobody has to mend it."""
    return any(found.severity == "error" for found in item.issues)


def same_place(one: str, other: str) -> bool:
    """Whether two pointers point at one thing, or at a thing and a part of it."""
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/") or not other


def _as_issue(fault: Issue | FieldError) -> Issue:
    if isinstance(fault, Issue):
        return fault
    return Issue(fault.pointer, fault.code, fault.message_vi, fault.message_en)
