"""HTTP of results as they are read, and of their new versions."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response

from services.certification.directory.endpoints import CaughtUpRoute
from services.certification.recording.endpoints import RESULTS
from services.certification.recording.use_cases.posting import ResultsState
from services.certification.registry.callers import require_register
from services.certification.registry.errors import REGISTER_REFUSALS, CertificateNotInForce
from services.certification.results.errors import VersionConflict
from services.certification.results.layout import RESULT_LIST
from services.certification.results.schemas import (
    EXAMPLE_VERSION,
    ResultView,
    VersionAnswer,
    VersionBody,
)
from services.certification.results.use_cases import reading, versions
from services.certification.sheets.errors import RESULT_REFUSALS
from services.certification.sheets.refusals import refused_body
from services.certification.sheets.schemas import (
    schema_of,
)
from shared.contracts.problem import (
    Forbidden,
    InvalidRequest,
    NotAcceptable,
    NotFound,
    UnsupportedMediaType,
)
from shared.imports.decoding import RowDecoder, RowError
from shared.listing.files import PAGE as EXPORT_PAGE
from shared.listing.files import exported
from shared.listing.forms import FILES, NAMED_FILES, Form, FormByName, form_asked_for
from shared.listing.pages import (
    PageCursor,
    PageLimit,
    RowNumber,
    decode_page_cursor,
    encode_page_cursor,
)
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal
from shared.web.edge import (
    Caller,
    EdgeRoute,
    Work,
)
from shared.web.media_types import is_json
from shared.web.problems import problem_responses

router = APIRouter(tags=["results"], route_class=EdgeRoute)

NOBODY: Final = ""
"""The code of no institution."""
ResultId = Annotated[UUID, Path(description="Mã kết quả thi / The result's id")]


def _json(content: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def _content(kind: Any, description: str, example: Any = None) -> dict[str, Any]:
    body: dict[str, Any] = {"schema": schema_of(kind)}
    if example is not None:
        body["example"] = example
    return {"description": description, "content": {"application/json": body}}


versions_router = APIRouter(tags=["results"], route_class=CaughtUpRoute)


@versions_router.post(
    "/v1/results/{result_id}/versions",
    operation_id="post_result_version",
    summary="Phúc khảo, sửa sai / A new version of a result",
    status_code=201,
    response_class=Response,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": schema_of(VersionBody), "example": EXAMPLE_VERSION}
            },
        }
    },
    responses={
        201: _content(VersionAnswer, "Đã ghi / Recorded"),
        200: _content(VersionAnswer, "Đã ghi từ trước / Recorded before"),
        **problem_responses(
            NotFound,
            Forbidden,
            InvalidRequest,
            VersionConflict,
            CertificateNotInForce,
            *RESULT_REFUSALS,
            *REGISTER_REFUSALS,
            UnsupportedMediaType,
        ),
    },
)
async def post_result_version(request: Request, result_id: ResultId, work: Work) -> Response:
    """Re-marking, a clerical error or a late skill. The level may rise or fall: the old certificate then
    gives way on `decided_on` to the new one, if one is earned. With an unchanged level it stays."""
    require_register(work.principal, "results:write")
    state: ResultsState = request.app.state.results
    body = await read_body(request, VersionBody)
    answer, created = await versions.record_version(
        work,
        state.judge,
        state.writer.recorder,
        result_id,
        body,
    )
    return _json(answer, 201 if created else 200)


async def read_body(request: Request, kind: type[Any]) -> Any:
    """The body as ``kind``; 415 for what is not JSON, 422 with the place of each fault."""
    if not is_json(request.headers.get("content-type", "")):
        raise UnsupportedMediaType("Cần application/json", "application/json is needed")
    try:
        return RowDecoder(kind).decode(await request.body())
    except RowError as error:
        raise refused_body(error.issues) from None


@router.get(
    "/v1/results/{result_id}",
    operation_id="get_result",
    summary="Một kết quả thi / One result",
    response_class=Response,
    responses={
        200: _content(ResultView, "Kết quả / The result"),
        **problem_responses(NotFound, Forbidden),
    },
)
async def get_result(request: Request, result_id: ResultId, work: Work) -> Response:
    """With every version. Identity numbers are masked without `pii:read`."""
    require_register(work.principal, "results:read")
    state: ResultsState = request.app.state.results
    view = await reading.view_result(work, state.judge, result_id)
    response = _json(view)
    response.headers["ETag"] = f'"{len(view.versions)}"'
    return response


InstitutionFilter = Annotated[
    str | None, Query(max_length=80, description="Đơn vị tổ chức thi / Institution")
]
SessionFilter = Annotated[
    str | None, Query(max_length=80, description="Mã kỳ thi / Code of the exam session")
]
HeldFrom = Annotated[dt.date | None, Query(description="Thi từ ngày / Held on or after")]
HeldTo = Annotated[dt.date | None, Query(description="Thi đến ngày / Held on or before")]


@router.get(
    RESULTS,
    operation_id="list_results",
    summary="Danh sách kết quả thi / Results",
    response_class=Response,
    responses={
        200: {
            "description": "Theo kỳ thi và số báo danh / By session and candidate number",
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/ResultPage"}},
                **FILES,
            },
        },
        **problem_responses(Forbidden, NotFound, NotAcceptable),
    },
)
async def list_results(
    request: Request,
    work: Work,
    caller: Caller,
    limit: PageLimit = 100,
    after: Annotated[PageCursor, Query(alias="cursor")] = None,
    institution: InstitutionFilter = None,
    session: SessionFilter = None,
    held_from: HeldFrom = None,
    held_to: HeldTo = None,
) -> Response:
    """An institution sees its own. As CSV or XLSX by `Accept`, or at `/v1/results.csv` and `.xlsx`: the
    whole list."""
    filters = _filters(caller, institution, session, held_from, held_to)
    form = form_asked_for(request, None)
    if form is not None:
        return _export(request, filters, form)
    state: ResultsState = request.app.state.results
    key: Any = decode_page_cursor(after, RowNumber, str, RowNumber)
    views, last = await reading.list_views(work, state.judge, filters, after=key, limit=limit)
    return _json({"items": views, "next": None if last is None else encode_page_cursor(*last)})


@router.get(
    f"{RESULTS}.{{form}}",
    operation_id="export_results",
    summary="Xuất kết quả thi / Results as a file",
    response_class=Response,
    responses={200: {"content": NAMED_FILES}, **problem_responses(Forbidden, NotFound)},
)
async def export_results(
    form: FormByName,
    request: Request,
    caller: Caller,
    institution: InstitutionFilter = None,
    session: SessionFilter = None,
    held_from: HeldFrom = None,
    held_to: HeldTo = None,
) -> Response:
    """One candidate on each row, as the result stands now."""
    return _export(request, _filters(caller, institution, session, held_from, held_to), form)


def _filters(
    caller: Principal,
    institution: str | None,
    session: str | None,
    held_from: dt.date | None,
    held_to: dt.date | None,
) -> reading.Filters:
    """An institution that asks for another's results asks for none."""
    require_register(caller, "results:read")
    if caller.role == "institution":
        institution = caller.institution if institution in (None, caller.institution) else NOBODY
    return reading.Filters(plain(institution), plain(session), held_from, held_to)


def _export(request: Request, filters: reading.Filters, form: Form) -> Response:
    state: ResultsState = request.app.state.results

    async def page(
        work: UnitOfWork, after: tuple[int, str, int] | None
    ) -> tuple[list[dict[str, Any]], tuple[int, str, int] | None]:
        views, last = await reading.list_views(
            work, state.judge, filters, after=after, limit=EXPORT_PAGE
        )
        return msgspec.json.decode(msgspec.json.encode(views)), last

    return exported(request, RESULT_LIST, "results", form, page)


def plain(text: str | None) -> str | None:
    """A filter no row can match is refused rather than sent to the database."""
    if text is not None and "\x00" in text:
        raise InvalidRequest("Ký tự NUL không hợp lệ", "NUL is not allowed")
    return text
