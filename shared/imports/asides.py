"""Rows of a form that are no record: headings of groups, sums, places for signatures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from shared.imports.layout import folded

_FEW: Final = 3
_GROUP: Final = re.compile(r"(?:[ivxlc]{1,6}|[a-h]|\d{1,2}(?: \d{1,2}){0,3})")
# Whole words only: “Tống” is a family name, and “Công chức” a status.
_SUM: Final = re.compile(r"tong|tong (?:so|cong)(?: .*)?|cong|cong \d.*|total(?: .*)?|sum")
_SIGNED: Final = re.compile(
    r"(?:nguoi lap|lap bieu|thu truong|giam doc|hieu truong|truong phong|chu tich|pho chu tich|ke toan"
    r"|nguoi duyet|xac nhan|noi nhan|ky ten|ky ghi ro|ky dong dau|tm|kt|tl|tuq|ghi chu"
    r"|prepared by|approved by|signature)\b"
)
_PLACE_AND_DAY: Final = re.compile(r"\bngay\b.{0,20}\bthang\b.{0,20}\bnam\b")


def few(columns: int) -> int:
    """So many cells are too few for a record of a list of ``columns`` columns."""
    return min(_FEW, columns // 3)


def is_aside(mapped: Sequence[str], others: Sequence[str], columns: int) -> bool:
    """Asked of a row that lacks required values. ``mapped``: texts in columns of the list, in order; ``others``: in
    columns that it does not know, such as the ordinal one; ``columns``: how many of the list's the file has."""
    texts = [folded(text) for text in (*others, *mapped) if len(text) <= 300]
    if any(_SUM.fullmatch(text) for text in texts):
        return True
    if len(mapped) > few(columns):
        return False
    if any(_SIGNED.match(text) or _PLACE_AND_DAY.search(text) for text in texts):
        return True
    return len(mapped) == 1 and any(
        _GROUP.fullmatch(text) or _GROUP.fullmatch(text.partition(" ")[0]) for text in texts
    )


def is_nearly_empty(mapped: Sequence[str], columns: int) -> bool:
    """Too little for a record, and nothing shows that it is none: one line of the report refuses it."""
    return len(mapped) <= few(columns)
