"""Lists out of the system as XLSX and CSV, by the same layouts that read them in."""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import io
import tempfile
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Callable,
    Hashable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import AbstractAsyncContextManager, nullcontext
from decimal import Decimal
from typing import Any, Final, TypeVar

import xlsxwriter

from shared.contracts.problem import Language
from shared.imports.layout import Choice, Column, Date, SheetLayout, YearOrDate

Row = TypeVar("Row")

XLSX_ROW_LIMIT: Final = 1_048_575
# Excel's own number for its format “Text”.
TEXT_FORMAT: Final = 49
_CHUNK: Final = 64 * 1024
BATCH: Final = 250
"""Rows read and written in one piece: others, who ask meanwhile, wait for a piece and not for the file."""
_SAMPLED_ROWS: Final = 500
_NARROWEST: Final = 8
_WIDEST: Final = 60
_A4: Final = 9
"""Excel's own number for the paper."""
# A spreadsheet takes the full-width signs of East Asian keyboards for the plain ones.
_FORMULA_STARTS: Final = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "－",
    "＠",
    "﹦",
    "﹢",
    "﹣",
    "﹫",
)
_BLANKS: Final = " \u00a0\u3000\u200b\ufeff"
_SUSPICIOUS: Final = frozenset((*_FORMULA_STARTS, *_BLANKS))
_SHEET_NAME_REFUSES: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


def heading_of(column: Column, language: Language) -> str:
    return column.vi if language == "vi" else column.en


def sheet_name(layout: SheetLayout, language: Language) -> str:
    """Excel allows 31 characters and not all of them."""
    name = layout.name_vi if language == "vi" else layout.name_en
    return name.translate(_SHEET_NAME_REFUSES)[:31].strip()


Piece = Callable[[], AbstractAsyncContextManager[None]]
"""Taken around each piece of work, so that files that are made at once take turns."""


Cell = str | int | Decimal


def cells_of(
    layout: SheetLayout, language: Language
) -> Callable[[Mapping[str, Any]], Iterator[Cell]]:
    """What stands in the columns for a row in its JSON form; an absent value is empty. What a column is, is
    looked at once and not for every cell."""
    columns = [(_finder(column.field), _shower(column, language)) for column in layout.columns]

    def cells(row: Mapping[str, Any]) -> Iterator[Cell]:
        for find, show in columns:
            value = find(row)
            yield "" if value is None else show(value)

    return cells


def _finder(field: str) -> Callable[[Mapping[str, Any]], Any]:
    first, *further = field.split("/")

    def find(row: Mapping[str, Any]) -> Any:
        value = row.get(first)
        for step in further:
            # Rows are plain dictionaries; asking the abstract class first took a fifth of an export.
            if type(value) is dict or isinstance(value, Mapping):
                value = value.get(step)
            elif isinstance(value, list | tuple) and step.isdigit() and int(step) < len(value):
                value = value[int(step)]
            else:
                return None
        return value

    return find


def _shower(column: Column, language: Language) -> Callable[[Any], Cell]:
    truth = {"vi": ("không", "có"), "en": ("no", "yes")}[language]
    words = {}
    if isinstance(column.kind, Choice):
        words = {o.value: o.vi if language == "vi" else o.en for o in reversed(column.kind.options)}
    dated = isinstance(column.kind, Date | YearOrDate)

    def show(value: Any) -> Cell:
        if isinstance(value, bool):
            return truth[value]
        if words and isinstance(value, Hashable) and value in words:
            return words[value]
        if dated:
            return _shown_date(value)
        if isinstance(value, str | int | Decimal):
            return value
        return Decimal(repr(value)) if isinstance(value, float) else str(value)

    return show


def _shown_date(value: object) -> str:
    day = value
    if isinstance(value, str) and len(value) == 10:
        try:
            day = dt.date.fromisoformat(value)
        except ValueError:
            return value
    return f"{day:%d/%m/%Y}" if isinstance(day, dt.date) else str(day)


async def batches(rows: AsyncIterable[Row], size: int = BATCH) -> AsyncIterator[list[Row]]:
    batch: list[Row] = []
    async for row in rows:
        batch.append(row)
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch


async def csv_export(
    layout: SheetLayout,
    rows: AsyncIterable[Mapping[str, Any]],
    language: Language,
    piece: Piece = nullcontext,
) -> AsyncIterator[bytes]:
    """UTF-8 with its mark (Excel reads it right only then), streamed. As in the templates cells are parted
    by semicolons, and decimals by a comma: Vietnamese Excel takes “6.5” for a day in May.

    Text that a spreadsheet would run as a formula gets an apostrophe before it; imports take it off.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";")
    buffer.write("\ufeff")
    writer.writerow(heading_of(column, language) for column in layout.columns)
    cells = cells_of(layout, language)
    async for batch in batches(rows):
        async with piece():
            for row in batch:
                writer.writerow(map(_as_text, cells(row)))
        if buffer.tell() >= _CHUNK:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _as_text(cell: Cell) -> str:
    if isinstance(cell, str):
        return f"'{cell}" if _runs(cell) else cell
    text = f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
    whole, point, decimals = text.partition(".")
    # Three decimals and a comma before them could be thousands: a fourth tells that they are not.
    return f"{whole},{decimals:0<4}" if len(decimals) == 3 else f"{whole}{point and ','}{decimals}"


def _runs(cell: str) -> bool:
    """Whether a spreadsheet could take the text for a formula, also behind spaces."""
    return cell[:1] in _SUSPICIOUS and cell.lstrip(_BLANKS).startswith(_FORMULA_STARTS)


async def xlsx_export(
    layout: SheetLayout,
    rows: AsyncIterable[Mapping[str, Any]],
    language: Language,
    piece: Piece = nullcontext,
) -> AsyncIterator[bytes]:
    """A workbook made on disk row by row, then sent. Text stays text: codes keep their zeros and
    nothing is a formula. Columns are as wide as what stands in their first rows. More rows than a sheet
    holds go on in further sheets."""
    with tempfile.TemporaryFile() as file:
        book = xlsxwriter.Workbook(file, {"constant_memory": True})
        try:
            head = book.add_format(
                {"bold": True, "text_wrap": True, "bg_color": "#DDE8F5", "border": 1}
            )
            plain = book.add_format({"num_format": TEXT_FORMAT})
            quoted = book.add_format({"num_format": TEXT_FORMAT, "quote_prefix": True})
            base = sheet_name(layout, language)
            cells = cells_of(layout, language)
            sheet: Any = None
            line = sheets = 0
            widths: list[int] = []

            def write(batch: Sequence[Mapping[str, Any]]) -> None:
                nonlocal sheet, line, sheets, widths
                for row in batch:
                    if sheet is None or line > XLSX_ROW_LIMIT:
                        sheets += 1
                        name = base if sheets == 1 else f"{base[:26]} ({sheets})"
                        sheet, line = _headed(book, layout, name, language, head), 1
                        widths = [0] * len(layout.columns)
                    sampled = line <= _SAMPLED_ROWS
                    for position, cell in enumerate(cells(row)):
                        if sampled:
                            widths[position] = max(widths[position], len(str(cell)))
                        if isinstance(cell, str):
                            if cell:
                                style = quoted if _runs(cell) else plain
                                sheet.write_string(line, position, cell, style)
                        else:
                            sheet.write_number(line, position, cell)
                    line += 1
                    if line == _SAMPLED_ROWS + 1:
                        _widen(sheet, layout, language, widths)

            async for batch in batches(rows):
                async with piece():
                    await _in_thread(write, batch)
            if sheet is None:
                _headed(book, layout, base, language, head)
            elif line <= _SAMPLED_ROWS:
                _widen(sheet, layout, language, widths)
        finally:
            async with piece():
                await _in_thread(book.close)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


async def _in_thread(step: Callable[..., None], *arguments: object) -> None:
    """Ends with the step, even where the reader has gone: the thread uses the file that is then closed."""
    running = asyncio.ensure_future(asyncio.to_thread(step, *arguments))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise


def _headed(book: Any, layout: SheetLayout, name: str, language: Language, head: Any) -> Any:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)
    for position, column in enumerate(layout.columns):
        sheet.write_string(0, position, heading_of(column, language), head)
    _widen(sheet, layout, language, [0] * len(layout.columns))
    return sheet


def _widen(sheet: Any, layout: SheetLayout, language: Language, lengths: Sequence[int]) -> None:
    """``lengths``: characters of the longest cell of each column. Headings break between words."""
    for position, (column, length) in enumerate(zip(layout.columns, lengths, strict=True)):
        heading = heading_of(column, language)
        needed = max(length, *map(len, heading.split()), min(20, len(heading)))
        sheet.set_column(position, position, max(_NARROWEST, min(_WIDEST, needed + 2)))
