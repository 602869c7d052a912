"""What pydantic finds wrong, in this product's own codes and in both languages.

pydantic's names of errors are its own and change with it; callers branch on ours, which are those that the
rows of a file and the bodies of results are refused with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from shared.contracts.problem import FieldError, InvalidRequest, repeatable

_ISO: Final = "phải là ngày dạng YYYY-MM-DD"

# pydantic's type: our code, and the fault in Vietnamese. `{…}` are limits that pydantic tells.
KNOWN_TO_PYDANTIC: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("field_required", "thiếu trường bắt buộc"),
    "extra_forbidden": ("unknown_field", "trường không được biết đến"),
    "literal_error": ("not_in_list", "không thuộc các giá trị cho phép"),
    "enum": ("not_in_list", "không thuộc các giá trị cho phép"),
    "string_pattern_mismatch": ("wrong_form", "không đúng định dạng"),
    "string_unicode": ("invalid_character", "phải là chữ Unicode hợp lệ"),
    "json_invalid": ("json_invalid", "không phải JSON hợp lệ"),
    "string_type": ("wrong_type", "phải là chuỗi ký tự"),
    "int_type": ("wrong_type", "phải là số nguyên"),
    "int_parsing": ("wrong_type", "phải là số nguyên"),
    "int_from_float": ("wrong_type", "phải là số nguyên"),
    "float_type": ("wrong_type", "phải là số"),
    "float_parsing": ("wrong_type", "phải là số"),
    "decimal_type": ("wrong_type", "phải là số"),
    "decimal_parsing": ("wrong_type", "phải là số"),
    "bool_type": ("wrong_type", "phải là true hoặc false"),
    "bool_parsing": ("wrong_type", "phải là true hoặc false"),
    "list_type": ("wrong_type", "phải là danh sách"),
    "dict_type": ("wrong_type", "phải là đối tượng"),
    "model_type": ("wrong_type", "phải là đối tượng"),
    "model_attributes_type": ("wrong_type", "phải là đối tượng"),
    "uuid_type": ("wrong_type", "phải là UUID"),
    "uuid_parsing": ("invalid_value", "phải là UUID"),
    "date_type": ("wrong_type", _ISO),
    "date_parsing": ("invalid_value", _ISO),
    "date_from_datetime_parsing": ("invalid_value", _ISO),
    "date_from_datetime_inexact": ("invalid_value", f"{_ISO}, không có giờ"),
    "string_too_short": ("invalid_value", "ngắn hơn {min_length} ký tự"),
    "string_too_long": ("invalid_value", "dài quá {max_length} ký tự"),
    "too_short": ("invalid_value", "ít hơn {min_length} phần tử"),
    "too_long": ("invalid_value", "dài quá {max_length} phần tử"),
    "greater_than_equal": ("invalid_value", "nhỏ hơn {ge}"),
    "less_than_equal": ("invalid_value", "lớn hơn {le}"),
    "greater_than": ("invalid_value", "phải lớn hơn {gt}"),
    "less_than": ("invalid_value", "phải nhỏ hơn {lt}"),
    "int_parsing_size": ("invalid_value", "số quá lớn"),
    "finite_number": ("invalid_value", "phải là số hữu hạn"),
}


def field_errors(errors: Sequence[Any]) -> list[FieldError]:
    """The offending value is never repeated, it may be personal. An error that a schema of ours raises has
    a code of its own and its Vietnamese in the context, as ``vi``."""
    found = []
    for error in errors:
        kind, english, context = error["type"], error["msg"], error.get("ctx") or {}
        code, vietnamese = kind, context.get("vi", english)
        if kind in KNOWN_TO_PYDANTIC:
            code, form = KNOWN_TO_PYDANTIC[kind]
            vietnamese = form.format(**context)
        found.append(FieldError(_pointer(kind, error["loc"]), code, vietnamese, english))
    return found


def model_errors(error: ValidationError) -> list[FieldError]:
    """Faults of a model that was validated by itself, as a row of a file is."""
    return field_errors([{**each, "loc": ("body", *each["loc"])} for each in error.errors()])


def _pointer(kind: str, where: Sequence[Any]) -> str:
    place, *path = where or ("body",)
    if kind == "json_invalid":
        return ""  # its path is a place in the text
    if kind == "extra_forbidden":
        path = [*path[:-1], repeatable(str(path[-1]))]
    if place == "body":
        return "".join(f"/{str(p).replace('~', '~0').replace('/', '~1')}" for p in path)
    mark = {"query": "?", "header": "#"}.get(place, f"{place}:")
    return mark + ".".join(map(str, path))


def invalid_request(errors: Sequence[Any]) -> InvalidRequest:
    return InvalidRequest(
        "Dữ liệu gửi lên không hợp lệ; xem từng lỗi trong errors",
        "The request is not valid; see each fault in errors",
        errors=field_errors(errors),
    )
