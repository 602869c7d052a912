"""All that is wrong with the shape of a row. msgspec stops at the first fault; a clerk mends a row once."""

from __future__ import annotations

import types
from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any, Final, Union, get_args, get_origin

import msgspec

from shared.contracts.problem import repeatable
from shared.imports.issues import Issue, issue
from shared.imports.validation import from_validation

FAULTS_AT_MOST: Final = 50
_ITEMS_LOOKED_AT: Final = 1_000


def shape_faults(value: Any, shape: Any) -> list[Issue]:
    """In the order of the shape's fields. Empty where only the whole is wrong, or nothing."""
    return list(islice(_faults(value, shape, ""), FAULTS_AT_MOST))


def _faults(value: Any, shape: Any, at: str) -> Iterator[Issue]:
    plain = _plain(shape)
    if isinstance(plain, type) and issubclass(plain, msgspec.Struct) and isinstance(value, dict):
        yield from _faults_of_fields(value, plain, at)
    elif (
        get_origin(plain) in (list, tuple) and isinstance(value, list) and _item(plain) is not None
    ):
        before = 0
        for place, part in enumerate(value[:_ITEMS_LOOKED_AT]):
            for fault in _faults(part, _item(plain), f"{at}/{place}"):
                before += 1
                yield fault
        if not before:
            yield from _own_fault(value, shape, at)
    elif value is not None or plain is shape:
        yield from _own_fault(value, shape, at)


def _faults_of_fields(
    value: dict[Any, Any], shape: type[msgspec.Struct], at: str
) -> Iterator[Issue]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(shape)}
    for name, field in fields.items():
        if name in value:
            yield from _faults(value[name], field.type, f"{at}/{name}")
        elif field.required:
            yield issue("field_required", f"{at}/{name}")
    if shape.__struct_config__.forbid_unknown_fields:
        for name in value:
            if name not in fields:
                yield issue("unknown_field", f"{at}/{repeatable(str(name))}")


def _own_fault(value: Any, shape: Any, at: str) -> Iterator[Issue]:
    try:
        msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        found = from_validation(error)
        yield msgspec.structs.replace(found, pointer=at + found.pointer)


def _plain(shape: Any) -> Any:
    """Without its limits, and without “or null”."""
    if get_origin(shape) is Annotated:
        return _plain(get_args(shape)[0])
    if get_origin(shape) in (Union, types.UnionType):
        others = [part for part in get_args(shape) if part is not type(None)]
        return _plain(others[0]) if len(others) == 1 else shape
    return shape


def _item(shape: Any) -> Any:
    """What a list or a tuple of any length holds; null of what has no one kind."""
    parts = get_args(shape)
    if get_origin(shape) is list and parts:
        return parts[0]
    return parts[0] if len(parts) == 2 and parts[1] is Ellipsis else None
