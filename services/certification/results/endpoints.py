"""HTTP of results as they are read, and of their new versions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from services.certification.directory.endpoints import CaughtUpRoute
from services.certification.recording.endpoints import RESULTS
from services.certification.recording.use_cases.posting import ResultsState
from services.certification.registry.callers import institution_asked_for, require_register
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
    NotFound,
    UnsupportedMediaType,
)
from shared.imports.decoding import RowDecoder, RowError
from shared.listing.declared import ListFile, Listing, add_list
from shared.listing.pages import (
    RowNumber,
)
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.edge import (
    EdgeRoute,
    Work,
)
from shared.web.media_types import is_json
from shared.web.problems import problem_responses

router = APIRouter(tags=["results"], route_class=EdgeRoute)

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


class ResultFilters(BaseModel):
    institution: Annotated[
        str | None, Field(max_length=80, description="Đơn vị tổ chức thi / Institution")
    ] = None
    session: Annotated[
        str | None, Field(max_length=80, description="Mã kỳ thi / Code of the exam session")
    ] = None
    held_from: Annotated[dt.date | None, Field(description="Thi từ ngày / Held on or after")] = None
    held_to: Annotated[dt.date | None, Field(description="Thi đến ngày / Held on or before")] = None


async def _asked_for(
    request: Request, work: UnitOfWork, filters: ResultFilters
) -> reading.AskedResults:
    require_register(work.principal, "results:read")
    state: ResultsState = request.app.state.results
    return reading.AskedResults(
        judge=state.judge,
        institution=_plain(institution_asked_for(work.principal, filters.institution)),
        session=_plain(filters.session),
        held_from=filters.held_from,
        held_to=filters.held_to,
    )


def _plain(text: str | None) -> str | None:
    """A filter no row can match is refused rather than sent to the database."""
    if text is not None and "\x00" in text:
        raise InvalidRequest("Ký tự NUL không hợp lệ", "NUL is not allowed")
    return text


def _page(items: Sequence[ResultView], following: str | None) -> Response:
    return _json({"items": items, "next": following})


def _rows(item: ResultView) -> Iterable[Mapping[str, Any]]:
    return (msgspec.json.decode(msgspec.json.encode(item)),)


RESULT_LISTING = Listing(
    path=RESULTS,
    name="results",
    summary="Danh sách kết quả thi / Results",
    description=(
        "By session and candidate number. An institution sees its own. As CSV or XLSX by `Accept`, or at "
        "`/v1/results.csv` and `.xlsx`: the whole list."
    ),
    filters=ResultFilters,
    ask=_asked_for,
    read=reading.list_results,
    key=(RowNumber, str, RowNumber),
    page=None,
    answer=_page,
    content={"application/json": {"schema": {"$ref": "#/components/schemas/ResultPage"}}},
    file=ListFile(
        layout=RESULT_LIST,
        summary="Xuất kết quả thi / Results as a file",
        description="One candidate on each row, as the result stands now.",
        rows=_rows,
    ),
    refusals=(Forbidden, NotFound),
)
add_list(router, RESULT_LISTING)
