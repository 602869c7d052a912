"""What a sheet of one kind of list looks like: its columns, their headings and their types."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

_NOT_WORD: Final = re.compile(r"[^0-9a-z]+")
_PARENTHESIS: Final = re.compile(r"[(\[{][^()\[\]{}]*[)\]}]")
_LONGEST_HEADING: Final = 300


@dataclass(frozen=True, slots=True)
class Text:
    """Free text; spaces are folded, letters composed, capitals left as they are."""

    max_length: int = 1000


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a person. Nothing is taken out of it or guessed: what cannot be a name is refused."""

    max_length: int = 200


@dataclass(frozen=True, slots=True)
class Code:
    """A code kept as text. With ``length``: that many digits, of which Excel may have dropped up to
    ``lost_zeros`` leading zeros (a citizen number begins with 001 to 096: two). ``masked``: it may come
    as an export shows it to those who must not read it, with stars for all but the last digits.
    ``names`` are words that stand for some of the codes (“Tiếng Anh” for en). ``never_a_date``: a text
    like “Oct-26” is what a spreadsheet made of 2026-10, and is refused."""

    length: int | None = None
    lost_zeros: int = 2
    max_length: int = 100
    masked: bool = False
    names: Choice | None = None
    never_a_date: bool = False


@dataclass(frozen=True, slots=True)
class Date:
    """A whole day; given on as ISO 8601 text. ``open_ended``: “nay” or “Không thời hạn” give nothing."""

    open_ended: bool = False


@dataclass(frozen=True, slots=True)
class YearOrDate:
    """A whole day or a bare year; given on as ``YYYY-MM-DD`` or ``YYYY``."""


@dataclass(frozen=True, slots=True)
class Boolean:
    """“x”, “có”, “yes”, … or “không”, “no”, …; an empty cell gives nothing."""


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number, given on as ``int``."""


@dataclass(frozen=True, slots=True)
class Number:
    """A decimal number with point or comma, given on as ``Decimal`` (Excel's 15 digits)."""


@dataclass(frozen=True, slots=True)
class Option:
    value: str | int
    vi: str
    en: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choice:
    """One of a list; written as its value or one of its labels, in any case and without accents
    too where that stays unambiguous."""

    options: tuple[Option, ...]
    _exact: Mapping[str, str | int] = field(init=False, repr=False, compare=False)
    _loose: Mapping[str, str | int | None] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        exact: dict[str, str | int] = {}
        loose: dict[str, str | int | None] = {}
        for option in self.options:
            for label in (str(option.value), option.vi, option.en, *option.also):
                key = folded_case(label)
                if exact.setdefault(key, option.value) != option.value:
                    raise ValueError(f"two options are called {label!r}")
                bare = folded(label)
                if loose.setdefault(bare, option.value) != option.value:
                    loose[bare] = None
        object.__setattr__(self, "_exact", exact)
        object.__setattr__(self, "_loose", loose)

    def find(self, text: str) -> str | int | None:
        found = self._exact.get(folded_case(text))
        return self._loose.get(folded(text)) if found is None else found


Kind = Text | Name | Code | Date | YearOrDate | Boolean | Integer | Number | Choice


@dataclass(frozen=True)
class Column:
    """``field`` is the path in the JSON form of a row, steps parted by ``/``:
    ``assignments/0/agency_code``. ``also`` are other headings seen in the wild; ``Nhóm | Cột`` means
    a heading of two levels. ``note_vi`` explains the column on the template's notes sheet."""

    field: str
    vi: str
    en: str
    kind: Kind = Text()
    required: bool = False
    also: tuple[str, ...] = ()
    example: str = ""
    note_vi: str = ""
    note_en: str = ""

    @property
    def headings(self) -> tuple[str, ...]:
        return (self.vi, self.en, self.field, *self.also)


NOTES_SHEET: Final = "Hướng dẫn"
LISTS_SHEET: Final = "Danh mục"
"""Sheets that a template has beside its list."""


@dataclass(frozen=True)
class SheetLayout:
    """A list's columns, in the order of its template. Refuses headings that two columns share."""

    name_vi: str
    name_en: str
    columns: tuple[Column, ...]
    _by_heading: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_heading: dict[str, int] = {}
        for index, column in enumerate(self.columns):
            for heading in column.headings:
                for key in heading_keys(heading):
                    if by_heading.setdefault(key, index) != index:
                        raise ValueError(f"two columns are headed {heading!r}")
        object.__setattr__(self, "_by_heading", by_heading)

    def column(self, field: str, *, as_field: str | None = None) -> Column:
        """One column of this list for use in another; ``as_field``: where that list finds its value."""
        found = next(each for each in self.columns if each.field == field)
        return replace(found, field=as_field or field)

    def column_for(self, heading: str) -> int | None:
        for key in heading_keys(heading):
            if (index := self._by_heading.get(key)) is not None:
                return index
        if "/" not in heading or len(heading) > 100:
            return None
        # “Họ và tên / Full name”, “Số CMND/CCCD”: two words for one column, where no two columns are meant.
        parts = {
            self._by_heading.get(key) for part in heading.split("/") for key in heading_keys(part)
        } - {None}
        return parts.pop() if len(parts) == 1 else None

    def column_near(self, heading: str) -> Column | None:
        """A column whose heading differs by a few letters: to be suggested, never to be read by."""
        near = get_close_matches(folded(heading[:100]), self._by_heading, 1, 0.8)
        return self.columns[self._by_heading[near[0]]] if near else None


def folded_case(text: str) -> str:
    """Composed letters, one case, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def folded(text: str) -> str:
    """Also without accents and punctuation: “Họ và tên (*)” and “HO VA TEN” are the same."""
    return _folded(text) if len(text) <= _LONGEST_HEADING else _folded.__wrapped__(text)


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold()).replace("đ", "d").replace("ð", "d")
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _NOT_WORD.sub(" ", bare).strip()


def heading_keys(heading: str) -> tuple[str, ...]:
    """The whole heading, and the heading without what stands in brackets (“(dd/mm/yyyy)”). A text
    longer than any heading has none."""
    if len(heading) > _LONGEST_HEADING:
        return ()
    whole = folded(heading)
    short = folded(_PARENTHESIS.sub(" ", heading))
    return tuple(dict.fromkeys(key for key in (whole, short) if key))
