"""HTTP of job positions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from services.enrolment.directory.fields import CODE_PATTERN
from services.enrolment.directory.job_positions import use_cases
from services.enrolment.directory.job_positions.layout import JOB_POSITION_LIST
from services.enrolment.directory.job_positions.schemas import (
    JobPositionBody,
    JobPositionPage,
    JobPositionView,
)
from shared.contracts.problem import (
    Forbidden,
    InvalidRequest,
    NotFound,
    PreconditionRequired,
    StaleVersion,
)
from shared.listing.declared import ListFile, Listing, NoFilters, add_list
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
    use_cases.require_reader(work)
    if not work.principal.may("agencies:write"):
        raise Forbidden(
            "Vai trò này không ghi vị trí việc làm", "This role does not write positions"
        )
    stored = await use_cases.find(work, code, lock=True)
    await use_cases.require_owner(work, body, stored)
    require_match(request, None if stored is None else stored.version)
    if stored is None:
        response.status_code = 201
    version = await use_cases.put(work, code, body, stored)
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
    use_cases.require_reader(work)
    stored = await use_cases.find(work, code)
    if stored is None:
        raise NotFound
    response.headers["ETag"] = etag(stored.version)
    return stored


async def _asked(_: Request, work: UnitOfWork, __: NoFilters) -> None:
    use_cases.require_reader(work)


add_list(
    router,
    Listing(
        path="/v1/job-positions",
        name="job-positions",
        summary="Các vị trí việc làm / Job positions",
        description=(
            "In order of code. As CSV or XLSX by `Accept`, or at `/v1/job-positions.csv` and `.xlsx`: all of them."
        ),
        filters=NoFilters,
        ask=_asked,
        read=use_cases.listed,
        key=(str,),
        page=JobPositionPage,
        file=ListFile(
            layout=JOB_POSITION_LIST,
            summary="Xuất danh mục vị trí việc làm / Job positions as a file",
            description="One position on each row.",
        ),
        refusals=(NotFound,),
    ),
)
