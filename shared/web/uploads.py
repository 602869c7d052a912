"""What an endpoint says of its upload: how a row is prepared, how a chunk of rows is written."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from shared.contracts.problem import FieldError
from shared.imports.issues import Issue
from shared.imports.layout import SheetLayout
from shared.imports.report import Vocabulary
from shared.imports.rows import Row, RowProblem
from shared.persistence.unit_of_work import UnitOfWork

CHUNK = 1000
"""Rows that are written in one transaction."""

Prepared = TypeVar("Prepared")
Faults = Sequence[Issue | FieldError]


@dataclass(slots=True)
class Taken:
    """What became of the rows of one chunk; warnings do not change the counts."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: list[tuple[Row[Any], Faults]] = field(default_factory=list)
    warned: list[tuple[Row[Any], Faults]] = field(default_factory=list)
    further: list[tuple[RowProblem, Faults]] = field(default_factory=list)
    """More that is wrong with rows that could not be read."""


class BulkUpload(ABC, Generic[Prepared]):
    """One upload of one caller. :meth:`prepare` is pure and runs while the chunk before is being committed.

    A chunk that meets a deadlock is tried again as a whole, so :meth:`take` changes nothing but the database.
    """

    shape: ClassVar[Any] = dict[str, Any]
    """The type of a row, as msgspec decodes it."""
    sheet: ClassVar[SheetLayout | None] = None
    """The layout of a CSV or XLSX; null: the upload is JSON alone."""
    vocabulary: ClassVar[Vocabulary] = "directory"
    size: ClassVar[int] = CHUNK
    """Rows of one chunk."""

    @abstractmethod
    def prepare(self, row: Row[Any]) -> Prepared:
        """What is written of a row, or why it is refused."""

    @abstractmethod
    async def take(self, work: UnitOfWork, rows: list[Prepared]) -> Taken:
        """Writes one chunk."""

    def together(self, last: Prepared, following: Prepared) -> bool:
        """Whether a row belongs into the chunk of the row before it (up to twice :attr:`size`)."""
        del last, following
        return False

    def unread(self, problem: RowProblem) -> Faults:
        """What else is wrong with a row that cannot be read."""
        del problem
        return ()

    def waits(self) -> bool:
        """Whether the last chunk is taken though it has no row."""
        return False

    @property
    def finishes(self) -> bool:
        """Whether :meth:`finish` has something to say."""
        return False

    async def finish(self, work: UnitOfWork) -> dict[str, Any]:
        """Runs in a transaction after the last chunk, and adds members to the answer."""
        del work
        return {}
