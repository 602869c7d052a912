"""Opaque cursors of a feed."""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from uuid import UUID

from shared.contracts.problem import CursorUnknown

_LAYOUT = struct.Struct(">16sQ")


def encode_cursor(feed_id: UUID, position: int) -> str:
    body = _LAYOUT.pack(feed_id.bytes, position)
    return base64.urlsafe_b64encode(body + struct.pack(">I", zlib.crc32(body))).decode().rstrip("=")


def decode_cursor(feed_id: UUID, cursor: str | None) -> int:
    """Position behind a cursor, 0 for an absent or empty one. Raises :class:`CursorUnknown` for a
    cursor that this feed did not give (another service's, another installation's, a mistyped one)."""
    if not cursor:
        return 0
    owner, position = _parts(cursor)
    if owner != feed_id.bytes:
        raise _unknown()
    return position


def position_of(cursor: str) -> int:
    """Position behind a cursor of whatever feed, 0 for an empty one."""
    return _parts(cursor)[1] if cursor else 0


def cursor_before(position: int, cursor: str) -> str:
    """The cursor of the same feed after which the event at ``position`` comes first."""
    return encode_cursor(UUID(bytes=_parts(cursor)[0]), position - 1)


def require_cursor_of(known: str, cursor: str) -> None:
    """Raises :class:`CursorUnknown` unless ``cursor`` comes from the feed that gave ``known``; an empty one
    stands before every feed's first event."""
    if cursor and known:
        if _parts(cursor)[0] != _parts(known)[0]:
            raise _unknown()
    elif cursor:
        _parts(cursor)


def _parts(cursor: str) -> tuple[bytes, int]:
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        body, check = raw[:-4], raw[-4:]
        owner, position = _LAYOUT.unpack(body)
    except (binascii.Error, struct.error, ValueError):
        raise _unknown() from None
    if struct.pack(">I", zlib.crc32(body)) != check:
        raise _unknown()
    return owner, int(position)


def _unknown() -> CursorUnknown:
    return CursorUnknown(
        "Con trỏ này không do dòng sự kiện này cấp", "This cursor was not given by this feed"
    )
