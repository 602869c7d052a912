"""Reads an XLSX workbook row by row, in memory that does not grow with the sheet.

Readers that hand out a finished sheet hold all of it (146 MiB for 100 000 rows of 20 cells were
measured with calamine); here the sheet's XML is parsed as it is unpacked.
"""

from __future__ import annotations

import posixpath
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, NamedTuple

from shared.imports.cells import Cell, ErrorCell, FormulaCell, NumberCell, TextCell
from shared.imports.errors import SpreadsheetMalformed
from shared.imports.legacy_text import font_encoding
from shared.imports.limits import Limits
from shared.imports.shared_strings import Run, Runs, SharedStrings
from shared.imports.xml_parts import MAX_DEPTH, Parts, XmlReader, bare, check_depth, malformed

# No tag holds a "<": were it allowed here, each one would be looked for to the end of the chunk.
_MERGE: Final = re.compile(
    rb"<(?:\w+:)?mergeCell\s[^<>]*?ref\s*=\s*[\"']\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})[\"']"
)
_RANGE: Final = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})")
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_ESCAPE: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_BUILT_IN_DATES: Final = frozenset({*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)})
_NOT_DATE_PART: Final = re.compile(r"\"[^\"]*\"|\\.|_.|\*.|\[[^\[\]]*\]|general", re.IGNORECASE)
_DATE_PART: Final = re.compile(r"[dmyhs]", re.IGNORECASE)
_MAX_SHEETS: Final = 50
_MAX_STYLES: Final = 65_536
_LONGEST_FORMAT: Final = 255
_LONGEST_NAME: Final = 255
_MAX_ARRAYS: Final = 1_000
_Start = Callable[[str, dict[str, str]], None]
_End = Callable[[str], None]


class MergedRange(NamedTuple):
    """Rows from 1, columns from 0, both ends included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


class TableRow(NamedTuple):
    """``cells`` by column, counted from 0; ``None`` where the row was too large to be kept."""

    place: int
    cells: dict[int, Cell] | None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    path: str


class Style(NamedTuple):
    is_date: bool = False
    font_that_tells: str = ""
    quoted: bool = False
    """Typed with an apostrophe before it: whatever it looks like, it is text."""
    font: str = ""


_PLAIN: Final = Style()


class Workbook:
    """An opened workbook. Raises the problems of ``xml_parts`` for anything that is no workbook."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._limits = limits
        self._parts = Parts(file, limits)
        self.epoch_1904 = False
        self.calculated = True
        """False where the file says that the values of its formulas still have to be calculated."""
        self.sheets: list[Sheet] = []
        self.hidden_sheets: list[Sheet] = []
        self._read_workbook()
        self._styles = self._read_styles()
        self._strings = SharedStrings()
        try:
            if self._parts.has(self._strings_path):
                self._strings.load(self._parts.chunks(self._strings_path))
        except BaseException:
            self._strings.close()
            raise

    def close(self) -> None:
        self._strings.close()

    def merged_ranges(self, sheet: Sheet) -> list[MergedRange]:
        """Also verifies the whole part: a cut or altered file is refused before its first row."""
        ranges: list[MergedRange] = []
        rest = b""
        for chunk in self._parts.chunks(sheet.path):
            window = rest + chunk
            last = 0
            for match in _MERGE.finditer(window):
                left, top, right, bottom = match.groups()
                ranges.append(
                    MergedRange(
                        int(top), _column(left.decode()), int(bottom), _column(right.decode())
                    )
                )
                last = match.end()
                if len(ranges) > self._limits.max_merged_ranges:
                    raise SpreadsheetMalformed(
                        "Trang tính có quá nhiều ô gộp; hãy bỏ gộp ô trong vùng dữ liệu.",
                        "The sheet has too many merged cells; unmerge the cells of the data.",
                    )
            rest = window[max(last, len(window) - 256) :]
        return sorted(ranges)

    def row_batches(
        self, sheet: Sheet, *, at_most_bytes: int | None = None
    ) -> Iterator[list[TableRow]]:
        """Batches are the rows of one unpacked chunk. Empty rows may be missing. With
        ``at_most_bytes`` only about that much of the sheet is unpacked."""
        reader = _SheetReader(self._strings, self._styles, self._limits, calculated=self.calculated)
        unpacked = 0
        for chunk in self._parts.chunks(sheet.path):
            rows = reader.feed(chunk)
            if rows:
                yield rows
            unpacked += len(chunk)
            if at_most_bytes is not None and unpacked >= at_most_bytes:
                return
        rows = reader.feed(b"", final=True)
        if rows:
            yield rows

    def _read_workbook(self) -> None:
        base = self._main_part()
        self._folder, _, name = base.rpartition("/")
        links = self._read_links(f"{self._folder}/_rels/{name}.rels".lstrip("/"))
        self._strings_path = self._within_folder("sharedStrings.xml")
        self._styles_path = self._within_folder("styles.xml")
        for kind, target in links.values():
            if kind == "sharedStrings":
                self._strings_path = target
            elif kind == "styles":
                self._styles_path = target
        found: list[tuple[str, str, bool]] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            match bare(name):
                case "workbookPr":
                    self.epoch_1904 = attributes.get("date1904", "0") in ("1", "true")
                case "calcPr" if attributes.get("fullCalcOnLoad", "0") in ("1", "true"):
                    self.calculated = False
                case "sheet":
                    link = next((v for k, v in attributes.items() if bare(k) == "id"), "")
                    hidden = attributes.get("state", "visible") != "visible"
                    found.append((attributes.get("name", ""), link, hidden))

        self._parse_small(base, start)
        seen: set[str] = set()
        for name, link, hidden in found:
            kind, target = links.get(link, ("", ""))
            fresh = target not in seen and len(seen) < _MAX_SHEETS
            if kind == "worksheet" and fresh and self._parts.has(target):
                seen.add(target)
                (self.hidden_sheets if hidden else self.sheets).append(Sheet(name, target))
        if not self.sheets:
            raise malformed()

    def _main_part(self) -> str:
        """The package says which part is the workbook; most call it ``xl/workbook.xml``, not all."""
        found: list[str] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            kind = attributes.get("Type", "").rpartition("/")[2]
            if bare(name) == "Relationship" and kind == "officeDocument":
                found.append(posixpath.normpath(attributes.get("Target", "").lstrip("/")))

        if self._parts.has("_rels/.rels"):
            self._parse_small("_rels/.rels", start)
        return next((path for path in found if self._parts.has(path)), "xl/workbook.xml")

    def _within_folder(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(self._folder, path.replace("\\", "/")))

    def _read_links(self, path_of_links: str) -> dict[str, tuple[str, str]]:
        links: dict[str, tuple[str, str]] = {}

        def start(name: str, attributes: dict[str, str]) -> None:
            if bare(name) == "Relationship" and len(links) < 10_000:
                target = attributes.get("Target", "")
                path = target[1:] if target.startswith("/") else self._within_folder(target)
                kind = attributes.get("Type", "").rpartition("/")[2]
                links[attributes.get("Id", "")] = (kind, posixpath.normpath(path))

        self._parse_small(path_of_links, start)
        return links

    def _read_styles(self) -> list[Style]:
        formats: dict[int, bool] = {}
        fonts: list[str] = []
        styles: list[Style] = []
        within: list[str] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            tag = bare(name)
            parent = within[-1] if within else ""
            within.append(tag)
            if tag == "numFmt" and parent == "numFmts" and len(formats) < _MAX_STYLES:
                code = attributes.get("formatCode", "")
                shown = _NOT_DATE_PART.sub("", code[:_LONGEST_FORMAT])
                formats[_number(attributes.get("numFmtId"))] = bool(_DATE_PART.search(shown))
            elif tag == "font" and parent == "fonts":
                fonts.append("")
                if len(fonts) > _MAX_STYLES:
                    raise malformed()
            elif tag == "name" and parent == "font" and fonts:
                fonts[-1] = sys.intern(attributes.get("val", "")[:_LONGEST_NAME])
            elif tag == "xf" and parent == "cellXfs" and len(styles) < _MAX_STYLES:
                number_format = _number(attributes.get("numFmtId"))
                font = _number(attributes.get("fontId"))
                name_of_font = fonts[font] if 0 <= font < len(fonts) else ""
                styles.append(
                    Style(
                        formats.get(number_format, number_format in _BUILT_IN_DATES),
                        name_of_font,
                        attributes.get("quotePrefix", "0") in ("1", "true"),
                        name_of_font,
                    )
                )

        def end(_: str) -> None:
            within.pop()

        if self._parts.has(self._styles_path):
            self._parse_small(self._styles_path, start, end)
        if not any(font_encoding(style.font_that_tells) for style in styles):
            # Without a legacy font fonts tell nothing of encodings.
            return [style._replace(font_that_tells="") for style in styles]
        return styles

    def _parse_small(self, path: str, start: _Start, end: _End | None = None) -> None:
        reader = XmlReader()
        depth = 0

        def deeper(name: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            check_depth(depth)
            start(name, attributes)

        def higher(name: str) -> None:
            nonlocal depth
            depth -= 1
            if end is not None:
                end(name)

        reader.expat.StartElementHandler = deeper
        reader.expat.EndElementHandler = higher
        for chunk in self._parts.chunks(path):
            reader.feed(chunk)
        reader.feed(b"", final=True)


class _SheetReader:
    """Gives the rows finished since the last ``feed``; holds the one that is being read."""

    def __init__(
        self, strings: SharedStrings, styles: list[Style], limits: Limits, *, calculated: bool
    ) -> None:
        self._calculated = calculated
        self._strings = strings
        self._styles = styles
        self._limits = limits
        self._done: list[TableRow] = []
        self._reader = XmlReader()
        self._reader.expat.StartElementHandler = self._first_element

    def feed(self, chunk: bytes, *, final: bool = False) -> list[TableRow]:
        self._reader.feed(chunk, final=final)
        done = self._done[:]
        self._done.clear()
        return done

    def _first_element(self, name: str, _: dict[str, str]) -> None:
        if bare(name) != "worksheet":
            raise malformed()
        self._read_rows(name[: -len("worksheet")])

    def _read_rows(self, prefix: str) -> None:
        """State lives in these closures, not in attributes: each cell makes six calls, and this
        halves what they cost."""
        row_tag, cell_tag, value_tag, text_tag, phonetic_tag, formula_tag, run_tag, font_tag = (
            prefix + tag for tag in ("row", "c", "v", "t", "rPh", "f", "r", "rFont")
        )
        calculated = self._calculated
        done, limits = self._done, self._limits
        most_bytes, most_columns = limits.max_row_bytes, limits.max_columns
        columns: dict[str, int] = {}
        cells: dict[int, Cell] = {}
        parts: list[str] = []
        runs = Runs()
        place, size, column, phonetic = 0, 0, -1, 0
        depth = 1
        collecting = formula = valued = hidden = False
        arrays: list[MergedRange] = []
        kind = "n"
        style: str | None = None

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal cells, parts, place, size, column, phonetic, collecting, kind, style, depth
            nonlocal formula, valued, hidden
            depth += 1
            if depth > MAX_DEPTH:
                raise malformed()
            if tag == cell_tag:
                reference = attributes.get("r")
                if reference is None:
                    column += 1
                else:
                    letters = reference.rstrip("0123456789")
                    if letters in columns:
                        column = columns[letters]
                    elif _REFERENCE.fullmatch(reference):
                        column = columns[letters] = _column(letters)
                    else:
                        raise malformed()
                kind = attributes.get("t", "n")
                style = attributes.get("s")
                parts = []
                if runs.begun:
                    runs.forget()
                formula = valued = False
            elif tag == value_tag or (tag == text_tag and not phonetic):
                collecting = valued = True
            elif tag == row_tag:
                given = attributes.get("r")
                hidden = attributes.get("hidden") in ("1", "true")
                place = _number(given) if given else place + 1
                cells, size, column = {}, 0, -1
            elif tag == formula_tag:
                formula = True
                spread = _RANGE.fullmatch(attributes.get("ref", ""))
                if spread is not None and attributes.get("t") in ("array", "dataTable"):
                    if len(arrays) >= _MAX_ARRAYS:
                        raise malformed()
                    left, top, right, bottom = spread.groups()
                    arrays.append(MergedRange(int(top), _column(left), int(bottom), _column(right)))
            elif tag == phonetic_tag:
                phonetic += 1
            elif tag == run_tag:
                runs.begin(len(parts))
            elif tag == font_tag:
                runs.drawn_in(attributes.get("val", ""))

        def characters(text: str) -> None:
            nonlocal size
            if collecting:
                size += len(text)
                if size <= most_bytes:
                    parts.append(text)

        def end(tag: str) -> None:
            nonlocal size, phonetic, collecting, depth
            depth -= 1
            if tag == cell_tag:
                if column >= most_columns:
                    return
                # A formula whose text comes to nothing has a value, of no letters.
                if formula and not (calculated and (parts or (valued and kind == "str"))):
                    cells[column] = FormulaCell()
                    return
                if not parts:
                    if arrays and _within(arrays, place, column):
                        cells[column] = FormulaCell()
                    return
                text = parts[0] if len(parts) == 1 else "".join(parts)
                drawn: tuple[Run, ...] = ()
                if kind == "s":
                    shared = self._strings[_number(text)]
                    if isinstance(shared, str):
                        text = shared
                    else:
                        text, drawn = "".join(run for run, _ in shared), shared
                    size += len(text)
                    if size > most_bytes:
                        return
                elif runs.begun:
                    drawn = runs.of(parts)
                cells[column] = self._cell(text, kind, style, drawn)
            elif tag in (value_tag, text_tag):
                collecting = False
            elif tag == row_tag:
                if size > most_bytes:
                    done.append(TableRow(place, None))
                elif cells:
                    done.append(TableRow(place, cells, hidden))
            elif tag == phonetic_tag:
                phonetic -= 1

        expat = self._reader.expat
        expat.StartElementHandler = start
        expat.EndElementHandler = end
        expat.CharacterDataHandler = characters

    def _cell(self, text: str, kind: str, style_number: str | None, runs: tuple[Run, ...]) -> Cell:
        style = self._styles[0] if self._styles else _PLAIN
        if style_number is not None and (number := _number(style_number)) < len(self._styles):
            style = self._styles[number]
        if kind == "n":
            return NumberCell(text.strip(), style.is_date)
        if kind == "b":
            return text.strip() == "1"
        if kind == "e":
            return ErrorCell(text)
        if style.quoted and text.startswith(("=", "+", "-", "@")):
            text = "'" + text
        if "_x" in text:
            text = _ESCAPE.sub(lambda match: chr(int(match.group(1), 16)), text)
        if runs:
            return TextCell(
                text, style.font, tuple((part, font or style.font) for part, font in runs)
            )
        return TextCell(text, style.font_that_tells) if style.font_that_tells else text


def _number(text: str | None) -> int:
    if text is None:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        raise malformed()
    return int(text)


def _within(ranges: list[MergedRange], row: int, column: int) -> bool:
    return any(
        one.first_row <= row <= one.last_row and one.first_column <= column <= one.last_column
        for one in ranges
    )


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
