"""What a file on disk holds: the rows of a CSV text or of a workbook, one list after the other."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import BinaryIO, Final, Literal, TypeVar

import msgspec
from msgspec.structs import replace

from shared.imports.cells import Context
from shared.imports.csv_text import CsvReader
from shared.imports.decoding import RowDecoder
from shared.imports.file_kinds import form_by_content
from shared.imports.issues import issue
from shared.imports.layout import LISTS_SHEET, NOTES_SHEET, SheetLayout
from shared.imports.legacy_text import DeclaredEncoding, legacy_of
from shared.imports.limits import MIB, Limits
from shared.imports.rows import Item, Notice
from shared.imports.table import TableReader, look_for_headings
from shared.imports.xlsx import Sheet, TableRow, Workbook

T = TypeVar("T")
SheetForm = Literal["csv", "xlsx"]
# Headings stand in the first rows; this much of each sheet is unpacked to look for them.
_LOOKED_AT: Final = 1 * MIB
# What makes rows without headings a table.
_ROWS: Final = 3
_CELLS: Final = 3


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
        looks = [(sheet, _look(workbook, sheet, limits)) for sheet in workbook.sheets]
        having = [sheet for sheet, first in looks if look_for_headings(first, layout, context)]
        # Without headings anywhere the first sheet is read, and its reader says what is missing.
        sheets = having or workbook.sheets[:1]
        yield [
            Notice(issue("sheet_left_out"), sheet.name)
            for sheet, first in looks
            if having
            and sheet not in having
            and sheet.name not in (LISTS_SHEET, NOTES_SHEET)
            and _is_table(first)
        ]
        hidden = sum(
            look_for_headings(_look(workbook, each, limits), layout, context) is not None
            for each in workbook.hidden_sheets
        )
        if hidden:
            yield [Notice(issue("hidden_sheet_left_out", count=hidden))]

        def table(sheet: Sheet, headings: dict[str, str]) -> TableReader[T]:
            merges = workbook.merged_ranges(sheet)
            return TableReader(layout, decoder, context, limits, merges=merges, headings=headings)

        if len(sheets) == 1:
            yield from _items_of(workbook, sheets[0], table(sheets[0], headings))
            return
        for sheet in reversed(sheets):
            written: dict[str, str] = {}
            _try_out(workbook, sheet, table(sheet, written))
            headings |= written
        before = 0
        for sheet in sheets:
            last = before
            for items in _items_of(workbook, sheet, table(sheet, {})):
                named = [_with_sheet(item, sheet.name, before) for item in items]
                last = max(
                    (each.number for each in named if not isinstance(each, Notice)), default=last
                )
                yield named
            before = last
    finally:
        workbook.close()


def _look(workbook: Workbook, sheet: Sheet, limits: Limits) -> list[TableRow]:
    """The first rows, among which the headings stand if the sheet has any."""
    first: list[TableRow] = []
    for batch in workbook.row_batches(sheet, at_most_bytes=_LOOKED_AT):
        first += batch
        if len(first) >= limits.header_search_rows:
            break
    return first[: limits.header_search_rows]


def _is_table(first: Sequence[TableRow]) -> bool:
    """Rows of several cells: more than a cover or a remark."""
    return sum(row.cells is None or len(row.cells) >= _CELLS for row in first) >= _ROWS


def _items_of(
    workbook: Workbook, sheet: Sheet, table: TableReader[T]
) -> Generator[list[Item[T]], None, None]:
    for batch in workbook.row_batches(sheet):
        yield [item for row in batch for item in table.push(row)]
    yield list(table.finish())


def _try_out(workbook: Workbook, sheet: Sheet, table: TableReader[T]) -> None:
    """Raises what refuses the sheet as a whole, before the rows of another sheet are taken in."""
    for batch in workbook.row_batches(sheet, at_most_bytes=_LOOKED_AT):
        for row in batch:
            for _ in table.push(row):
                return
    for _ in table.finish():
        return


def _with_sheet(item: Item[T], sheet: str, before: int) -> Item[T]:
    """Rows are counted on from the sheets before."""
    if isinstance(item, Notice):
        return replace(item, sheet=sheet)
    return replace(item, sheet=sheet, number=item.number + before)
