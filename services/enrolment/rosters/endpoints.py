"""HTTP of many officials: lists, files out, files in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from services.enrolment.directory.agencies.use_cases.reading import require_in_scope
from services.enrolment.directory.fields import CODE_PATTERN, Day
from services.enrolment.directory.officials.filters import Filters
from services.enrolment.directory.officials.schemas import (
    EXAMPLE,
    OfficialPage,
    OfficialView,
    SearchBody,
)
from services.enrolment.directory.officials.use_cases.reading import (
    listed,
    require_list,
)
from services.enrolment.directory.officials.visibility import require_writer
from services.enrolment.parameters import keys_of
from services.enrolment.rosters.layout import ROSTER
from services.enrolment.rosters.use_cases import Roster
from shared.contracts.events import Leadership, OfficialStatus
from shared.contracts.problem import FieldError, Forbidden, InvalidRequest, NotFound
from shared.listing.declared import ListFile, Listing, add_list
from shared.listing.pages import decode_page_cursor, encode_page_cursor
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.bulk import BULK_REFUSALS, DryRun, TextEncoding, answer_bulk, bulk_answer, bulk_body
from shared.web.edge import EdgeRoute, PersonalAnswerRoute, Work, open_work
from shared.web.problems import problem_responses
from shared.web.templates import template_router

router = APIRouter(tags=["officials"], route_class=EdgeRoute)
search_router = APIRouter(tags=["officials"], route_class=PersonalAnswerRoute)
bulk_router = APIRouter(tags=["officials"])

templates_router = template_router(ROSTER, "/v1/officials/import", "official_import", "officials")


class RosterFilters(BaseModel):
    agency: Annotated[
        str | None,
        Field(pattern=CODE_PATTERN, description="Cây con của cơ quan này / This body's subtree"),
    ] = None
    as_of: Annotated[
        Day | None, Field(description="Có vị trí công tác vào ngày này / Assigned on this day")
    ] = None
    status: Annotated[
        OfficialStatus | None, Field(description="Đối tượng / Status of an assignment")
    ] = None
    leadership: Annotated[
        Leadership | None, Field(description="Cấp lãnh đạo, quản lý / Leadership of an assignment")
    ] = None


async def _asked(_: Request, work: UnitOfWork, asked: RosterFilters) -> Filters:
    filters = Filters(asked.as_of, asked.agency, asked.status, asked.leadership)
    await require_list(work, filters)
    return filters


async def _page(
    work: UnitOfWork, filters: Filters, after: tuple[str] | None, limit: int
) -> tuple[list[OfficialView], tuple[str] | None]:
    items, last = await listed(work, filters, after[0] if after else None, limit)
    return items, None if last is None else (last,)


def _file_rows(official: OfficialView) -> Iterator[dict[str, Any]]:
    """One row for each assignment."""
    row = official.model_dump(mode="json")
    for assignment in row["assignments"]:
        yield {**row, "assignments": [assignment]}


add_list(
    router,
    Listing(
        path="/v1/officials",
        name="officials",
        summary="Danh sách cán bộ / Officials",
        description=(
            "Officials in the caller's scope of today, in order of code. `agency`, `status` and `leadership` speak of"
            " assignments in force on `as_of` (default today). As CSV or XLSX by `Accept`, or at"
            " `/v1/officials.csv` and `.xlsx`: the whole list, one assignment on each row, as imports take it."
        ),
        filters=RosterFilters,
        ask=_asked,
        read=_page,
        key=(str,),
        page=OfficialPage,
        file=ListFile(
            layout=ROSTER,
            summary="Xuất danh sách cán bộ / Officials as a file",
            description="One assignment on each row, in the layout that imports take.",
            rows=_file_rows,
        ),
        refusals=(NotFound,),
    ),
)


@search_router.post(
    "/v1/officials/search",
    operation_id="search_officials",
    summary="Tìm cán bộ theo tên hoặc mã / Officials by part of name or code",
    response_model=OfficialPage,
    responses=problem_responses(NotFound, InvalidRequest),
)
async def search_officials(body: SearchBody, work: Work) -> OfficialPage:
    """As the list, narrowed to those whose name or code holds `name`; in a body, because addresses are
    written down on their way. Who may not see names finds nobody by one."""
    filters = Filters(body.as_of, body.agency, body.status, body.leadership, body.name)
    await require_list(work, filters)
    key = decode_page_cursor(body.cursor, str)
    items, last = await listed(work, filters, key[0] if key else None, body.limit)
    return OfficialPage(items=items, next=None if last is None else encode_page_cursor(last))


@bulk_router.post(
    "/v1/officials/import",
    operation_id="import_officials",
    summary="Nhập danh sách cán bộ / Import a roster",
    response_class=Response,
    responses={
        200: bulk_answer(extra={"not_listed": {"type": "array", "items": {"type": "string"}}}),
        **BULK_REFUSALS,
        **problem_responses(Forbidden, NotFound),
    },
    openapi_extra=bulk_body(
        {
            "allOf": [
                {"$ref": "#/components/schemas/OfficialBody"},
                {
                    "type": "object",
                    "required": ["official_code"],
                    "properties": {"official_code": {"type": "string"}},
                },
            ]
        },
        {"official_code": "TH-000123", **EXAMPLE},
        sheets=True,
    ),
)
async def import_officials(
    request: Request,
    complete_for: Annotated[
        str | None,
        Query(
            pattern=CODE_PATTERN,
            description="Tệp là danh sách đủ của cây con này / The file is the whole roster of this subtree",
        ),
    ] = None,
    as_of: Annotated[
        Day | None, Query(description="Ngày đủ danh sách / Day it is complete on")
    ] = None,
    encoding: TextEncoding = None,
    dry_run: DryRun = False,
) -> Response:
    """A row adds or replaces the assignment (`official_code`, `agency_code`, `valid_from`) and removes
    nothing. CSV and XLSX carry one assignment per row, headed in Vietnamese or English. With
    `complete_for` the answer adds `not_listed`: officials of that subtree the file does not name."""
    require_writer(request.state.principal)
    if as_of is not None and complete_for is None:
        vi = "as_of chỉ đi với complete_for: ngày tệp là danh sách đủ"
        en = "as_of goes with complete_for only: the day on which the file is the whole roster"
        raise InvalidRequest(vi, en, errors=[FieldError("?as_of", "complete_for_needed", vi, en)])
    roster = Roster(keys_of(request), complete_for, as_of)
    if complete_for is not None:
        async with open_work(request) as work:
            await require_in_scope(work, complete_for)
    return await answer_bulk(request, roster, encoding=encoding, dry_run=dry_run)
