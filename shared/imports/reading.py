"""The way in for bulk bodies: JSON array, NDJSON, CSV and XLSX become rows, one after the other.

    report = BulkReport(language=language)
    async for batch in batches(rows(request.stream(), content_type, shape=OfficialRow, sheet=ROSTER), report):
        ...                                 # list[Row[OfficialRow]], at most 1 000
        report.count(created=3, updated=1)
    return report.as_json()

Memory holds one chunk, one row and, for XLSX, a bounded cache; never the body. CSV and XLSX wait on disk
until they are whole, and are read in a process of their own where ``apart`` is given.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any, BinaryIO, Final, Literal, TypeVar, cast, overload

from msgspec.structs import replace

from shared.imports.apart import ReaderProcesses
from shared.imports.decoding import RowDecoder, RowError
from shared.imports.errors import (
    BodyEncodingUnreadable,
    UnsupportedMediaType,
    body_too_large,
    packed_body,
)
from shared.imports.file_items import SheetForm, Task, file_items
from shared.imports.issues import issue
from shared.imports.json_array import ArrayScanner
from shared.imports.layout import SheetLayout
from shared.imports.legacy_text import DeclaredEncoding, legacy_of
from shared.imports.limits import DEFAULT_LIMITS, Limits
from shared.imports.report import BulkReport, same_place
from shared.imports.rows import Item, Row, RowProblem
from shared.imports.text_lines import LineSplitter, Utf8Stream

T = TypeVar("T")
Form = Literal["json", "ndjson"] | SheetForm

XLSX_MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES: Final[dict[str, Form]] = {
    "application/json": "json",
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
    "text/csv": "csv",
    "text/tab-separated-values": "csv",
    "text/plain": "csv",
    # What Windows sends for a CSV where Excel is installed; the content says what it is.
    "application/vnd.ms-excel": "csv",
    "application/vnd.ms-excel.sheet.macroenabled.12": "xlsx",
    XLSX_MEDIA_TYPE: "xlsx",
}
_GZIP: Final = b"\x1f\x8b"
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
    encoding: DeclaredEncoding | None = None,
    limits: Limits = DEFAULT_LIMITS,
    headings: dict[str, str] | None = None,
    apart: ReaderProcesses | None = None,
) -> AsyncIterator[Item[dict[str, Any]]]: ...


@overload
def rows(
    stream: AsyncIterator[bytes],
    media_type: str,
    *,
    shape: type[T],
    sheet: SheetLayout | None = None,
    encoding: DeclaredEncoding | None = None,
    limits: Limits = DEFAULT_LIMITS,
    headings: dict[str, str] | None = None,
    apart: ReaderProcesses | None = None,
) -> AsyncIterator[Item[T]]: ...


def rows(
    stream: AsyncIterator[bytes],
    media_type: str,
    *,
    shape: Any = dict[str, Any],
    sheet: SheetLayout | None = None,
    encoding: DeclaredEncoding | None = None,
    limits: Limits = DEFAULT_LIMITS,
    headings: dict[str, str] | None = None,
    apart: ReaderProcesses | None = None,
) -> AsyncIterator[Item[Any]]:
    """Rows, row problems and remarks of a body, as it arrives.

    ``shape`` is what msgspec makes of a row (JSON objects by default); ``sheet`` says what columns
    CSV and XLSX have, and without it they are refused; ``headings`` is filled with the headings that the
    file gives them, by pointer. Problems of the body as a whole are raised;
    those found midway (a cut JSON array, a body over its limit) leave the rows before them valid.
    An unsupported media type is refused at once, before the body is touched.
    """
    form = form_of(media_type, sheets=sheet is not None)
    decoder: RowDecoder[Any] = RowDecoder(shape, legacy_of(encoding))
    chunks = _measured(stream, limits)
    if form == "json":
        return _json(chunks, decoder, limits)
    if form == "ndjson":
        return _ndjson(chunks, decoder, limits)
    assert sheet is not None
    task = Task(form, sheet, encoding, limits)
    return _from_file(chunks, task, decoder, apart, {} if headings is None else headings)


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


async def whole(
    stream: AsyncIterator[bytes], limits: Limits = DEFAULT_LIMITS
) -> AsyncIterator[bytes]:
    """The same body, but nothing of it before all of it has arrived; it waits on disk."""
    with tempfile.TemporaryFile() as file:
        async for chunk in _measured(stream, limits):
            file.write(chunk)
        file.seek(0)
        while chunk := file.read(limits.chunk_bytes):
            yield chunk
            await asyncio.sleep(0)


async def _measured(stream: AsyncIterator[bytes], limits: Limits) -> AsyncIterator[bytes]:
    """Even pieces: a sender of single bytes must not make every byte a scan of its own."""
    received = 0
    pieces: list[bytes] = []
    size = 0
    async for chunk in stream:
        if not received and chunk.startswith(_GZIP):
            raise packed_body()
        received += len(chunk)
        if received > limits.max_body_bytes:
            raise body_too_large(limits.max_body_bytes)
        for start in range(0, len(chunk), limits.chunk_bytes):
            piece = chunk[start : start + limits.chunk_bytes]
            pieces.append(piece)
            size += len(piece)
            if size >= limits.chunk_bytes:
                yield b"".join(pieces)
                pieces, size = [], 0
                # A body that is already here would otherwise never let another request in.
                await asyncio.sleep(0)
    if pieces:
        yield b"".join(pieces)


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
        return RowProblem(number, place, refused.issues, decoder.loosely(raw))


async def _from_file(
    chunks: AsyncIterator[bytes],
    task: Task,
    decoder: RowDecoder[T],
    apart: ReaderProcesses | None,
    headings: dict[str, str],
) -> AsyncIterator[Item[T]]:
    """The file is kept (unnamed, on disk) until it is whole: the directory of a zip is its end, and who
    sends slowly must not hold a process that reads. Without ``apart`` a thread reads it."""
    with tempfile.TemporaryFile() as file:
        size = 0
        async for chunk in chunks:
            size += file.write(chunk)
        if apart is not None:
            async with aclosing(apart.read(cast("BinaryIO", file), size, task, headings)) as items:
                async for item in items:
                    yield _shaped(item, decoder)
            return
        plain: RowDecoder[dict[str, Any]] = RowDecoder(dict[str, Any], legacy_of(task.encoding))
        batches_of_items = file_items(cast("BinaryIO", file), task, plain, headings)
        try:
            while (found := await _in_thread(batches_of_items)) is not None:
                for item in found:
                    yield _shaped(item, decoder)
        finally:
            batches_of_items.close()


def _shaped(item: Item[dict[str, Any]], decoder: RowDecoder[T]) -> Item[T]:
    """A row of a sheet as the list wants it, or what is wrong with its shape."""
    if isinstance(item, RowProblem):
        return _with_faults_of_shape(item, decoder)
    if not isinstance(item, Row):
        return item
    try:
        return Row(item.number, item.place, decoder.convert(item.value), item.warnings, item.sheet)
    except RowError as refused:
        issues = (*item.warnings, *refused.issues)
        return RowProblem(item.number, item.place, issues, item.value, item.sheet)


async def _in_thread(batches_of_items: Iterator[list[Item[T]]]) -> list[Item[T]] | None:
    step = asyncio.get_running_loop().run_in_executor(None, next, batches_of_items, None)
    try:
        return await asyncio.shield(step)
    except asyncio.CancelledError:
        # The thread still uses the file that the caller is about to close.
        await asyncio.wait([step])
        raise


def _with_faults_of_shape(item: RowProblem, decoder: RowDecoder[T]) -> RowProblem:
    """A cell that could not be read hides no other fault of its row."""
    faulty = [found.pointer for found in item.issues if found.severity == "error"]
    if item.readable is None or not all(faulty) or not faulty:
        return item
    try:
        decoder.convert(item.readable)
    except RowError as refused:
        more = [
            found
            for found in refused.issues
            if not any(same_place(found.pointer, pointer) for pointer in faulty)
        ]
        return replace(item, issues=(*item.issues, *more))
    return item
