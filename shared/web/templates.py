"""Templates of bulk bodies to download: XLSX, or CSV by ``Accept`` or by the name of the file."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from shared.contracts.problem import NotAcceptable, preferred_language
from shared.imports.layout import SheetLayout
from shared.imports.templates import csv_template, template
from shared.listing.forms import NAMED_FILES, Form, FormByName, file_headers, form_asked_for
from shared.web.problems import problem_responses


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
