"""Keyset pages: ``{"items": [...], "next": cursor|null}``."""

from __future__ import annotations

import base64
import binascii
import types
from typing import Annotated, Any

import msgspec
from fastapi import Depends, Query

from shared.contracts.problem import CursorUnknown

RowNumber = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
"""A key of a row that the database holds as an integer, in the types of a cursor."""

PageLimit = Annotated[
    int, Query(ge=1, le=500, description="Số dòng nhiều nhất / At most this many")
]
PageCursor = Annotated[
    str | None, Query(description="`next` của trang trước / `next` of the page before")
]


def _by_either_name(
    cursor: PageCursor = None,
    after: Annotated[
        str | None, Query(deprecated=True, description="Như cursor / The same as cursor")
    ] = None,
) -> str | None:
    return cursor if cursor is not None else after


AnyPageCursor = Annotated[str | None, Depends(_by_either_name)]
"""Lists go on by ``cursor``; ``after``, as feeds have it, is understood too."""


def encode_page_cursor(*key: Any) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def decode_page_cursor(cursor: str | None, *key_types: Any) -> tuple[Any, ...] | None:
    """The last row's key, or null for the first page. Raises 422 ``cursor_unknown``."""
    if not cursor:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        key: tuple[Any, ...] = msgspec.convert(
            msgspec.json.decode(raw), types.GenericAlias(tuple, key_types)
        )
    except (binascii.Error, ValueError, msgspec.MsgspecError, RecursionError):
        raise CursorUnknown("Con trỏ trang không hợp lệ", "Unknown page cursor") from None
    if any("\x00" in part for part in key if isinstance(part, str)):
        raise CursorUnknown("Con trỏ trang không hợp lệ", "Unknown page cursor")
    return key
