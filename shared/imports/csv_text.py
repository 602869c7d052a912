"""Reads CSV as spreadsheets write it: comma, semicolon or tab, quotes that may hold line breaks.

A row whose quotes do not match is one row problem; reading goes on with the line below it.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator
from typing import Final

from shared.imports.cells import Cell
from shared.imports.errors import CsvMalformed
from shared.imports.issues import issue
from shared.imports.layout import SheetLayout
from shared.imports.legacy_text import LegacyEncoding, from_legacy
from shared.imports.limits import Limits
from shared.imports.rows import RowProblem
from shared.imports.text_lines import LineSplitter, Utf8Stream
from shared.imports.xlsx import TableRow

_DELIMITERS: Final = (",", ";", "\t")
# Says nothing of how cells are parted: headings, which are words, do.
_DECIMAL_COMMA: Final = re.compile(r"(?<=\d),(?=\d)")
_LOOKED_AT: Final = 40
_LONGEST_HEADINGS: Final = 8_000


class CsvReader:
    """Feed it bytes; it gives table rows, and problems with ``place`` (the line, from 1) only."""

    def __init__(
        self, limits: Limits, encoding: LegacyEncoding | None, layout: SheetLayout | None = None
    ) -> None:
        self._limits = limits
        self._layout = layout
        self._encoding = encoding
        self._legacy = encoding is not None
        self._utf8 = Utf8Stream(allow_utf16=True)
        self._splitter = LineSplitter(limits.max_row_bytes, lone_cr=True)
        self._bytes_are_legacy = False
        self._delimiter = ""
        self._lines_seen = 0
        self._waiting: deque[tuple[int, str]] = deque()
        # Lines of the next record already looked at, their length and whether a quote is open.
        self._looked: list[tuple[int, str]] = []
        self._length = 0
        self._open = False
        csv.field_size_limit(max(csv.field_size_limit(), limits.max_row_bytes))

    def feed(self, chunk: bytes, *, final: bool = False) -> Iterator[TableRow | RowProblem]:
        lines = self._splitter.feed(self._utf8.feed(chunk, final=final))
        if final:
            lines += self._splitter.close()
        for line in lines:
            self._lines_seen += 1
            yield from self._take(line)
        if not self._delimiter and (final or len(self._waiting) >= _LOOKED_AT):
            self._choose_delimiter()
        if self._delimiter:
            yield from self._records(final=final)

    def _take(self, line: bytes | None) -> Iterator[TableRow | RowProblem]:
        place = self._lines_seen
        if line is None:
            limit = self._limits.max_row_bytes
            yield RowProblem(0, place, (issue("row_too_large", limit=limit),))
            return
        if b"\x00" in line:
            if place == 1:
                raise CsvMalformed("Tệp không phải văn bản CSV.", "The file is not CSV text.")
            yield RowProblem(0, place, (issue("control_character"),))
            return
        text = self._decoded(line)
        if text is None:
            yield RowProblem(0, place, (issue("row_not_utf8"),))
            return
        if place == 1 and text.lower().startswith("sep=") and len(text) == 5:
            self._delimiter = text[4]
            return
        self._waiting.append((place, text))

    def _decoded(self, line: bytes) -> str | None:
        """Old files hold the legacy bytes themselves; once such a line is seen, all are taken so."""
        if not self._bytes_are_legacy:
            try:
                return line.decode()
            except UnicodeDecodeError:
                if not self._legacy:
                    return None
                self._bytes_are_legacy = True
        return line.decode("latin-1")

    def _choose_delimiter(self) -> None:
        """The one whose best line has the most known headings; a cell may hold many commas."""
        known = {mark: self._headings_of(mark) for mark in _DELIMITERS}
        best = max(_DELIMITERS, key=lambda mark: known[mark])
        if known[best] > 1:
            self._delimiter = best
            return
        texts = [_DECIMAL_COMMA.sub("", text) for _, text in self._waiting]
        if not any(mark in text for text in texts for mark in _DELIMITERS):
            texts = [text for _, text in self._waiting]
        counts = {
            mark: max((text.count(mark) for text in texts), default=0) for mark in _DELIMITERS
        }
        self._delimiter = max(_DELIMITERS, key=lambda mark: counts[mark])

    def _headings_of(self, mark: str) -> int:
        if self._layout is None:
            return 0
        most = 0
        for _, text in self._waiting:
            cells = [cell.strip(' "') for cell in text[:_LONGEST_HEADINGS].split(mark)]
            if len(cells) < 2:
                continue
            if self._encoding is not None:
                cells += [from_legacy(cell, self._encoding) for cell in cells]
            most = max(most, len({self._layout.column_for(cell) for cell in cells} - {None}))
        return most

    def _records(self, *, final: bool) -> Iterator[TableRow | RowProblem]:
        while self._waiting or self._looked:
            if self._waiting:
                place, text = self._waiting.popleft()
                if '"' not in text and not self._looked:
                    yield from self._cells(place, text.split(self._delimiter) if text else [])
                    continue
                self._looked.append((place, text))
                self._length += len(text) + 1
                if text.count('"') % 2:
                    self._open = not self._open
                if not self._open:
                    yield from self._record()
                elif self._length > self._limits.max_row_bytes:
                    yield self._unquoted()
            elif final:
                yield self._unquoted()
            else:
                return

    def _record(self) -> Iterator[TableRow | RowProblem]:
        lines = [text for _, text in self._looked]
        try:
            parsed = next(
                csv.reader(["\n".join(lines)], delimiter=self._delimiter, strict=True), []
            )
        except csv.Error:
            yield self._unquoted()
            return
        place = self._looked[0][0]
        self._restart()
        yield from self._cells(place, parsed)

    def _cells(self, place: int, parsed: list[str]) -> Iterator[TableRow]:
        cells: dict[int, Cell] = {
            column: text for column, text in enumerate(parsed[: self._limits.max_columns]) if text
        }
        if cells:
            yield TableRow(place, cells)

    def _unquoted(self) -> RowProblem:
        """Gives up the first line of the waiting record only; the others are read afresh."""
        (place, _), *others = self._looked
        self._waiting.extendleft(reversed(others))
        self._restart()
        return RowProblem(0, place, (issue("row_quoting"),))

    def _restart(self) -> None:
        self._looked, self._length, self._open = [], 0, False
