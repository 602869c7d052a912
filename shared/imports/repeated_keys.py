"""A key that stands twice in one JSON object: readers differ in which of the two they take, so none is taken."""

from __future__ import annotations

import json
from typing import Any

from shared.contracts.problem import repeatable


class _Pairs(list[tuple[str, Any]]):
    """An object as it was written."""


def repeated_key(raw: bytes, value: Any) -> str | None:
    """Pointer of the first key that stands twice; null if none does. ``value`` is what any reader made of
    ``raw``, well-formed JSON.

    An object loses a key for each repetition, so that as many keys as there are colons prove that none is
    repeated. Colons inside texts are rare enough to be looked at closely.
    """
    if raw.count(b":") == _keys(value):
        return None
    return _first(json.loads(raw, object_pairs_hook=_Pairs), "")


def _keys(value: Any) -> int:
    if type(value) is dict:
        count = len(value)
        for part in value.values():
            if type(part) is dict or type(part) is list:
                count += _keys(part)
        return count
    if type(value) is list:
        return sum(_keys(part) for part in value)
    return 0


def _first(value: Any, pointer: str) -> str | None:
    if isinstance(value, _Pairs):
        seen: set[str] = set()
        for name, part in value:
            here = f"{pointer}/{repeatable(name)}"
            if name in seen:
                return here
            seen.add(name)
            found = _first(part, here)
            if found is not None:
                return found
    elif isinstance(value, list):
        for number, part in enumerate(value):
            found = _first(part, f"{pointer}/{number}")
            if found is not None:
                return found
    return None
