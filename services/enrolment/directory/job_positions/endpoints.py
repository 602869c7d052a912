"""HTTP of job positions."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from services.enrolment.directory.agencies.scope import sees_directory
from services.enrolment.directory.fields import CODE_PATTERN
from services.enrolment.directory.job_positions import repository, use_cases
from services.enrolment.directory.job_positions.layout import JOB_POSITION_LIST
from services.enrolment.directory.job_positions.schemas import (
    JobPositionBody,
    JobPositionPage,
    JobPositionView,
)
from shared.contracts.problem import (
    Forbidden,
    InvalidRequest,
    NotAcceptable,
    NotFound,
    PreconditionRequired,
    StaleVersion,
)
from shared.listing.files import PAGE as EXPORT_PAGE
from shared.listing.files import exported
from shared.listing.forms import FILES, NAMED_FILES, Form, FormByName, form_asked_for
from shared.listing.pages import AnyPageCursor, PageLimit, decode_page_cursor, encode_page_cursor
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.conditional import etag, require_match
from shared.web.edge import EdgeRoute, Work
from shared.web.problems import problem_responses

router = APIRouter(tags=["job positions"], route_class=EdgeRoute)

JobPositionCode = Annotated[
    str,
    Path(
        pattern=CODE_PATTERN,
        description="Mã vị trí việc làm / The job position's code",
        examples=["VTVL-HTQT"],
    ),
]


def _require_reader(work: UnitOfWork) -> None:
    if not sees_directory(work.principal):
        raise NotFound


@router.put(
    "/v1/job-positions/{code}",
    operation_id="put_job_position",
    summary="Ghi một vị trí việc làm / Set a job position",
    response_model=JobPositionView,
    responses={
        201: {"model": JobPositionView, "description": "Vị trí mới / A new position"},
        **problem_responses(
            Forbidden, NotFound, StaleVersion, InvalidRequest, PreconditionRequired
        ),
    },
)
async def put_job_position(
    code: JobPositionCode,
    body: JobPositionBody,
    request: Request,
    response: Response,
    work: Work,
) -> JobPositionView:
    """A body's own position is written within its scope, a general one (`agency_code` null) by a
    nation-wide caller. Changing one that exists needs `If-Match`."""
    _require_reader(work)
    if not work.principal.may("agencies:write"):
        raise Forbidden(
            "Vai trò này không ghi vị trí việc làm", "This role does not write positions"
        )
    held = await repository.find(work.connection, code, lock=True)
    await use_cases.require_owner(work, body, held)
    require_match(request, None if held is None else held.version)
    if held is None:
        response.status_code = 201
    version = await use_cases.put(work, code, body, held)
    response.headers["ETag"] = etag(version)
    return JobPositionView(**body.model_dump(), code=code, version=version)


@router.get(
    "/v1/job-positions/{code}",
    operation_id="get_job_position",
    summary="Một vị trí việc làm / One job position",
    response_model=JobPositionView,
    responses=problem_responses(NotFound, InvalidRequest),
)
async def get_job_position(
    code: JobPositionCode, response: Response, work: Work
) -> JobPositionView:
    """The catalogue is read by every agency and authority."""
    _require_reader(work)
    held = await repository.find(work.connection, code)
    if held is None:
        raise NotFound
    response.headers["ETag"] = etag(held.version)
    return held


@router.get(
    "/v1/job-positions",
    operation_id="list_job_positions",
    summary="Các vị trí việc làm / Job positions",
    response_model=JobPositionPage,
    responses={
        200: {"content": FILES},
        **problem_responses(NotFound, NotAcceptable, InvalidRequest),
    },
)
async def list_job_positions(
    request: Request, work: Work, after: AnyPageCursor = None, limit: PageLimit = 100
) -> Any:
    """In order of code. As CSV or XLSX by `Accept`, or at `/v1/job-positions.csv` and `.xlsx`: all of them."""
    _require_reader(work)
    form = form_asked_for(request, None)
    if form is not None:
        return _export(request, form)
    key = decode_page_cursor(after, str)
    items, last = await _page(work, key[0] if key else None, limit)
    return JobPositionPage(items=items, next=None if last is None else encode_page_cursor(last))


@router.get(
    "/v1/job-positions.{form}",
    operation_id="export_job_positions",
    summary="Xuất danh mục vị trí việc làm / Job positions as a file",
    response_class=Response,
    responses={200: {"content": NAMED_FILES}, **problem_responses(NotFound, InvalidRequest)},
)
async def export_job_positions(form: FormByName, request: Request, work: Work) -> Response:
    """One position on each row."""
    _require_reader(work)
    return _export(request, form)


async def _page(
    work: UnitOfWork, after: str | None, limit: int
) -> tuple[list[JobPositionView], str | None]:
    """Those after a code, and the last one's if more follow."""
    items = await repository.page(work.connection, after, limit + 1)
    return items[:limit], items[limit - 1].code if len(items) > limit else None


def _export(request: Request, form: Form) -> Response:
    async def page(work: UnitOfWork, after: str | None) -> tuple[list[dict[str, Any]], str | None]:
        items, last = await _page(work, after, EXPORT_PAGE)
        return [item.model_dump(mode="json") for item in items], last

    return exported(request, JOB_POSITION_LIST, "job-positions", form, page)
