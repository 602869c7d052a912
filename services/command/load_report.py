"""The answer to an import as `bac load` prints it: one line for each fault, nothing cut off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

Language = Literal["vi", "en"]
SHOWN_AT_MOST: Final = 50
"""Lines of errors, and as many of warnings."""

_COUNTS: Final = {
    "received": {"vi": "đã nhận", "en": "received"},
    "created": {"vi": "tạo mới", "en": "created"},
    "updated": {"vi": "cập nhật", "en": "updated"},
    "unchanged": {"vi": "không đổi", "en": "unchanged"},
    "recorded": {"vi": "đã ghi", "en": "recorded"},
    "duplicates": {"vi": "đã có", "en": "duplicates"},
    "rejected": {"vi": "không được nhận", "en": "rejected"},
    "errors_total": {"vi": "lỗi", "en": "errors"},
    "warnings_total": {"vi": "cảnh báo", "en": "warnings"},
}
_WORDS: Final = {
    "vi": {
        "errors": "Lỗi:", "warnings": "Cảnh báo:", "row": "dòng dữ liệu {}", "place": "dòng {} của tệp",
        "sheet": "trang “{}”", "line": "dòng {}",
        "column": "cột “{}”", "file": "cả tệp", "more": "… và {} mục nữa",
        "not_listed": "Không có trong tệp:", "dry_run": "Chạy thử, không ghi gì:",
    },
    "en": {
        "errors": "Errors:", "warnings": "Warnings:", "row": "data row {}", "place": "line {} of the file",
        "sheet": "sheet “{}”", "line": "line {}",
        "column": "column “{}”", "file": "whole file", "more": "… and {} more",
        "not_listed": "Not listed:", "dry_run": "A rehearsal, nothing was written:",
    },
}  # fmt: skip


def language_of(environment: Mapping[str, str]) -> Language:
    """Vietnamese where the locale is."""
    locale = next(
        (found for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (found := environment.get(name))),
        "",
    )
    return "vi" if locale.lower().startswith("vi") else "en"


_LEFT_OUT: Final = frozenset({"sheet_left_out", "hidden_sheet_left_out", "row_left_out"})
"""Warnings that tell of data that nobody took in."""


def taken_in_whole(report: Mapping[str, Any]) -> bool:
    """Whether everything of the file stands. What a template brings along, a title or a sum, is not data."""
    if report.get("rejected") or report.get("errors_total"):
        return False
    return not any(line.get("code") in _LEFT_OUT for line in report.get("warnings") or ())


def report_lines(report: Mapping[str, Any], language: Language) -> Iterator[str]:
    if report.get("dry_run"):
        yield _WORDS[language]["dry_run"]
    said = (f"{name[language]} {report[key]}" for key, name in _COUNTS.items() if key in report)
    yield " · ".join(said)
    words = _WORDS[language]
    for kind in ("errors", "warnings"):
        lines: Sequence[Mapping[str, Any]] = report.get(kind) or ()
        if not lines:
            continue
        yield words[kind]
        for line in lines[:SHOWN_AT_MOST]:
            yield f"  {_where(line, words)}: {line.get('message', '')} [{line.get('code', '')}]"
        left = int(report.get(f"{kind}_total", len(lines))) - min(len(lines), SHOWN_AT_MOST)
        if left > 0:
            yield f"  {words['more'].format(left)}"
    if report.get("not_listed"):
        yield f"{words['not_listed']} {' '.join(map(str, report['not_listed']))}"


def _where(line: Mapping[str, Any], words: Mapping[str, str]) -> str:
    sheet = line.get("sheet")
    parts = [words["row"].format(line["row"])] if line.get("row") else []
    if sheet is not None:
        parts.append(words["sheet"].format(sheet))
    if line.get("place") is not None:
        parts.append(words["place" if sheet is None else "line"].format(line["place"]))
    if not parts:
        parts.append(words["file"])
    if line.get("column"):
        parts.append(words["column"].format(line["column"]))
    elif line.get("pointer"):
        parts.append(str(line["pointer"]))
    return ", ".join(parts)
