"""HTTP of agencies."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from services.enrolment.directory.agencies.errors import (
    AgencyCycle,
    BlocBorder,
    BlocReserved,
    ChildOutlivesParent,
    LevelReserved,
    ParentUnknown,
    ProvinceUnknown,
    TreeTooDeep,
)
from services.enrolment.directory.agencies.layout import AGENCY_LIST, AGENCY_SHEET, listed_row
from services.enrolment.directory.agencies.schemas import (
    EXAMPLE,
    AgencyBody,
    AgencyHistory,
    AgencyPage,
    AgencyView,
)
from services.enrolment.directory.agencies.scope import sees_directory
from services.enrolment.directory.agencies.submissions import AgencyRow, problems_of
from services.enrolment.directory.agencies.use_cases import reading, storing
from services.enrolment.directory.fields import CODE_PATTERN, Day
from shared.contracts.problem import (
    FieldError,
    Forbidden,
    InvalidRequest,
    NotFound,
    PreconditionRequired,
    Problem,
    StaleVersion,
    TooManyRequests,
)
from shared.imports.issues import Issue
from shared.listing.declared import ListFile, Listing, add_list
from shared.persistence.unit_of_work import UnitOfWork
from shared.security.principal import Principal
from shared.web.bulk import (
    BULK_REFUSALS,
    DryRun,
    TextEncoding,
    answer_bulk,
    bulk_answer,
    bulk_body,
)
from shared.web.conditional import etag, require_match
from shared.web.edge import EdgeRoute, Work
from shared.web.problems import problem_responses
from shared.web.templates import template_router

router = APIRouter(tags=["agencies"], route_class=EdgeRoute)
bulk_router = APIRouter(tags=["agencies"])
templates_router = template_router(AGENCY_SHEET, "/v1/agencies/import", "agency_import", "agencies")

AgencyCode = Annotated[
    str,
    Path(
        pattern=CODE_PATTERN,
        description="Mã cơ quan, đơn vị / The agency's code",
        examples=["H56.09.TTYTHH"],
    ),
]

_REFUSALS: dict[str, type[Problem]] = {
    "not_found": NotFound,
    "parent_required": Forbidden,
    "parent_unknown": ParentUnknown,
    "child_outlives_parent": ChildOutlivesParent,
    "agency_cycle": AgencyCycle,
    "tree_too_deep": TreeTooDeep,
    "bloc_reserved": BlocReserved,
    "level_reserved": LevelReserved,
    "bloc_border": BlocBorder,
}


def _field_errors(issues: list[Issue]) -> list[FieldError]:
    return [FieldError(i.pointer, i.code, i.message_vi, i.message_en) for i in issues]


def _require_writer(principal: Principal) -> None:
    if not sees_directory(principal):
        raise NotFound
    if not principal.may("agencies:write"):
        raise Forbidden(
            "Vai trò này không thay đổi cây cơ quan", "This role does not change the agency tree"
        )


@router.put(
    "/v1/agencies/{code}",
    operation_id="put_agency",
    summary="Lập hoặc thay một phiên bản của cơ quan / Set one version of an agency",
    response_model=AgencyHistory,
    responses={
        201: {"model": AgencyHistory, "description": "Cơ quan mới / A new agency"},
        **problem_responses(
            Forbidden,
            NotFound,
            ParentUnknown,
            ChildOutlivesParent,
            AgencyCycle,
            TreeTooDeep,
            BlocReserved,
            LevelReserved,
            BlocBorder,
            StaleVersion,
            InvalidRequest,
            ProvinceUnknown,
            PreconditionRequired,
            TooManyRequests,
        ),
    },
)
async def put_agency(
    code: AgencyCode, body: AgencyBody, request: Request, response: Response, work: Work
) -> AgencyHistory:
    """The body is the agency's version from `valid_from`; other versions stand. A version without
    `valid_to` ends the day before the next begins. Changing an agency that exists needs `If-Match`."""
    _require_writer(work.principal)
    row = msgspec.convert({"code": code, **body.model_dump()}, AgencyRow)
    wrong = problems_of(row)
    if wrong:
        kind = (
            ProvinceUnknown if [w.code for w in wrong] == ["province_unknown"] else InvalidRequest
        )
        raise kind(wrong[0].message_vi, wrong[0].message_en, errors=_field_errors(wrong))
    confined = await work.questions.left() is not None  # before the tree is locked
    version = await reading.version_in_scope(work, code, lock=True)
    if version is None and confined and "if-match" in request.headers:
        raise NotFound  # something is named that is not in the caller's scope
    require_match(request, version)
    stored = await storing.store_versions(work, [row])
    if refused := stored.refused.get(0):
        first = refused[0]
        if first.code == TooManyRequests.code:
            raise work.questions.spent()
        raise _REFUSALS[first.code](
            first.message_vi, first.message_en, errors=_field_errors(refused)
        )
    if version is None:
        response.status_code = 201
    found = await reading.find(work, code)
    response.headers["ETag"] = etag(found.version)
    return found.view(work.clock.today())


@router.get(
    "/v1/agencies/{code}",
    operation_id="get_agency",
    summary="Một cơ quan, vào một ngày / One agency, as of a day",
    response_model=AgencyHistory,
    responses=problem_responses(NotFound, InvalidRequest),
)
async def get_agency(
    code: AgencyCode,
    response: Response,
    work: Work,
    as_of: Annotated[
        Day | None,
        Query(description="Vào ngày này; mặc định: hôm nay / On this day; default: today"),
    ] = None,
) -> AgencyHistory:
    """The version in force on `as_of`; 404 on a day on which the agency is not in the tree. Without
    `as_of`: today's version, else the last one, marked `in_force: false`."""
    found = await reading.find(work, code)
    view = found.view(as_of or work.clock.today())
    if as_of is not None and not view.in_force:
        raise NotFound(
            "Cơ quan không có trong cây vào ngày này", "The agency is not in the tree on that day"
        )
    response.headers["ETag"] = etag(found.version)
    return view


class TreeFilters(BaseModel):
    as_of: Annotated[Day | None, Field(description="Mặc định: hôm nay / Default: today")] = None
    under: Annotated[
        str | None,
        Field(pattern=CODE_PATTERN, description="Cơ quan này và cấp dưới / This body and below"),
    ] = None


async def _tree_asked_for(_: Request, work: UnitOfWork, filters: TreeFilters) -> reading.AskedTree:
    return await reading.asked_tree(work, filters.as_of, filters.under)


def _file_rows(item: AgencyView) -> tuple[dict[str, Any]]:
    return (listed_row(item.model_dump(mode="json")),)


add_list(
    router,
    Listing(
        path="/v1/agencies",
        name="agencies",
        summary="Cây cơ quan vào một ngày / The tree as of a day",
        description=(
            "Agencies in force on `as_of`, in order of code, within the caller's scope of today. As CSV or XLSX by"
            " `Accept`, or at `/v1/agencies.csv` and `.xlsx`: the whole list, in the layout that imports take."
        ),
        filters=TreeFilters,
        ask=_tree_asked_for,
        read=reading.listed,
        key=(str,),
        page=AgencyPage,
        file=ListFile(
            layout=AGENCY_LIST,
            summary="Xuất cây cơ quan vào một ngày / The tree as of a day as a file",
            description="The version in force on `as_of` on each row, in the layout that imports take.",
            rows=_file_rows,
        ),
        refusals=(NotFound,),
    ),
)


@bulk_router.post(
    "/v1/agencies/import",
    operation_id="import_agencies",
    summary="Nhập nhiều cơ quan / Import agencies",
    response_class=Response,
    responses={
        200: bulk_answer(),
        **BULK_REFUSALS,
        **problem_responses(Forbidden, NotFound),
    },
    openapi_extra=bulk_body(
        {
            "allOf": [
                {"$ref": "#/components/schemas/AgencyBody"},
                {
                    "type": "object",
                    "required": ["code"],
                    "properties": {"code": {"type": "string"}},
                },
            ]
        },
        {"code": "H56.09.TTYTHH", **EXAMPLE},
        sheets=True,
    ),
)
async def import_agencies(
    request: Request,
    encoding: TextEncoding = None,
    dry_run: DryRun = False,
) -> Response:
    """Each row is a version, in any order: the PUT body with its `code`. Rows that would break the tree
    are refused by name, the others stand. CSV and XLSX are headed in Vietnamese or English."""
    _require_writer(request.state.principal)
    return await answer_bulk(request, storing.AgencyFile(), encoding=encoding, dry_run=dry_run)
