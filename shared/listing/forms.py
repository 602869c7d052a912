"""Forms of one answer: JSON, CSV or XLSX, by ``Accept`` or by the ending of the address."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import Path, Request

from shared.contracts.accept import wishes_in
from shared.contracts.problem import NotAcceptable
from shared.imports.reading import XLSX_MEDIA_TYPE

Form = Literal["csv", "xlsx"]
FormByName = Annotated[Form, Path(description="Dạng tệp / Form of the file")]
CSV_MEDIA_TYPE: Final = "text/csv"
BYTES_MEDIA_TYPE: Final = "application/octet-stream"
FILES: Final[dict[str, Any]] = {
    CSV_MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}},
    XLSX_MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}},
}
"""The forms of a list that also answers JSON."""
NAMED_FILES: Final[dict[str, Any]] = {
    BYTES_MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}},
    **FILES,
}
"""The forms of an address that answers nothing but a file. A generated Python client gives bytes for the
first, and breaks on bytes that are declared as text."""


def form_asked_for(request: Request, otherwise: Form | None) -> Form | None:
    """The first form of file that ``Accept`` names; ``otherwise`` where it names JSON or anything, and
    where it names bytes and there is nothing but files. Raises 406 when nothing fits."""
    for kind, _ in wishes_in(request.headers.get("accept") or "*/*"):
        if kind in ("*/*", "application/*", "application/json", "application/problem+json"):
            return otherwise
        if kind == BYTES_MEDIA_TYPE and otherwise is not None:
            return otherwise
        if kind in (CSV_MEDIA_TYPE, "text/*"):
            return "csv"
        if kind == XLSX_MEDIA_TYPE:
            return "xlsx"
    known = ", ".join((*FILES, *(() if otherwise else ("application/json",))))
    raise NotAcceptable(f"Chỉ có {known}", f"Only {known}")


def file_headers(request: Request, name: str, form: Form) -> dict[str, str]:
    """Headers of a file. The same bytes are called bytes where ``Accept`` names those first."""
    media_type = XLSX_MEDIA_TYPE if form == "xlsx" else f"{CSV_MEDIA_TYPE}; charset=utf-8"
    first, *_ = wishes_in(request.headers.get("accept"))
    return {
        "Content-Type": BYTES_MEDIA_TYPE if first.name == BYTES_MEDIA_TYPE else media_type,
        "Content-Disposition": f'attachment; filename="{name}.{form}"',
    }
