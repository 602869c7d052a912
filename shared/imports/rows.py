"""What a bulk body is read into: good rows, refused rows, and remarks about the file."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec

from shared.imports.issues import Issue

T = TypeVar("T")


class Row(msgspec.Struct, Generic[T], frozen=True, gc=False):
    """A row that could be read. ``number`` counts from 1 over non-blank rows; ``place`` is where
    the clerk finds it (row of the sheet, line of the text; null for a JSON array), ``sheet`` the sheet where
    several are read."""

    number: int
    place: int | None
    value: T
    warnings: tuple[Issue, ...] = ()
    sheet: str | None = None


class RowProblem(msgspec.Struct, frozen=True):
    """A row that cannot be taken. ``issues`` holds at least one error and
    its warnings; without an error the row was left out on purpose (a template's example). ``readable`` is what
    could be read of it in JSON's shape, unchecked; null when nothing could."""

    number: int
    place: int | None
    issues: tuple[Issue, ...]
    readable: Any = None
    sheet: str | None = None


class Notice(msgspec.Struct, frozen=True):
    """A remark about the file as a whole, given once; reported as row 0."""

    issue: Issue
    sheet: str | None = None


Item = Row[T] | RowProblem | Notice
