"""The way in for bulk bodies: JSON array, NDJSON, CSV and XLSX become rows, one after the other.

    report = BulkReport(language=language)
    async for batch in batches(rows(request.stream(), content_type, shape=OfficialRow, sheet=ROSTER), report):
        ...                                 # list[Row[OfficialRow]], at most 1 000
        report.count(created=3, updated=1)
    return report.as_json()

Memory holds one chunk, one row and, for XLSX, a bounded cache; never the body.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any, BinaryIO, Final, Literal, TypeVar, cast, overload

from shared.imports.cells import Context
from shared.imports.csv_text import CsvReader
from shared.imports.decoding import RowDecoder, RowError
from shared.imports.errors import (
    BodyEncodingUnreadable,
    UnsupportedMediaType,
    body_too_large,
)
from shared.imports.issues import issue
from shared.imports.json_array import ArrayScanner
from shared.imports.layout import SheetLayout
from shared.imports.legacy_text import LegacyEncoding
from shared.imports.limits import DEFAULT_LIMITS, MIB, Limits
from shared.imports.report import BulkReport
from shared.imports.rows import Item, Notice, Row, RowProblem
from shared.imports.table import TableReader, look_for_headings
from shared.imports.text_lines import LineSplitter, Utf8Stream
from shared.imports.xlsx import Sheet, TableRow, Workbook

T = TypeVar("T")
Form = Literal["json", "ndjson", "csv", "xlsx"]

XLSX_MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES: Final[dict[str, Form]] = {
    "application/json": "json",
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
    "text/csv": "csv",
    XLSX_MEDIA_TYPE: "xlsx",
}
# Headings stand in the first rows; this much of each sheet is unpacked to look for them.
_LOOKED_AT: Final = 1 * MIB
_UTF8_NAMES: Final = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})


def form_of(media_type: str, *, sheets: bool) -> Form:
    """The form that a Content-Type names. Raises ``UnsupportedMediaType`` (415), and
    ``BodyEncodingUnreadable`` for a charset other than UTF-8 (UTF-16 is allowed for CSV)."""
    name, _, parameters = media_type.partition(";")
    form = MEDIA_TYPES.get(name.strip().lower())
    if form is None or (form in ("csv", "xlsx") and not sheets):
        allowed = ", ".join(
            name for name, form in MEDIA_TYPES.items() if sheets or form in ("json", "ndjson")
        )
        raise UnsupportedMediaType(
            f"Hãy gửi một trong các dạng: {allowed}.", f"Send one of: {allowed}."
        )
    for parameter in parameters.split(";"):
        key, _, value = parameter.strip().partition("=")
        charset = value.strip("\"' ").lower()
        if key.lower() != "charset" or charset in _UTF8_NAMES:
            continue
        if (
            form == "json"
            or form == "ndjson"
            or (form == "csv" and not charset.startswith("utf-16"))
        ):
            raise BodyEncodingUnreadable("Văn bản phải ở bảng mã UTF-8.", "The text must be UTF-8.")
    return form


@overload
def rows(
    stream: AsyncIterator[bytes],
    media_type: str,
    *,
    sheet: SheetLayout | None = None,
    encoding: LegacyEncoding | None = None,
    limits: Limits = DEFAULT_LIMITS,
    headings: dict[str, str] | None = None,
) -> AsyncIterator[Item[dict[str, Any]]]: ...


@overload
def rows(
    stream: AsyncIterator[bytes],
    media_type: str,
    *,
    shape: type[T],
    sheet: SheetLayout | None = None,
    encoding: LegacyEncoding | None = None,
    limits: Limits = DEFAULT_LIMITS,
    headings: dict[str, str] | None = None,
) -> AsyncIterator[Item[T]]: ...


def rows(
    stream: AsyncIterator[bytes],
    media_type: str,
    *,
    shape: Any = dict[str, Any],
    sheet: SheetLayout | None = None,
    encoding: LegacyEncoding | None = None,
    limits: Limits = DEFAULT_LIMITS,
    headings: dict[str, str] | None = None,
) -> AsyncIterator[Item[Any]]:
    """Rows, row problems and remarks of a body, as it arrives.

    ``shape`` is what msgspec makes of a row (JSON objects by default); ``sheet`` says what columns
    CSV and XLSX have, and without it they are refused; ``headings`` is filled with the headings that the
    file gives them, by pointer. Problems of the body as a whole are raised;
    those found midway (a cut JSON array, a body over its limit) leave the rows before them valid.
    An unsupported media type is refused at once, before the body is touched.
    """
    form = form_of(media_type, sheets=sheet is not None)
    decoder: RowDecoder[Any] = RowDecoder(shape, encoding)
    chunks = _measured(stream, limits)
    if form == "json":
        return _json(chunks, decoder, limits)
    if form == "ndjson":
        return _ndjson(chunks, decoder, limits)
    assert sheet is not None
    if form == "csv":
        return _csv(chunks, sheet, decoder, encoding, limits, headings)
    return _xlsx(chunks, sheet, decoder, encoding, limits, headings)


async def batches(
    items: AsyncIterator[Item[T]], report: BulkReport, size: int = 1000
) -> AsyncIterator[list[Row[T]]]:
    """Good rows in lists of at most ``size``. Problems, warnings and remarks go to the report, and
    every row is counted as received there."""
    batch: list[Row[T]] = []
    async for item in items:
        report.saw(item)
        if isinstance(item, Row):
            batch.append(item)
            if len(batch) >= size:
                yield batch
                batch = []
    if batch:
        yield batch


async def _measured(stream: AsyncIterator[bytes], limits: Limits) -> AsyncIterator[bytes]:
    """Even pieces: a sender of single bytes must not make every byte a scan of its own."""
    received = 0
    held: list[bytes] = []
    size = 0
    async for chunk in stream:
        received += len(chunk)
        if received > limits.max_body_bytes:
            raise body_too_large(limits.max_body_bytes)
        for start in range(0, len(chunk), limits.chunk_bytes):
            piece = chunk[start : start + limits.chunk_bytes]
            held.append(piece)
            size += len(piece)
            if size >= limits.chunk_bytes:
                yield b"".join(held)
                held, size = [], 0
                # A body that is already here would otherwise never let another request in.
                await asyncio.sleep(0)
    if held:
        yield b"".join(held)


async def _json(
    chunks: AsyncIterator[bytes], decoder: RowDecoder[T], limits: Limits
) -> AsyncIterator[Item[T]]:
    scanner = ArrayScanner(limits.max_row_bytes)
    number = 0
    async for chunk in chunks:
        for raw in scanner.feed(chunk):
            number += 1
            yield _decoded(raw, number, None, decoder, limits)
    scanner.close()


async def _ndjson(
    chunks: AsyncIterator[bytes], decoder: RowDecoder[T], limits: Limits
) -> AsyncIterator[Item[T]]:
    utf8 = Utf8Stream(allow_utf16=False)
    splitter = LineSplitter(limits.max_row_bytes)
    number = place = 0
    async for chunk in chunks:
        for line in splitter.feed(utf8.feed(chunk)):
            place += 1
            if line is None or line.strip():
                number += 1
                yield _decoded(line, number, place, decoder, limits)
    for line in [*splitter.feed(utf8.feed(b"", final=True)), *splitter.close()]:
        place += 1
        if line is None or line.strip():
            number += 1
            yield _decoded(line, number, place, decoder, limits)


def _decoded(
    raw: bytes | None, number: int, place: int | None, decoder: RowDecoder[T], limits: Limits
) -> Row[T] | RowProblem:
    if raw is None:
        return RowProblem(number, place, (issue("row_too_large", limit=limits.max_row_bytes),))
    try:
        return Row(number, place, decoder.decode(raw))
    except RowError as refused:
        return RowProblem(number, place, (refused.issue,), decoder.loosely(raw))


async def _csv(
    chunks: AsyncIterator[bytes],
    layout: SheetLayout,
    decoder: RowDecoder[T],
    encoding: LegacyEncoding | None,
    limits: Limits,
    headings: dict[str, str] | None,
) -> AsyncIterator[Item[T]]:
    reader = CsvReader(limits, encoding)
    table = TableReader(
        layout, decoder, Context(encoding), limits, strict_width=True, headings=headings
    )
    async for chunk in chunks:
        for row in reader.feed(chunk):
            for item in table.push(row):
                yield item
        await asyncio.sleep(0)
    for row in reader.feed(b"", final=True):
        for item in table.push(row):
            yield item
    for item in table.finish():
        yield item


async def _xlsx(
    chunks: AsyncIterator[bytes],
    layout: SheetLayout,
    decoder: RowDecoder[T],
    encoding: LegacyEncoding | None,
    limits: Limits,
    headings: dict[str, str] | None,
) -> AsyncIterator[Item[T]]:
    """The directory of a zip is its end, so the file is kept (unnamed, on disk) until it is read.
    Unpacking runs in a thread: one sheet's texts can take a second."""
    with tempfile.SpooledTemporaryFile(max_size=MIB) as spool:
        async for chunk in chunks:
            spool.write(chunk)
        batches_of_items = _sheet_items(
            cast("BinaryIO", spool), layout, decoder, encoding, limits, headings
        )
        try:
            while (items := await _in_thread(batches_of_items)) is not None:
                for item in items:
                    yield item
        finally:
            batches_of_items.close()


async def _in_thread(batches_of_items: Iterator[list[Item[T]]]) -> list[Item[T]] | None:
    step = asyncio.get_running_loop().run_in_executor(None, next, batches_of_items, None)
    try:
        return await asyncio.shield(step)
    except asyncio.CancelledError:
        # The thread still uses the file that the caller is about to close.
        await asyncio.wait([step])
        raise


def _sheet_items(
    file: BinaryIO,
    layout: SheetLayout,
    decoder: RowDecoder[T],
    encoding: LegacyEncoding | None,
    limits: Limits,
    headings: dict[str, str] | None,
) -> Generator[list[Item[T]], None, None]:
    workbook = Workbook(file, limits)
    try:
        context = Context(encoding, workbook.epoch_1904)
        sheet, others = _choose(workbook, layout, context, limits)
        merges = workbook.merged_ranges(sheet)
        table = TableReader(layout, decoder, context, limits, merges=merges, headings=headings)
        if others:
            yield [Notice(issue("other_sheets_ignored", count=others))]
        for batch in workbook.row_batches(sheet):
            yield [item for row in batch for item in table.push(row)]
        yield list(table.finish())
    finally:
        workbook.close()


def _choose(
    workbook: Workbook, layout: SheetLayout, context: Context, limits: Limits
) -> tuple[Sheet, int]:
    """The first sheet that has the headings, and how many others have them too."""
    having: list[Sheet] = []
    for sheet in workbook.sheets:
        first: list[TableRow] = []
        for batch in workbook.row_batches(sheet, at_most_bytes=_LOOKED_AT):
            first += batch
            if len(first) >= limits.header_search_rows:
                break
        if look_for_headings(first[: limits.header_search_rows], layout, context):
            having.append(sheet)
    # Without headings anywhere the first sheet is read, and its reader says what is missing.
    return (having[0], len(having) - 1) if having else (workbook.sheets[0], 0)
