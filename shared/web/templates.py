"""Templates of bulk bodies to download: XLSX, or CSV by ``Accept`` or by the name of the file."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Request, Response

from shared.contracts.problem import NotAcceptable, preferred_language
from shared.imports.layout import SheetLayout
from shared.imports.reading import XLSX_MEDIA_TYPE
from shared.imports.templates import csv_template, template
from shared.web.problems import problem_responses

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
    accept = request.headers.get("accept") or "*/*"
    for part in accept.split(","):
        kind = part.partition(";")[0].strip().lower()
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
    """Of a file; the same bytes are called bytes where ``Accept`` names those first."""
    media_type = XLSX_MEDIA_TYPE if form == "xlsx" else f"{CSV_MEDIA_TYPE}; charset=utf-8"
    first = request.headers.get("accept", "").partition(",")[0].partition(";")[0].strip().lower()
    return {
        "Content-Type": BYTES_MEDIA_TYPE if first == BYTES_MEDIA_TYPE else media_type,
        "Content-Disposition": f'attachment; filename="{name}.{form}"',
    }


def template_router(layout: SheetLayout, bulk_path: str, name: str, tag: str) -> APIRouter:
    """``GET <bulk_path>/template`` and ``.csv``, ``.xlsx``; ``name`` begins the operation ids."""
    router = APIRouter(tags=[tag])

    def answered(request: Request, form: Form) -> Response:
        language = preferred_language(request.headers.get("accept-language"))
        make = template if form == "xlsx" else csv_template
        return Response(
            make(layout, language),
            headers=file_headers(request, f"{name}-template".replace("_", "-"), form),
        )

    @router.get(
        f"{bulk_path}/template",
        operation_id=f"{name}_template",
        summary=f"Biểu mẫu: {layout.name_vi} / Template: {layout.name_en}",
        response_class=Response,
        responses={200: {"content": NAMED_FILES}, **problem_responses(NotAcceptable)},
    )
    async def asked_by_accept(request: Request) -> Response:
        """A workbook with headings, one example, lists to choose from and notes; or the same headings
        and example as CSV. The example row is left out of an import if it is kept as it is."""
        return answered(request, form_asked_for(request, "xlsx") or "xlsx")

    @router.get(
        f"{bulk_path}/template.{{form}}",
        operation_id=f"{name}_template_file",
        summary=f"Biểu mẫu theo tên tệp: {layout.name_vi} / Template by file name: {layout.name_en}",
        response_class=Response,
        responses={200: {"content": NAMED_FILES}},
    )
    async def asked_by_name(form: FormByName, request: Request) -> Response:
        return answered(request, form)

    return router
