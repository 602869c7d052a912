"""HTTP of institutions: every caller with a token reads them, the authorities write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from services.enrolment.directory.fields import CODE_PATTERN
from services.enrolment.directory.institutions import use_cases
from services.enrolment.directory.institutions.layout import INSTITUTION_LIST, listed_rows
from services.enrolment.directory.institutions.schemas import (
    InstitutionBody,
    InstitutionPage,
    InstitutionView,
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

router = APIRouter(tags=["institutions"], route_class=EdgeRoute)

InstitutionCode = Annotated[
    str,
    Path(
        pattern=CODE_PATTERN,
        description="Mã cơ sở đào tạo, đơn vị tổ chức thi / The institution's code",
        examples=["VINH"],
    ),
]


@router.put(
    "/v1/institutions/{code}",
    operation_id="put_institution",
    summary="Ghi một cơ sở và các giấy phép / Set an institution and its authorisations",
    response_model=InstitutionView,
    responses={
        201: {"model": InstitutionView, "description": "Cơ sở mới / A new institution"},
        **problem_responses(Forbidden, StaleVersion, InvalidRequest, PreconditionRequired),
    },
)
async def put_institution(
    code: InstitutionCode,
    body: InstitutionBody,
    request: Request,
    response: Response,
    work: Work,
) -> InstitutionView:
    """The authorisations replace those there were. Changing one that exists needs `If-Match`."""
    if not work.principal.may("institutions:write"):
        raise Forbidden(
            "Vai trò này không ghi cơ sở đào tạo", "This role does not write institutions"
        )
    before = await use_cases.find(work, code, lock=True)
    require_match(request, None if before is None else before.version)
    if before is None:
        response.status_code = 201
    version = await use_cases.put(work, code, body, before)
    response.headers["ETag"] = etag(version)
    stored = await use_cases.find(work, code)
    assert stored is not None, "it was stored a moment ago"
    return stored


@router.get(
    "/v1/institutions/{code}",
    operation_id="get_institution",
    summary="Một cơ sở / One institution",
    response_model=InstitutionView,
    responses=problem_responses(NotFound, InvalidRequest),
)
async def get_institution(code: InstitutionCode, response: Response, work: Work) -> InstitutionView:
    """With all dated authorisations."""
    before = await use_cases.find(work, code)
    if before is None:
        raise NotFound
    response.headers["ETag"] = etag(before.version)
    return before


async def _asked(_: Request, __: UnitOfWork, ___: NoFilters) -> None:
    """Every caller with a token reads them."""


def _file_rows(item: InstitutionView) -> Iterator[dict[str, Any]]:
    return listed_rows(item.model_dump(mode="json"))


add_list(
    router,
    Listing(
        path="/v1/institutions",
        name="institutions",
        summary="Các cơ sở / Institutions",
        description=(
            "In order of code. As CSV or XLSX by `Accept`, or at `/v1/institutions.csv` and `.xlsx`: all of them."
        ),
        filters=NoFilters,
        ask=_asked,
        read=use_cases.listed,
        key=(str,),
        page=InstitutionPage,
        file=ListFile(
            layout=INSTITUTION_LIST,
            summary="Xuất danh sách cơ sở / Institutions as a file",
            description="One authorisation on each row.",
            rows=_file_rows,
        ),
    ),
)
