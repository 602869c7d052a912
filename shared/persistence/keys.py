"""Time-ordered keys."""

from __future__ import annotations

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """UUIDv7 (RFC 9562 §5.7, method 3): millisecond, then 12 bits of the fraction of it.

    Keys made one after another by a process sort in the order they were made as long as its clock
    does not step back; uniqueness rests on 62 random bits.
    """
    now = time.time_ns()
    milliseconds, rest = divmod(now, 1_000_000)
    value = (milliseconds & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76
    value |= (rest * 4096 // 1_000_000) << 64
    value |= 0b10 << 62
    value |= _random_bits()
    return UUID(int=value)


_MASK = (1 << 62) - 1
_drawn: list[int] = []


def _random_bits() -> int:
    """62 bits of the operating system's, drawn for many keys at once: a system call for each was the
    dearest part of a key."""
    try:
        return _drawn.pop()
    except IndexError:
        block = os.urandom(8 * 256)
        many = [int.from_bytes(block[at : at + 8], "big") & _MASK for at in range(0, 2048, 8)]
        _drawn.extend(many[1:])
        return many[0]


os.register_at_fork(after_in_child=_drawn.clear)
