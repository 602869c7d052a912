"""HTTP of institutions: every caller with a token reads them, the authorities write."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from services.enrolment.directory.fields import CODE_PATTERN
from services.enrolment.directory.institutions import repository, use_cases
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
from shared.web.conditional import etag, require_match
from shared.web.edge import EdgeRoute, Work
from shared.web.paging import AnyPageCursor, PageLimit, decode_page_cursor, encode_page_cursor
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
    held = (await repository.institutions(work.connection, [code], lock=True)).get(code)
    require_match(request, None if held is None else held.version)
    if held is None:
        response.status_code = 201
    version = await use_cases.put(work, code, body, held)
    response.headers["ETag"] = etag(version)
    return (await repository.institutions(work.connection, [code]))[code]


@router.get(
    "/v1/institutions/{code}",
    operation_id="get_institution",
    summary="Một cơ sở / One institution",
    response_model=InstitutionView,
    responses=problem_responses(NotFound, InvalidRequest),
)
async def get_institution(code: InstitutionCode, response: Response, work: Work) -> InstitutionView:
    """With all dated authorisations."""
    held = (await repository.institutions(work.connection, [code])).get(code)
    if held is None:
        raise NotFound
    response.headers["ETag"] = etag(held.version)
    return held


@router.get(
    "/v1/institutions",
    operation_id="list_institutions",
    summary="Các cơ sở / Institutions",
    response_model=InstitutionPage,
    responses=problem_responses(InvalidRequest),
)
async def list_institutions(
    work: Work, after: AnyPageCursor = None, limit: PageLimit = 100
) -> InstitutionPage:
    """In order of code."""
    key = decode_page_cursor(after, str)
    codes = await repository.page(work.connection, key[0] if key else None, limit + 1)
    found = await repository.institutions(work.connection, codes[:limit])
    more = encode_page_cursor(codes[limit - 1]) if len(codes) > limit else None
    return InstitutionPage(items=[found[code] for code in codes[:limit]], next=more)
