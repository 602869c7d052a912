"""HTTP of institutions: every caller with a token reads them, the authorities write."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from services.enrolment.directory.fields import CODE_PATTERN
from services.enrolment.directory.institutions import repository, use_cases
from services.enrolment.directory.institutions.layout import INSTITUTION_LIST, listed_rows
from services.enrolment.directory.institutions.schemas import (
    InstitutionBody,
    InstitutionPage,
    InstitutionView,
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
    responses={
        200: {"content": FILES},
        **problem_responses(NotAcceptable, InvalidRequest),
    },
)
async def list_institutions(
    request: Request, work: Work, after: AnyPageCursor = None, limit: PageLimit = 100
) -> Any:
    """In order of code. As CSV or XLSX by `Accept`, or at `/v1/institutions.csv` and `.xlsx`: all of them."""
    form = form_asked_for(request, None)
    if form is not None:
        return _export(request, form)
    key = decode_page_cursor(after, str)
    items, last = await _page(work, key[0] if key else None, limit)
    return InstitutionPage(items=items, next=None if last is None else encode_page_cursor(last))


@router.get(
    "/v1/institutions.{form}",
    operation_id="export_institutions",
    summary="Xuất danh sách cơ sở / Institutions as a file",
    response_class=Response,
    responses={200: {"content": NAMED_FILES}, **problem_responses(InvalidRequest)},
)
async def export_institutions(form: FormByName, request: Request) -> Response:
    """One authorisation on each row."""
    return _export(request, form)


async def _page(
    work: UnitOfWork, after: str | None, limit: int
) -> tuple[list[InstitutionView], str | None]:
    """Those after a code, and the last one's if more follow."""
    codes = await repository.page(work.connection, after, limit + 1)
    found = await repository.institutions(work.connection, codes[:limit])
    more = codes[limit - 1] if len(codes) > limit else None
    return [found[code] for code in codes[:limit]], more


def _export(request: Request, form: Form) -> Response:
    async def page(work: UnitOfWork, after: str | None) -> tuple[list[dict[str, Any]], str | None]:
        items, last = await _page(work, after, EXPORT_PAGE)
        return [row for item in items for row in listed_rows(item.model_dump(mode="json"))], last

    return exported(request, INSTITUTION_LIST, "institutions", form, page)
