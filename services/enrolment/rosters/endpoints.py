"""HTTP of many officials: lists, files out, files in."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from services.enrolment.directory.agencies.scope import sees_directory
from services.enrolment.directory.agencies.use_cases import require_in_scope
from services.enrolment.directory.fields import CODE_PATTERN, Day, is_storable
from services.enrolment.directory.officials import reports, repository, use_cases
from services.enrolment.directory.officials.endpoints import keys_of, require_writer
from services.enrolment.directory.officials.official import view
from services.enrolment.directory.officials.reports import Filters
from services.enrolment.directory.officials.rows import OfficialRow
from services.enrolment.directory.officials.schemas import (
    EXAMPLE,
    OfficialPage,
    OfficialView,
    SearchBody,
)
from services.enrolment.directory.officials.visibility import confined
from services.enrolment.rosters.layout import ROSTER
from services.enrolment.rosters.use_cases import Roster
from shared.contracts.events import Leadership, OfficialStatus
from shared.contracts.problem import (
    FieldError,
    Forbidden,
    InvalidRequest,
    NotAcceptable,
    NotFound,
)
from shared.listing.files import PAGE as EXPORT_PAGE
from shared.listing.files import file_of
from shared.listing.forms import FILES, NAMED_FILES, Form, FormByName, form_asked_for
from shared.listing.pages import AnyPageCursor, PageLimit, decode_page_cursor, encode_page_cursor
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.bulk import BULK_REFUSALS, DryRun, TextEncoding, answer_bulk, bulk_answer, bulk_body
from shared.web.edge import EdgeRoute, PersonalAnswerRoute, Work, open_work
from shared.web.problems import problem_responses
from shared.web.shares import hold_share
from shared.web.templates import template_router
from shared.web.turns import Turns

router = APIRouter(tags=["officials"], route_class=EdgeRoute)
search_router = APIRouter(tags=["officials"], route_class=PersonalAnswerRoute)
bulk_router = APIRouter(tags=["officials"])

templates_router = template_router(ROSTER, "/v1/officials/import", "official_import", "officials")


AgencyFilter = Annotated[
    str | None,
    Query(pattern=CODE_PATTERN, description="Cây con của cơ quan này / This body's subtree"),
]
AsOf = Annotated[
    Day | None, Query(description="Có vị trí công tác vào ngày này / Assigned on this day")
]
StatusFilter = Annotated[
    OfficialStatus | None, Query(description="Đối tượng / Status of an assignment")
]
LeadershipFilter = Annotated[
    Leadership | None, Query(description="Cấp lãnh đạo, quản lý / Leadership of an assignment")
]


@router.get(
    "/v1/officials",
    operation_id="list_officials",
    summary="Danh sách cán bộ / Officials",
    response_model=OfficialPage,
    responses={
        200: {"content": FILES},
        **problem_responses(NotFound, NotAcceptable, InvalidRequest),
    },
)
async def list_officials(
    request: Request,
    work: Work,
    agency: AgencyFilter = None,
    as_of: AsOf = None,
    status: StatusFilter = None,
    leadership: LeadershipFilter = None,
    after: AnyPageCursor = None,
    limit: PageLimit = 100,
) -> Any:
    """Officials in the caller's scope of today, in order of code. `agency`, `status` and `leadership`
    speak of assignments in force on `as_of` (default today). As CSV or XLSX by `Accept`, or at
    `/v1/officials.csv` and `.xlsx`: the whole list, one assignment on each row, as imports take it."""
    filters = await _filters(work, agency, as_of, status, leadership)
    form = form_asked_for(request, None)
    if form is not None:
        return _export(request, filters, form)
    return await _officials(work, filters, after, limit)


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
    filters = await _filters(work, body.agency, body.as_of, body.status, body.leadership, body.name)
    return await _officials(work, filters, body.cursor, body.limit)


async def _officials(
    work: UnitOfWork, filters: Filters, cursor: str | None, limit: int
) -> OfficialPage:
    key = decode_page_cursor(cursor, str)
    items = await _page(work, filters, key[0] if key else None, limit + 1)
    more = encode_page_cursor(items[limit - 1].official_code) if len(items) > limit else None
    return OfficialPage(items=items[:limit], next=more)


@router.get(
    "/v1/officials.{form}",
    operation_id="export_officials",
    summary="Xuất danh sách cán bộ / Officials as a file",
    response_class=Response,
    responses={200: {"content": NAMED_FILES}, **problem_responses(NotFound, InvalidRequest)},
)
async def export_officials(
    form: FormByName,
    request: Request,
    work: Work,
    agency: AgencyFilter = None,
    as_of: AsOf = None,
    status: StatusFilter = None,
    leadership: LeadershipFilter = None,
) -> StreamingResponse:
    """One assignment on each row, in the layout that imports take."""
    return _export(request, await _filters(work, agency, as_of, status, leadership), form)


async def _filters(
    work: UnitOfWork,
    agency: str | None,
    as_of: dt.date | None,
    status: str | None,
    leadership: str | None,
    name: str | None = None,
) -> Filters:
    caller = work.principal
    if not sees_directory(caller) and caller.role != "official":
        raise NotFound
    if caller.role == "official":
        # A file that has begun to leave can no longer be refused.
        await use_cases.find(work, caller.official_code or "")
    if name is not None and not is_storable(name):
        vi, en = "ký tự không hợp lệ", "an invalid character"
        raise InvalidRequest(vi, en, errors=[FieldError("/name", "control_character", vi, en)])
    if agency is not None:
        await require_in_scope(work, agency)
    return Filters(as_of, agency, status, leadership, name)


async def _page(
    work: UnitOfWork, filters: Filters, after: str | None, limit: int
) -> list[OfficialView]:
    """Audited: the caller reads these persons."""
    caller = work.principal
    today = work.clock.today()
    if caller.role == "official":
        official = await use_cases.find(work, caller.official_code or "")
        return [view(official, caller, today)] if after is None else []
    codes = await reports.page(
        work.connection,
        caller,
        filters,
        today=today,
        after=after,
        limit=limit,
    )
    found = await repository.officials(work.connection, codes)
    if codes:
        work.audit("officials.listed", f"{len(codes)} officials", {"officials": codes})
    day = filters.as_of or today
    belongings = await use_cases.belongings_of(work, found.values()) if caller.bloc else {}
    return [
        view(confined(caller, found[code], belongings), caller, day)
        for code in codes
        if code in found
    ]


def _export(request: Request, filters: Filters, form: Form) -> StreamingResponse:
    hold_share(request, "export")
    return file_of(request, ROSTER, "officials", form, _rows(request, filters))


async def _rows(request: Request, filters: Filters) -> AsyncIterator[dict[str, Any]]:
    """One row per assignment; each page is read in a transaction of its own."""
    turns: Turns = request.app.state.turns
    after: str | None = None
    while True:
        async with turns.piece():
            async with open_work(request) as work:
                items = await _page(work, filters, after, EXPORT_PAGE)
            rows = [item.model_dump(mode="json") for item in items]
        for row in rows:
            for assignment in row["assignments"]:
                yield {**row, "assignments": [assignment]}
        if len(items) < EXPORT_PAGE:
            return
        after = items[-1].official_code


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
    return await answer_bulk(
        request,
        shape=OfficialRow,
        sheet=ROSTER,
        encoding=encoding,
        prepare=roster.prepare,
        take=roster.take,
        together=roster.together,
        unread=roster.unread,
        waits=roster.waits,
        finish=roster.finish if complete_for is not None else None,
        dry_run=dry_run,
    )
