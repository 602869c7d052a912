"""What a file on disk holds: the rows of a CSV text or of a workbook, one list after the other."""

from __future__ import annotations

from collections.abc import Generator
from typing import BinaryIO, Final, Literal, TypeVar

import msgspec

from shared.imports.cells import Context
from shared.imports.csv_text import CsvReader
from shared.imports.decoding import RowDecoder
from shared.imports.file_kinds import form_by_content
from shared.imports.issues import issue
from shared.imports.layout import SheetLayout
from shared.imports.legacy_text import DeclaredEncoding, legacy_of
from shared.imports.limits import MIB, Limits
from shared.imports.rows import Item, Notice
from shared.imports.table import TableReader, look_for_headings
from shared.imports.xlsx import Sheet, TableRow, Workbook

T = TypeVar("T")
SheetForm = Literal["csv", "xlsx"]
# Headings stand in the first rows; this much of each sheet is unpacked to look for them.
_LOOKED_AT: Final = 1 * MIB


class Task(msgspec.Struct, frozen=True):
    """What a file is read as."""

    form: SheetForm
    layout: SheetLayout
    encoding: DeclaredEncoding | None
    limits: Limits


def context_of(declared: DeclaredEncoding | None) -> Context:
    return Context(legacy_of(declared), insisted=declared == "unicode")


def file_items(
    file: BinaryIO, task: Task, decoder: RowDecoder[T], headings: dict[str, str]
) -> Generator[list[Item[T]], None, None]:
    """What the file holds, in lists of some rows. ``headings`` is filled before the first row."""
    form = form_by_content(file, task.form)
    read = _csv_items if form == "csv" else _sheet_items
    return read(file, task.layout, decoder, context_of(task.encoding), task.limits, headings)


def _csv_items(
    file: BinaryIO,
    layout: SheetLayout,
    decoder: RowDecoder[T],
    context: Context,
    limits: Limits,
    headings: dict[str, str],
) -> Generator[list[Item[T]], None, None]:
    file.seek(0)
    reader = CsvReader(limits, context.encoding, layout)
    table = TableReader(layout, decoder, context, limits, strict_width=True, headings=headings)
    while chunk := file.read(limits.chunk_bytes):
        yield [item for row in reader.feed(chunk) for item in table.push(row)]
    yield [item for row in reader.feed(b"", final=True) for item in table.push(row)]
    yield list(table.finish())


def _sheet_items(
    file: BinaryIO,
    layout: SheetLayout,
    decoder: RowDecoder[T],
    context: Context,
    limits: Limits,
    headings: dict[str, str],
) -> Generator[list[Item[T]], None, None]:
    workbook = Workbook(file, limits)
    try:
        context = context._replace(epoch_1904=workbook.epoch_1904)
        sheet, others = _choose(workbook, layout, context, limits)
        merges = workbook.merged_ranges(sheet)
        table = TableReader(layout, decoder, context, limits, merges=merges, headings=headings)
        if others:
            yield [Notice(issue("other_sheets_ignored", count=others))]
        hidden = sum(
            _is_headed(workbook, each, layout, context, limits) for each in workbook.hidden_sheets
        )
        if hidden:
            yield [Notice(issue("hidden_sheet_left_out", count=hidden))]
        for batch in workbook.row_batches(sheet):
            yield [item for row in batch for item in table.push(row)]
        yield list(table.finish())
    finally:
        workbook.close()


def _choose(
    workbook: Workbook, layout: SheetLayout, context: Context, limits: Limits
) -> tuple[Sheet, int]:
    """The first sheet that has the headings, and how many others have them too."""
    having = [
        each for each in workbook.sheets if _is_headed(workbook, each, layout, context, limits)
    ]
    # Without headings anywhere the first sheet is read, and its reader says what is missing.
    return (having[0], len(having) - 1) if having else (workbook.sheets[0], 0)


def _is_headed(
    workbook: Workbook, sheet: Sheet, layout: SheetLayout, context: Context, limits: Limits
) -> bool:
    first: list[TableRow] = []
    for batch in workbook.row_batches(sheet, at_most_bytes=_LOOKED_AT):
        first += batch
        if len(first) >= limits.header_search_rows:
            break
    return look_for_headings(first[: limits.header_search_rows], layout, context) is not None
