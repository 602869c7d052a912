"""From the rows of a table (sheet or CSV) to rows in the JSON form of the list."""

from __future__ import annotations

import itertools
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Generic, NamedTuple, TypeVar

from shared.imports.asides import is_aside, is_nearly_empty
from shared.imports.cells import (
    Cell,
    Context,
    NumberCell,
    TextCell,
    clean_text,
    is_blank,
    read_cell,
    read_text,
)
from shared.imports.decoding import RowDecoder, RowError
from shared.imports.errors import (
    ColumnRepeated,
    HeadingsNotFound,
    LegacyTextHeld,
    columns_missing,
)
from shared.imports.headings import Headings, find_headings
from shared.imports.issues import Issue, issue
from shared.imports.layout import Date, Kind, Name, SheetLayout, YearOrDate, folded
from shared.imports.legacy_text import suspected
from shared.imports.limits import Limits
from shared.imports.rows import Notice, Row, RowProblem
from shared.imports.xlsx import MergedRange, TableRow

T = TypeVar("T")

_NAMES_KEPT: Final = 1000
_ASIDE_CELLS: Final = 30
_MOST_UNJUDGED: Final = 200
"""Rows looked at before the first is given: what they show of the file decides over all of it."""
_GIVEN_NAME: Final = re.compile(r"[^\W\d_]+(?: [^\W\d_]+){0,2}")
_NO_GIVEN_NAMES: Final = frozenset({"nam", "nu", "x", "male", "female", "co", "khong"})
_ONLY_UNICODE: Final = re.compile("[ĂăĐđĨĩŨũƠơƯưẠ-ỹ]")
_EMPTY: Final[Mapping[int, Cell]] = {}


def look_for_headings(
    rows: Sequence[TableRow],
    layout: SheetLayout,
    context: Context,
    merges: Sequence[MergedRange] = (),
) -> Headings | None:
    """With an encoding named, headings may still be Unicode (our own template, filled with legacy
    text): the reading that matches more columns wins."""
    found = find_headings(_texts(rows, context), layout, merges)
    if context.encoding is None:
        return found
    plain = find_headings(_texts(rows, context._replace(encoding=None)), layout, merges)
    if found is None or (plain is not None and len(plain.columns) > len(found.columns)):
        return plain
    return found


def _texts(rows: Sequence[TableRow], context: Context) -> list[tuple[int, dict[int, str]]]:
    out: list[tuple[int, dict[int, str]]] = []
    for row in rows:
        texts: dict[int, str] = {}
        for column, cell in (row.cells or _EMPTY).items():
            if isinstance(cell, NumberCell):
                texts[column] = cell.digits
            elif isinstance(cell, str | TextCell):
                text = read_text(cell, "", context, [])
                if text:
                    texts[column] = text
        out.append((row.place, texts))
    return out


class TableReader(Generic[T]):
    """Push rows in order; items come out once the headings are known."""

    def __init__(
        self,
        layout: SheetLayout,
        decoder: RowDecoder[T],
        context: Context,
        limits: Limits,
        *,
        merges: Sequence[MergedRange] = (),
        strict_width: bool = False,
        headings: dict[str, str] | None = None,
    ) -> None:
        """``headings`` is filled: by pointer, the heading of its column as the file writes it."""
        self._headings = headings
        self._layout = layout
        self._decoder = decoder
        self._context = context
        self._search = limits.header_search_rows
        self._row_limit = limits.max_row_bytes
        self._merges = merges
        self._strict_width = strict_width
        self._waiting: list[TableRow | RowProblem] = []
        self._reader: _DataRows[T] | None = None
        self._unjudged: list[Row[T] | RowProblem | Notice] | None = []

    def push(self, row: TableRow | RowProblem) -> Iterator[Row[T] | RowProblem | Notice]:
        """A ``RowProblem`` pushed is passed on with its proper number."""
        if self._reader is not None:
            if self._unjudged is None:
                yield from self._reader.read(row)
                return
            self._unjudged += self._reader.read(row)
            if len(self._unjudged) >= _MOST_UNJUDGED:
                yield from self._released()
            return
        self._waiting.append(row)
        if len(self._waiting) >= self._search:
            self._begin()

    def finish(self) -> Iterator[Row[T] | RowProblem | Notice]:
        if self._reader is None:
            self._begin()
        if self._unjudged is not None:
            yield from self._released()
        reader = self._reader
        if reader is not None and reader.hidden:
            yield Notice(issue("hidden_rows_read", count=reader.hidden, place=reader.first_hidden))

    def _released(self) -> Iterator[Row[T] | RowProblem | Notice]:
        """The rows that waited, once they show that the file can be read as it is."""
        assert self._reader is not None
        assert self._unjudged is not None
        unjudged, self._unjudged = self._unjudged, None
        _refuse_legacy_text(unjudged)
        for item in unjudged:
            yield self._reader.judged(item) if isinstance(item, Row) else item

    def _begin(self) -> None:
        assert self._unjudged is not None
        rows = [row for row in self._waiting if isinstance(row, TableRow)]
        found = look_for_headings(rows, self._layout, self._context, self._merges)
        if found is None:
            raise self._not_found(rows)
        self._check(found)
        if self._headings is not None:
            for position, target in found.columns.items():
                pointer = "/" + self._layout.columns[target].field
                self._headings[pointer] = found.written[position]
        for heading in found.unknown:
            near = self._layout.column_near(heading)
            values = {} if near is None else {"near_vi": near.vi, "near_en": near.en}
            code = "column_unknown" if near is None else "column_unknown_near"
            self._unjudged.append(Notice(issue(code, heading=heading, **values)))
        last_heading = rows[found.rows - 1].place
        self._reader = _DataRows(
            self._layout, found, self._decoder, self._context, self._row_limit,
            [merge for merge in self._merges if merge.last_row > merge.first_row > last_heading],
            strict_width=self._strict_width,
            spreads=_spreads(last_heading, found, self._merges),
        )  # fmt: skip
        for row in self._waiting:
            if row.place is not None and row.place > last_heading:
                self._unjudged += self._reader.read(row)
        self._waiting = []

    def _check(self, found: Headings) -> None:
        columns = self._layout.columns
        if found.repeated:
            column = columns[found.repeated[0]]
            raise ColumnRepeated(
                f"Cột “{column.vi}” có hai lần trong tệp.",
                f"Column “{column.en}” is in the file twice.",
            )
        present = set(found.columns.values())
        missing = [
            (column.field, column.vi, column.en)
            for index, column in enumerate(columns)
            if column.required and index not in present
        ]
        if missing:
            raise columns_missing(missing)

    def _not_found(self, rows: Sequence[TableRow]) -> HeadingsNotFound:
        legacy = any(
            suspected(cell.text if isinstance(cell, TextCell) else cell)
            for row in rows
            for cell in (row.cells or _EMPTY).values()
            if isinstance(cell, str | TextCell)
        )
        unreadable = any(
            one.code == "row_not_utf8"
            for row in self._waiting
            if isinstance(row, RowProblem)
            for one in row.issues
        )
        hint_vi = hint_en = ""
        if unreadable:
            hint_vi = (
                " Tệp không phải UTF-8: trong Excel hãy lưu dạng “CSV UTF-8”, hoặc nêu bảng mã cũ."
            )
            hint_en = " The file is not UTF-8: save it as “CSV UTF-8”, or name its legacy encoding."
        elif legacy:
            hint_vi = " Chữ có vẻ theo bảng mã cũ: hãy nêu bảng mã TCVN3 hoặc VNI."
            hint_en = " The text looks like TCVN3 or VNI: name that encoding."
        names_vi = ", ".join(column.vi for column in self._layout.columns[:4])
        names_en = ", ".join(column.en for column in self._layout.columns[:4])
        return HeadingsNotFound(
            f"Không thấy dòng tiêu đề (như: {names_vi}) trong {self._search} dòng đầu.{hint_vi}",
            f"No row of headings (such as: {names_en}) in the first {self._search} rows.{hint_en}",
        )


def _refuse_legacy_text(unjudged: Sequence[Any]) -> None:
    """Holds the file where a column has as much text of an old font as Vietnamese in Unicode."""
    pointers = [
        one.pointer
        for item in unjudged
        if isinstance(item, RowProblem)
        for one in item.issues
        if one.code == "legacy_encoding_suspected"
    ]
    for pointer in set(pointers):
        steps = pointer.strip("/").split("/")
        right = sum(
            isinstance(text := _at(item.value, steps), str) and bool(_ONLY_UNICODE.search(text))
            for item in unjudged
            if isinstance(item, Row)
        )
        if pointers.count(pointer) >= right:
            raise LegacyTextHeld(
                "Chưa ghi nhận dòng nào. Hãy gửi lại kèm bảng mã: encoding=tcvn3 (phông .VnTime) hoặc encoding=vni"
                " (phông VNI-); nếu chữ đúng là Unicode thì kèm encoding=unicode.",
                "Nothing was registered. Send the file again with its encoding: encoding=tcvn3 (.VnTime fonts) or"
                " encoding=vni (VNI- fonts); if the text is Unicode after all, with encoding=unicode.",
            )


def _at(value: Any, steps: Sequence[str]) -> Any:
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


class _Spread(NamedTuple):
    """A heading that stands over more columns than its own. ``merged``: the file itself says so."""

    heading: str
    columns: tuple[int, ...]
    merged: bool


def _spreads(
    last_heading: int, found: Headings, merges: Sequence[MergedRange]
) -> dict[int, _Spread]:
    """By position of a read column: the columns without a heading that belong to it or may do so."""
    out: dict[int, _Spread] = {}
    for position in found.columns:
        last = max(
            (
                merge.last_column
                for merge in merges
                if merge.first_column == position and merge.first_row <= last_heading
                and merge.last_row >= last_heading - 1
            ),
            default=position,
        )  # fmt: skip
        columns = tuple(
            column for column in range(position + 1, min(last, position + 20) + 1)
            if column not in found.written
        )  # fmt: skip
        if columns:
            out[position] = _Spread(found.written[position], columns, True)
        elif position + 1 not in found.written:
            out[position] = _Spread(found.written[position], (position + 1,), False)
    return out


def _letters(column: int) -> str:
    """0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


class _Mapped(NamedTuple):
    """A column of the file. ``known`` holds what its first distinct texts were read as: most
    columns are statuses, codes of agencies, days."""

    position: int
    kind: Kind
    pointer: str
    steps: tuple[str | int, ...]
    required: bool
    known: dict[str, tuple[Any, tuple[Issue, ...]]]


class _DataRows(Generic[T]):
    def __init__(
        self,
        layout: SheetLayout,
        found: Headings,
        decoder: RowDecoder[T],
        context: Context,
        row_limit: int,
        merges: Sequence[MergedRange],
        *,
        strict_width: bool,
        spreads: Mapping[int, _Spread],
    ) -> None:
        self._decoder = decoder
        self._context = context
        self._row_limit = row_limit
        self._width = found.width if strict_width else None
        self._number = 0
        self._columns: list[_Mapped] = []
        self._examples: dict[int, str] = {}
        for position, target in found.columns.items():
            column = layout.columns[target]
            steps = tuple(int(s) if s.isdigit() else s for s in column.field.split("/"))
            self._columns.append(
                _Mapped(position, column.kind, "/" + column.field, steps, column.required, {})
            )
            if column.example:
                self._examples[position] = folded(column.example)
        mapped = set(found.columns)
        kinds = {
            position: layout.columns[target].kind for position, target in found.columns.items()
        }
        self._joined = {
            position: spread
            for position, spread in spreads.items()
            if isinstance(kinds[position], Name)
        }
        self._astray = {
            column: spread.heading
            for position, spread in spreads.items()
            if spread.merged and position not in self._joined
            for column in spread.columns
        }
        self._known = {
            *found.written, *(c for spread in self._joined.values() for c in spread.columns)
        }  # fmt: skip
        # Columns of dates of which no cell has yet shown that day and month stand as they were typed.
        self._watched = {
            "/" + layout.columns[target].field: [False, False]
            for target in found.columns.values()
            if not strict_width and isinstance(layout.columns[target].kind, Date | YearOrDate)
        }
        self._swapped: set[str] = set()
        self._merges = deque(merge for merge in merges if merge.first_column in mapped)
        self._open_merges: dict[int, tuple[MergedRange, Cell]] = {}
        self._told_merged = False
        self.hidden = self.first_hidden = 0

    def read(self, row: TableRow | RowProblem) -> Iterator[Row[T] | RowProblem | Notice]:
        if isinstance(row, RowProblem):
            self._number += 1
            yield RowProblem(self._number, row.place, row.issues)
            return
        cells = row.cells
        if cells is None:
            self._number += 1
            too_large = issue("row_too_large", limit=self._row_limit)
            yield RowProblem(self._number, row.place, (too_large,))
            return
        if cells.keys() - self._known:
            yield from self._unheaded(cells)
        if all(is_blank(cells.get(position)) for position, *_ in self._columns):
            return
        if row.hidden:
            self.hidden += 1
            self.first_hidden = self.first_hidden or row.place
        if (self._merges or self._open_merges) and self._fill(row.place, cells):
            yield Notice(issue("merged_cells_filled"))
        self._number += 1
        if self._number == 1 and self._is_example(cells):
            yield RowProblem(1, row.place, (issue("example_row_skipped"),))
            return
        yield self._read(row.place, cells)

    def _read(self, place: int, cells: dict[int, Cell]) -> Row[T] | RowProblem:
        found: list[Issue] = []
        if self._width is not None and any(
            position >= self._width and not is_blank(cell) for position, cell in cells.items()
        ):
            found.append(issue("row_too_many_cells"))
        if self._astray:
            found += [
                issue("cell_unheaded", "", column=_letters(column), heading=heading)
                for column, heading in self._astray.items()
                if not is_blank(cells.get(column))
            ]
        value: dict[Any, Any] = {}
        for position, kind, pointer, steps, required, memory in self._columns:
            cell = cells.get(position)
            if position in self._joined:
                cell = self._whole_name(cell, cells, position, pointer, found)
            known = memory.get(cell) if isinstance(cell, str) else None
            if known is not None:
                part, issues = known
                found += issues
            else:
                mark = len(found)
                part = read_cell(cell, kind, pointer, self._context, found)
                if part is None and required and len(found) == mark:
                    found.append(issue("field_required", pointer))
                if isinstance(cell, str) and len(cell) <= 64 and len(memory) < _NAMES_KEPT:
                    memory[cell] = part, tuple(found[mark:])
            if part is None:
                continue
            if pointer in self._watched:
                self._watch(cell, part, pointer)
            if pointer in self._swapped:
                found.append(issue("date_column_swapped", pointer))
            if len(steps) == 1:
                value[steps[0]] = part
            else:
                _put(value, steps, part)
        if found and any(one.severity == "error" for one in found):
            aside = self._aside(cells, found)
            if aside is not None:
                return RowProblem(self._number, place, (aside,))
            return RowProblem(self._number, place, tuple(found), value)
        try:
            return Row(self._number, place, self._decoder.convert(value), tuple(found))
        except RowError as refused:
            return RowProblem(self._number, place, (*found, *refused.issues), value)

    def _aside(self, cells: dict[int, Cell], found: list[Issue]) -> Issue | None:
        """One line for a row that is no record, whatever its cells would be refused for."""
        if len(cells) > _ASIDE_CELLS or not any(one.code == "field_required" for one in found):
            return None
        mapped = {position for position, *_ in self._columns}
        inside = [_shown(cells[at]) for at in sorted(cells) if at in mapped]
        outside = [_shown(cells[at]) for at in sorted(cells) if at not in mapped]
        inside, outside = [text for text in inside if text], [text for text in outside if text]
        if is_aside(inside, outside, len(mapped)):
            return issue("row_no_record")
        if is_nearly_empty(inside, len(mapped)):
            return issue("row_nearly_empty")
        return None

    def judged(self, row: Row[T]) -> Row[T] | RowProblem:
        """A row that waited, judged by what the rows below it show of its columns."""
        faults = tuple(
            issue("date_column_swapped", pointer)
            for pointer in sorted(self._swapped)
            if _at(row.value, pointer.strip("/").split("/")) is not None
        )
        if not faults:
            return row
        return RowProblem(row.number, row.place, (*row.warnings, *faults), row.value)

    def _unheaded(self, cells: Mapping[int, Cell]) -> Iterator[Notice]:
        for column in sorted(cells.keys() - self._known):
            beyond = self._width is not None and column >= self._width
            if not beyond and column not in self._astray and not is_blank(cells[column]):
                self._known.add(column)
                yield Notice(issue("column_unheaded", column=_letters(column)))

    def _whole_name(
        self, cell: Cell, cells: Mapping[int, Cell], position: int, pointer: str, found: list[Issue]
    ) -> Cell:
        """A name that goes on in the columns beside it, as lists with one heading over both have it."""
        spread = self._joined[position]
        parts = [cells[column] for column in spread.columns if not is_blank(cells.get(column))]
        if not parts or is_blank(cell):
            return cell
        if not all(isinstance(part, str | TextCell) for part in (cell, *parts)) or not (
            spread.merged or all(_is_given_name(part) for part in parts)
        ):
            letters = _letters(spread.columns[0])
            found.append(issue("cell_unheaded", pointer, column=letters, heading=spread.heading))
            return cell
        texts = [part.text if isinstance(part, TextCell) else str(part) for part in (cell, *parts)]
        fonts = [part.font if isinstance(part, TextCell) else "" for part in (cell, *parts)]
        if not any(fonts):
            return " ".join(texts)
        runs = [
            run
            for text, font in zip(texts, fonts, strict=True)
            for run in ((text, font), (" ", ""))
        ]
        return TextCell(" ".join(texts), fonts[0], tuple(runs))

    def _watch(self, cell: Cell, part: Any, pointer: str) -> None:
        """A US Excel turns the dates that it can, day and month swapped, and leaves the others as text."""
        if not isinstance(part, str) or len(part) != 10:
            return
        late = part[8:] > "12"
        as_day = isinstance(cell, NumberCell)
        if as_day == late:
            del self._watched[pointer]
            return
        seen = self._watched[pointer]
        seen[as_day] = True
        if all(seen):
            self._swapped.add(pointer)
            del self._watched[pointer]

    def _fill(self, place: int, cells: dict[int, Cell]) -> bool:
        """Copies the value of merged cells down; true the first time that it did."""
        filled = False
        for column, (merge, cell) in list(self._open_merges.items()):
            if merge.last_row < place:
                del self._open_merges[column]
            elif is_blank(cells.get(column)):
                cells[column] = cell
                filled = True
        while self._merges and self._merges[0].first_row <= place:
            merge = self._merges.popleft()
            if merge.first_row == place:
                # One for each column: no two merged ranges of an honest sheet overlap.
                self._open_merges[merge.first_column] = merge, cells.get(merge.first_column)
        first = filled and not self._told_merged
        self._told_merged = self._told_merged or filled
        return first

    def _is_example(self, cells: dict[int, Cell]) -> bool:
        if len(self._examples) < 2:
            return False
        for position, expected in self._examples.items():
            cell = cells.get(position)
            text = cell.digits if isinstance(cell, NumberCell) else cell
            if isinstance(text, TextCell):
                text = text.text
            if not isinstance(text, str) or folded(text) != expected:
                return False
        return True


def _shown(cell: Cell) -> str:
    if isinstance(cell, NumberCell):
        return cell.digits
    if isinstance(cell, str | TextCell):
        return clean_text(cell if isinstance(cell, str) else cell.text)
    return ""


def _is_given_name(part: Cell) -> bool:
    text = part.text if isinstance(part, TextCell) else part
    if not isinstance(text, str):
        return False
    plain = " ".join(text.split())
    return (
        _GIVEN_NAME.fullmatch(plain) is not None
        and plain[0].isupper()
        and folded(plain) not in _NO_GIVEN_NAMES
    )


def _put(root: dict[str, Any], steps: tuple[str | int, ...], value: Any) -> None:
    """Sets a value in nested objects and lists, making those on the way."""
    target: Any = root
    for step, following in itertools.pairwise(steps):
        fresh: Any = [] if isinstance(following, int) else {}
        if isinstance(target, list):
            assert isinstance(step, int)
            while len(target) <= step:
                target.append({})
            target = target[step]
        else:
            target = target.setdefault(step, fresh)
    if isinstance(target, list):
        target.append(value)
    else:
        target[steps[-1]] = value
